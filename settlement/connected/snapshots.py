"""Stripe's objects, read into ours."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from settlement.connected.gateway import (
    AccountSnapshot,
    BalanceSnapshot,
    BalanceTransactionSnapshot,
    DisputeSnapshot,
    PayoutSnapshot,
    ReversalSnapshot,
    TransferSnapshot,
)

Found = Mapping[str, Any]  # an object of Stripe's, as JSON


def account(found: Found) -> AccountSnapshot:
    needed = found.get("requirements") or {}
    banks = (found.get("external_accounts") or {}).get("data") or []
    bank = banks[0] if banks else {}
    return AccountSnapshot(
        account_id=found["id"],
        country=found["country"],
        details_submitted=found["details_submitted"],
        transfers_enabled=(found.get("capabilities") or {}).get("transfers") == "active",
        payouts_enabled=found["payouts_enabled"],
        requirements=tuple(needed.get("currently_due") or ()),
        disabled_reason=needed.get("disabled_reason"),
        bank_id=bank.get("id"),
        bank_name=bank.get("bank_name"),
        bank_last4=bank.get("last4"),
        metadata=found.get("metadata") or {},
    )


def transfer(found: Found) -> TransferSnapshot:
    return TransferSnapshot(
        transfer_id=found["id"],
        amount_minor=found["amount"],
        reversed_minor=found["amount_reversed"],
        currency=found["currency"].upper(),
        destination=_id(found["destination"]) or "",
        balance_transaction_id=_id(found.get("balance_transaction")),
        metadata=found.get("metadata") or {},
    )


def reversal(found: Found) -> ReversalSnapshot:
    return ReversalSnapshot(
        reversal_id=found["id"],
        transfer_id=_id(found["transfer"]) or "",
        amount_minor=found["amount"],
        currency=found["currency"].upper(),
        balance_transaction_id=_id(found.get("balance_transaction")),
        metadata=found.get("metadata") or {},
    )


def payout(found: Found) -> PayoutSnapshot:
    trace = found.get("trace_id") or {}
    return PayoutSnapshot(
        payout_id=found["id"],
        status=found["status"],
        amount_minor=found["amount"],
        currency=found["currency"].upper(),
        arrival_date=_at(found["arrival_date"]).date(),
        created_at=_at(found["created"]),
        is_automatic=bool(found.get("automatic")),
        balance_transaction_id=_id(found.get("balance_transaction")),
        failure_balance_transaction_id=_id(found.get("failure_balance_transaction")),
        failure_code=found.get("failure_code"),
        failure_message=found.get("failure_message"),
        trace_id=trace.get("value"),
        reversed_by=_id(found.get("reversed_by")),
        original_payout=_id(found.get("original_payout")),
        metadata=found.get("metadata") or {},
    )


def balance_transaction(found: Found) -> BalanceTransactionSnapshot:
    return BalanceTransactionSnapshot(
        balance_transaction_id=found["id"],
        type=found["type"],
        reporting_category=found["reporting_category"],
        amount_minor=found["amount"],
        fee_minor=found["fee"],
        net_minor=found["net"],
        currency=found["currency"].upper(),
        source=_id(found.get("source")),
        description=found.get("description"),
        created_at=_at(found["created"]),
        available_on=_at(found["available_on"]),
        status=found["status"],
    )


def balance(found: Found) -> BalanceSnapshot:
    return BalanceSnapshot(
        available=_by_currency(found.get("available") or ()),
        pending=_by_currency(found.get("pending") or ()),
    )


def dispute(found: Found) -> DisputeSnapshot:
    due_by = (found.get("evidence_details") or {}).get("due_by")
    return DisputeSnapshot(
        dispute_id=found["id"],
        charge_id=_id(found["charge"]) or "",
        intent_id=_id(found.get("payment_intent")),
        status=found["status"],
        reason=found["reason"],
        amount_minor=found["amount"],
        currency=found["currency"].upper(),
        created_at=_at(found["created"]),
        evidence_due_at=None if due_by is None else _at(due_by),
        balance_transactions=tuple(
            balance_transaction(one) for one in found.get("balance_transactions") or ()
        ),
        metadata=found.get("metadata") or {},
    )


def _by_currency(parts: Any) -> dict[str, int]:
    totals: dict[str, int] = {}
    for part in parts:
        currency = part["currency"].upper()
        totals[currency] = totals.get(currency, 0) + part["amount"]
    return totals


def _id(value: Any) -> str | None:
    """The id, whether Stripe sent it alone or the object with it."""
    found: str | None = value["id"] if isinstance(value, Mapping) else value
    return found


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
