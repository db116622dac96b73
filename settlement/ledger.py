"""The ledger: money goes from somewhere to somewhere, and nothing written is ever changed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from asyncpg import PostgresError

from marketplace.kit.ids import new_id
from marketplace.kit.transactions import connection
from settlement.chart import Account
from settlement.errors import PostingKeyReused

_KEY_REUSED = "SK101"  # raised by ledger_post(), settlement/migrations/0003_access.py


class Kind(StrEnum):
    """What a posting books."""

    CAPTURE = "capture"
    PROVIDER_FEE = "provider_fee"
    EARNING = "earning"
    REFUND = "refund"
    REFUND_OWED = "refund_owed"
    REFUND_RETURNED = "refund_returned"
    RESERVE_HELD = "reserve_held"
    RESERVE_RELEASED = "reserve_released"
    RESERVE_USED = "reserve_used"
    MATURED = "matured"
    HOLD = "hold"
    HOLD_RELEASED = "hold_released"
    PAYOUT_RESERVED = "payout_reserved"
    PAYOUT_CANCELLED = "payout_cancelled"
    TRANSFER = "transfer"
    TRANSFER_REVERSAL = "transfer_reversal"
    PAYOUT_SENT = "payout_sent"
    PAYOUT_FAILED = "payout_failed"
    PAYOUT_PAID = "payout_paid"
    PAYOUT_RETURNED = "payout_returned"
    DISPUTE = "dispute"
    DISPUTE_WON = "dispute_won"
    DISPUTE_LOST = "dispute_lost"
    ADJUSTMENT = "adjustment"
    PLATFORM_PAYOUT = "platform_payout"
    BANK = "bank"
    PROVIDER_RESERVE = "provider_reserve"
    SUSPENSE = "suspense"
    CURRENCY = "currency"


class Purpose(StrEnum):
    """What one entry of it is for."""

    PAYMENT = "payment"
    FEE = "fee"
    SALE = "sale"
    DISCOUNT = "discount"
    TAX = "tax"
    COMMISSION = "commission"
    COMMISSION_VAT = "commission_vat"
    RESERVE = "reserve"
    MATURITY = "maturity"
    HOLD = "hold"
    PAYOUT = "payout"
    DISPUTE = "dispute"
    DISPUTE_FEE = "dispute_fee"
    PENALTY = "penalty"
    GOODWILL = "goodwill"
    CORRECTION = "correction"
    PRIOR_PERIOD = "prior_period"
    CURRENCY = "currency"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Minor units into (debit, above zero) or out of (credit, below zero) an account."""

    account: Account
    amount_minor: int
    currency: str
    purpose: Purpose
    order_id: UUID | None = None
    sub_order_id: UUID | None = None


async def post(
    *,
    kind: Kind,
    key: str,
    effective_date: date,
    source_type: str,
    source_id: UUID,
    entries: Sequence[Entry],
    now: datetime,
) -> UUID | None:
    """Book entries once, in the caller's transaction; the same key again answers with the first.

    Entries of zero are left out; when nothing is left, nothing is booked and the answer is None.
    Accounts, a vendor's balance and the month are made when a posting is the first to need them.
    PostgreSQL refuses at commit what does not balance in each currency. Raises PostingKeyReused
    when the key was used for another posting.
    """
    said = {
        "kind": kind,
        "effective_date": effective_date.isoformat(),
        "source_type": source_type,
        "source_id": str(source_id),
        "entries": [_as_json(entry) for entry in entries if entry.amount_minor != 0],
    }
    if not said["entries"]:
        return None
    request = said | {
        "id": str(new_id(now)),
        "idempotency_key": key,
        "fingerprint": sha256(json.dumps(said, sort_keys=True).encode()).hexdigest(),
        "recorded_at": now.isoformat(),
    }
    try:
        posted = await connection().fetchval(
            "SELECT ledger_post($1::text::jsonb)", json.dumps(request)
        )
    except PostgresError as error:
        if error.sqlstate == _KEY_REUSED:
            raise PostingKeyReused(key) from error
        raise
    assert isinstance(posted, UUID)
    return posted


def _as_json(entry: Entry) -> dict[str, str | int | None]:
    return {
        "code": entry.account.code,
        "kind": entry.account.kind,
        "vendor_id": _text(entry.account.vendor_id),
        "currency": entry.currency,
        "amount_minor": entry.amount_minor,
        "purpose": entry.purpose,
        "order_id": _text(entry.order_id),
        "sub_order_id": _text(entry.sub_order_id),
    }


def _text(identifier: UUID | None) -> str | None:
    return None if identifier is None else str(identifier)
