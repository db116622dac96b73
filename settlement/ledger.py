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
from settlement import chart
from settlement.chart import Account
from settlement.errors import PostingKeyReused

_KEY_REUSED = "SK101"  # raised by ledger_post(), settlement/migrations/0005_settling_rules.py
_ACCOUNTS = """
    SELECT code, id FROM ledger_account
    WHERE code = ANY($1) AND vendor_id = $2 AND currency = $3
"""
_BALANCE = "SELECT credits_minor - debits_minor FROM ledger_balance WHERE account_id = $1"


class Kind(StrEnum):
    """What a posting books."""

    CAPTURE = "capture"
    PROVIDER_FEE = "provider_fee"
    REROUTED = "rerouted"
    EARNING = "earning"
    REFUND = "refund"
    REFUND_OWED = "refund_owed"
    REFUND_RETURNED = "refund_returned"
    REFUND_RESENT = "refund_resent"
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
    DISPUTE_REGAINED = "dispute_regained"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One balanced fact to book. `key` names it for good: `<kind>:<id>`."""

    kind: Kind
    key: str
    effective_date: date
    source_type: str
    source_id: UUID
    entries: Sequence[Entry]


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
    posting = Posting(
        kind=kind,
        key=key,
        effective_date=effective_date,
        source_type=source_type,
        source_id=source_id,
        entries=entries,
    )
    return (await post_all([posting], now=now)).get(key)


async def post_all(postings: Sequence[Posting], *, now: datetime) -> dict[str, UUID]:
    """Book many in one round trip, each as `post` would; the ids of what is booked, by key.

    Balances are locked once, in one order for everybody: what belongs to one transaction is best
    booked in one call.
    """
    requests = [_request(posting, now) for posting in postings]
    requests = [request for request in requests if request["entries"]]
    if not requests:
        return {}
    try:
        rows = await connection().fetch(
            "SELECT idempotency_key, id FROM ledger_post($1::text::jsonb)", json.dumps(requests)
        )
    except PostgresError as error:
        if error.sqlstate == _KEY_REUSED:
            raise PostingKeyReused(str(error)) from error
        raise
    return {row["idempotency_key"]: row["id"] for row in rows}


async def is_posted(key: str) -> bool:
    """Whether this key is booked already; what was booked then is not computed again."""
    found = await connection().fetchval(
        "SELECT EXISTS (SELECT 1 FROM ledger_transaction WHERE idempotency_key = $1)", key
    )
    return bool(found)


async def hold_balance(account: Account, currency: str) -> int:
    """Lock a vendor's kept balance until this transaction ends; what it is, above zero for it.

    Whoever books on it waits, and what others booked is in it. Zero where nothing ever was. What
    else waits for the vendor in that currency is locked with it: a posting that moves the money on
    would otherwise lock a lower account after a higher one, and meet one that comes the other way.
    """
    assert account.vendor_id is not None, account
    codes = {*chart.VENDOR_CODES, account.code}
    rows = await connection().fetch(_ACCOUNTS, codes, account.vendor_id, currency)
    ids = {row["code"]: row["id"] for row in rows}
    if account.code not in ids:
        return 0
    await hold_balances(list(ids.values()))
    balance: int = await connection().fetchval(_BALANCE, ids[account.code])
    return balance if account.code.startswith("2") else -balance


async def hold_balances(account_ids: Sequence[int]) -> None:
    """Lock many kept balances at once, in the order in which postings lock them."""
    await connection().execute("SELECT ledger_hold_balances($1)", list(account_ids))


def _request(posting: Posting, now: datetime) -> dict[str, object]:
    said: dict[str, object] = {
        "kind": posting.kind,
        "effective_date": posting.effective_date.isoformat(),
        "source_type": posting.source_type,
        "source_id": str(posting.source_id),
        "entries": [_as_json(entry) for entry in posting.entries if entry.amount_minor != 0],
    }
    return said | {
        "id": str(new_id(now)),
        "idempotency_key": posting.key,
        "fingerprint": sha256(json.dumps(said, sort_keys=True).encode()).hexdigest(),
        "recorded_at": now.isoformat(),
    }


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
