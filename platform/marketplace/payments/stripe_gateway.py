"""Stripe over HTTP, through its own library; the sandbox differs by its address alone."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import stripe

from marketplace.payments.gateway import (
    IntentSnapshot,
    Params,
    RefundSnapshot,
)
from marketplace.payments.stripe_connection import StripeConnection, asking, looking_up

CHARGE = "latest_charge.balance_transaction"  # so that the fee comes with the answer
# Stripe's clock and ours may differ a little when a search begins at a time of ours.
CLOCKS_DIFFER = timedelta(minutes=5)


class StripeGateway:
    """One for a process; `close` gives its connections back."""

    def __init__(self, *, api_key: str, api_base: str, timeout_seconds: float = 20.0) -> None:
        self._connection = StripeConnection(
            api_key=api_key, api_base=api_base, timeout_seconds=timeout_seconds
        )
        self._api = self._connection.api

    async def close(self) -> None:
        await self._connection.close()

    async def create_intent(self, params: Params, key: str) -> IntentSnapshot:
        # The parameters come out of an operation's row; Stripe checks them, not the type.
        asked = cast(Any, {**params, "expand": [CHARGE]})
        with asking(_intent_left_by):
            intent = await self._api.payment_intents.create_async(asked, {"idempotency_key": key})
            return _intent(intent.to_dict())

    async def retrieve_intent(self, intent_id: str) -> IntentSnapshot:
        with looking_up():
            found = await self._api.payment_intents.retrieve_async(intent_id, {"expand": [CHARGE]})
            return _intent(found.to_dict())

    async def cancel_intent(self, intent_id: str, key: str) -> IntentSnapshot:
        with asking(_intent_left_by):
            canceled = await self._api.payment_intents.cancel_async(
                intent_id,
                {"cancellation_reason": "abandoned", "expand": [CHARGE]},
                {"idempotency_key": key},
            )
            return _intent(canceled.to_dict())

    async def find_intent(
        self, attempt_id: UUID, *, created_from: datetime
    ) -> IntentSnapshot | None:
        """Reads through the intents made since; Stripe's search by metadata lags a minute."""
        since = int((created_from - CLOCKS_DIFFER).timestamp())
        with looking_up():
            page = await self._api.payment_intents.list_async(
                {"created": {"gte": since}, "limit": 100}
            )
            async for intent in page.auto_paging_iter():
                if intent.to_dict()["metadata"].get("attempt_id") == str(attempt_id):
                    return await self.retrieve_intent(intent.id)
        return None

    async def create_refund(self, params: Params, key: str) -> RefundSnapshot:
        with asking(_intent_left_by):
            refund = await self._api.refunds.create_async(
                cast(Any, dict(params)),  # as in create_intent
                {"idempotency_key": key},
            )
            return _refund(refund.to_dict())

    async def retrieve_refund(self, refund_id: str) -> RefundSnapshot:
        with looking_up():
            return _refund((await self._api.refunds.retrieve_async(refund_id)).to_dict())

    async def find_refund(
        self, intent_id: str, refund_id: UUID, generation: int
    ) -> RefundSnapshot | None:
        with looking_up():
            page = await self._api.refunds.list_async({"payment_intent": intent_id, "limit": 100})
            async for refund in page.auto_paging_iter():
                found = _refund(refund.to_dict())
                is_ours = found.metadata.get("refund_id") == str(refund_id)
                if is_ours and found.generation == generation:
                    return found
        return None


def _intent_left_by(declined: stripe.CardError) -> IntentSnapshot | None:
    left = getattr(declined.error, "payment_intent", None)
    return None if left is None else _intent(left.to_dict())


def _intent(found: Mapping[str, Any]) -> IntentSnapshot:
    charge = found.get("latest_charge")
    details: Mapping[str, Any] = charge if isinstance(charge, Mapping) else {"id": charge}
    booked = details.get("balance_transaction")
    failure = found.get("last_payment_error") or {}
    return IntentSnapshot(
        intent_id=found["id"],
        status=found["status"],
        amount_minor=found["amount"],
        amount_received_minor=found["amount_received"],
        currency=found["currency"].upper(),
        charge_id=details["id"],
        balance_transaction_id=booked["id"] if isinstance(booked, Mapping) else None,
        fee_minor=_fee(booked, found["currency"]),
        next_action_url=_url(found.get("next_action")),
        failure_code=failure.get("decline_code") or failure.get("code"),
        failure_message=failure.get("message"),
        card_country=_card_country(details),
        metadata=found.get("metadata") or {},
    )


def _card_country(charge: Mapping[str, Any]) -> str | None:
    """Of the bank that issued it; unknown of what is no card."""
    card = (charge.get("payment_method_details") or {}).get("card") or {}
    country: str | None = card.get("country")
    return country


def _fee(booked: object, currency: str) -> int | None:
    """The fee in the sale's currency; unknown where Stripe settles in another one."""
    if not isinstance(booked, Mapping) or booked["currency"] != currency:
        return None
    return int(booked["fee"])


def _url(action: Mapping[str, Any] | None) -> str | None:
    redirect = (action or {}).get("redirect_to_url")
    return redirect["url"] if redirect else None


def _refund(found: Mapping[str, Any]) -> RefundSnapshot:
    return RefundSnapshot(
        refund_id=found["id"],
        status=found["status"] or "pending",
        amount_minor=found["amount"],
        failure_reason=found.get("failure_reason"),
        metadata=found.get("metadata") or {},
    )
