"""Stripe's books over its own library; the sandbox differs by its address alone."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from marketplace.payments.stripe_connection import StripeConnection, looking_up
from settlement.reconciliation.provider_books import BookedPayout, BookLine, Held

PAGE = 100
# Where an object that a line is about names the one behind it.
BEHIND = ("source_transfer", "transfer", "original_payout")


class StripeBooks:
    """One for a process; `close` gives its connections back."""

    def __init__(self, *, api_key: str, api_base: str, timeout_seconds: float = 20.0) -> None:
        self._connection = StripeConnection(
            api_key=api_key, api_base=api_base, timeout_seconds=timeout_seconds
        )
        self._api = self._connection.api

    async def close(self) -> None:
        await self._connection.close()

    async def lines(
        self, account: str | None, *, created_from: datetime | None
    ) -> AsyncIterator[BookLine]:
        asked: Any = {"limit": PAGE, "expand": ["data.source"]} | _since(created_from)
        with looking_up():
            page = await self._api.balance_transactions.list_async(asked, _at(account))
            async for found in page.auto_paging_iter():
                yield _line(found.to_dict())

    async def payouts(
        self, account: str | None, *, created_from: datetime | None
    ) -> AsyncIterator[BookedPayout]:
        asked: Any = {"limit": PAGE} | _since(created_from)
        with looking_up():
            page = await self._api.payouts.list_async(asked, _at(account))
            async for found in page.auto_paging_iter():
                yield _payout(found.to_dict())

    async def balance(self, account: str | None) -> Sequence[Held]:
        with looking_up():
            found = (await self._api.balance.retrieve_async({}, _at(account))).to_dict()
        available, pending = _by_currency(found, "available"), _by_currency(found, "pending")
        reserved = _by_currency(found, "connect_reserved")
        return [
            Held(
                currency=currency.upper(),
                available_minor=available.get(currency, 0),
                pending_minor=pending.get(currency, 0),
                reserved_minor=reserved.get(currency, 0),
            )
            for currency in sorted(available.keys() | pending.keys() | reserved.keys())
        ]


def _since(created_from: datetime | None) -> dict[str, object]:
    return {} if created_from is None else {"created": {"gte": int(created_from.timestamp())}}


def _at(account: str | None) -> Any:
    return {} if account is None else {"stripe_account": account}


def _by_currency(found: Mapping[str, Any], name: str) -> dict[str, int]:
    return {one["currency"]: one["amount"] for one in found.get(name) or ()}


def _line(found: Mapping[str, Any]) -> BookLine:
    source = found["source"]
    details: Mapping[str, Any] = source if isinstance(source, Mapping) else {"id": source}
    rate = found.get("exchange_rate")
    return BookLine(
        id=found["id"],
        type=found["type"],
        category=found["reporting_category"],
        amount_minor=found["amount"],
        fee_minor=found["fee"],
        net_minor=found["net"],
        currency=found["currency"].upper(),
        source_id=details["id"],
        related_id=_behind(details),
        description=found["description"],
        exchange_rate=None if rate is None else str(rate),
        available_at=_moment(found["available_on"]),
        created_at=_moment(found["created"]),
        metadata=(details.get("metadata") or {}) | _intent(details),
    )


def _intent(details: Mapping[str, Any]) -> dict[str, str]:
    """What took the money, beside what we wrote there: a charge is asked about by its intent."""
    intent = details.get("payment_intent")
    return {"payment_intent": intent} if isinstance(intent, str) else {}


def _behind(details: Mapping[str, Any]) -> str | None:
    """A payment's refund names its payment, which was there before it and names the transfer."""
    names = [details.get(name) for name in BEHIND]
    if details.get("source_transfer_reversal"):
        names.append(details.get("charge"))
    found = next((name for name in names if name), None)
    return found["id"] if isinstance(found, Mapping) else found


def _payout(found: Mapping[str, Any]) -> BookedPayout:
    trace = found.get("trace_id") or {}
    return BookedPayout(
        id=found["id"],
        amount_minor=found["amount"],
        currency=found["currency"].upper(),
        status=found["status"],
        arrival_date=_moment(found["arrival_date"]).date(),
        trace_id=trace.get("value"),
        failure_code=found["failure_code"],
        created_at=_moment(found["created"]),
        metadata=found.get("metadata") or {},
    )


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
