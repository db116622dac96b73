"""The half of Stripe that pays vendors, over its own library; the sandbox differs by address."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import stripe

from marketplace.payments import stripe_webhooks
from marketplace.payments.gateway import Params
from marketplace.payments.inbox import ReceivedEvent
from marketplace.payments.stripe_connection import StripeConnection, asking, looking_up
from settlement.connected import snapshots
from settlement.connected.gateway import (
    AccountSnapshot,
    BalanceSnapshot,
    BalanceTransactionSnapshot,
    DisputeSnapshot,
    PayoutSnapshot,
    ReversalSnapshot,
    TransferSnapshot,
)

PAGE = 100
# Stripe's clock and ours may differ a little when a search begins at a time of ours.
CLOCKS_DIFFER = timedelta(minutes=5)


class StripeConnect:
    """One for a process; `close` gives its connections back."""

    def __init__(self, *, api_key: str, api_base: str, timeout_seconds: float = 20.0) -> None:
        self._connection = StripeConnection(
            api_key=api_key, api_base=api_base, timeout_seconds=timeout_seconds
        )
        self._api = self._connection.api

    async def close(self) -> None:
        await self._connection.close()

    # Parameters come out of an operation's row; Stripe checks them, not the type: hence the casts.

    async def create_account(self, params: Params, key: str) -> AccountSnapshot:
        with asking():
            made = await self._api.accounts.create_async(cast(Any, dict(params)), _keyed(key))
            return snapshots.account(made.to_dict())

    async def retrieve_account(self, account: str) -> AccountSnapshot:
        with looking_up():
            found = await self._api.accounts.retrieve_async(account)
            return snapshots.account(found.to_dict())

    async def find_account(
        self, vendor_id: UUID, *, created_from: datetime
    ) -> AccountSnapshot | None:
        with looking_up():
            page = await self._api.accounts.list_async({"created": _since(created_from)})
            async for one in page.auto_paging_iter():
                found = snapshots.account(one.to_dict())
                if found.metadata.get("vendor_id") == str(vendor_id):
                    return found
        return None

    async def account_link(self, account: str, *, return_url: str, refresh_url: str) -> str:
        with asking():
            link = await self._api.account_links.create_async(
                {
                    "account": account,
                    "refresh_url": refresh_url,
                    "return_url": return_url,
                    "type": "account_onboarding",
                }
            )
            return link.url

    async def update_balance_settings(self, account: str, params: Params, key: str) -> None:
        with asking():
            await self._api.balance_settings.update_async(
                cast(Any, dict(params)), cast(Any, {**_on(account), **_keyed(key)})
            )

    async def create_transfer(self, params: Params, key: str) -> TransferSnapshot:
        with asking():
            made = await self._api.transfers.create_async(cast(Any, dict(params)), _keyed(key))
            return snapshots.transfer(made.to_dict())

    async def retrieve_transfer(self, transfer_id: str) -> TransferSnapshot:
        with looking_up():
            found = await self._api.transfers.retrieve_async(transfer_id)
            return snapshots.transfer(found.to_dict())

    async def find_transfer(self, transfer_group: str) -> TransferSnapshot | None:
        with looking_up():
            page = await self._api.transfers.list_async(
                {"transfer_group": transfer_group, "limit": PAGE}
            )
            async for one in page.auto_paging_iter():
                found = snapshots.transfer(one.to_dict())
                if found.reversed_minor < found.amount_minor:
                    return found
        return None

    async def reverse_transfer(
        self, transfer_id: str, params: Params, key: str
    ) -> ReversalSnapshot:
        with asking():
            made = await self._api.transfers.reversals.create_async(
                transfer_id, cast(Any, dict(params)), _keyed(key)
            )
            return snapshots.reversal(made.to_dict())

    async def find_reversal(self, transfer_id: str, *, souk: str) -> ReversalSnapshot | None:
        with looking_up():
            page = await self._api.transfers.reversals.list_async(transfer_id, {"limit": PAGE})
            async for one in page.auto_paging_iter():
                found = snapshots.reversal(one.to_dict())
                if found.metadata.get("souk") == souk:
                    return found
        return None

    async def create_payout(self, account: str | None, params: Params, key: str) -> PayoutSnapshot:
        with asking():
            made = await self._api.payouts.create_async(
                cast(Any, dict(params)), cast(Any, {**_on(account), **_keyed(key)})
            )
            return snapshots.payout(made.to_dict())

    async def retrieve_payout(self, account: str | None, payout_id: str) -> PayoutSnapshot:
        with looking_up():
            found = await self._api.payouts.retrieve_async(payout_id, None, _on(account))
            return snapshots.payout(found.to_dict())

    async def find_payout(
        self, account: str | None, *, souk: str, attempt: int, created_from: datetime
    ) -> PayoutSnapshot | None:
        async for found in self.list_payouts(account, created_from=created_from):
            named = (found.metadata.get("souk"), found.metadata.get("attempt"))
            if named == (souk, str(attempt)):
                return found
        return None

    async def list_payouts(
        self, account: str | None, *, created_from: datetime
    ) -> AsyncIterator[PayoutSnapshot]:
        with looking_up():
            page = await self._api.payouts.list_async(
                {"created": _since(created_from), "limit": PAGE}, _on(account)
            )
            async for one in page.auto_paging_iter():
                yield snapshots.payout(one.to_dict())

    async def retrieve_dispute(self, dispute_id: str) -> DisputeSnapshot:
        with looking_up():
            found = await self._api.disputes.retrieve_async(dispute_id)
            return snapshots.dispute(found.to_dict())

    async def submit_evidence(
        self, dispute_id: str, evidence: Mapping[str, str], key: str
    ) -> DisputeSnapshot:
        with asking():
            changed = await self._api.disputes.update_async(
                dispute_id, {"evidence": cast(Any, dict(evidence)), "submit": True}, _keyed(key)
            )
            return snapshots.dispute(changed.to_dict())

    async def close_dispute(self, dispute_id: str, key: str) -> DisputeSnapshot:
        with asking():
            closed = await self._api.disputes.close_async(dispute_id, {}, _keyed(key))
            return snapshots.dispute(closed.to_dict())

    async def retrieve_balance(self, account: str | None) -> BalanceSnapshot:
        with looking_up():
            found = await self._api.balance.retrieve_async(None, _on(account))
            return snapshots.balance(found.to_dict())

    async def list_balance_transactions(
        self, account: str | None, *, created_from: datetime
    ) -> AsyncIterator[BalanceTransactionSnapshot]:
        with looking_up():
            page = await self._api.balance_transactions.list_async(
                {"created": _since(created_from), "limit": PAGE}, _on(account)
            )
            async for one in page.auto_paging_iter():
                yield snapshots.balance_transaction(one.to_dict())

    async def list_events(
        self, account: str | None, *, created_from: datetime
    ) -> AsyncIterator[list[ReceivedEvent]]:
        with looking_up():
            page = await self._api.events.list_async(
                {"created": _since(created_from), "limit": PAGE}, _on(account)
            )
            yield _events(page)
            while page.has_more:
                page = await page.next_page_async()
                yield _events(page)


def _events(page: stripe.ListObject[stripe.Event]) -> list[ReceivedEvent]:
    return [stripe_webhooks.event_of(event.to_dict()) for event in page.data]


def _keyed(key: str) -> Any:
    return {"idempotency_key": key}


def _on(account: str | None) -> Any:
    """Acting as a connected account, or as the platform itself."""
    return {} if account is None else {"stripe_account": account}


def _since(moment: datetime) -> Any:
    return {"gte": int((moment - CLOCKS_DIFFER).timestamp())}
