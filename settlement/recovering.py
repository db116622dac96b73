"""A vendor whose available balance is below zero owes us: how that is made good, step by step.

Its own reserve first; then a payout that did not arrive is taken back from its balance at the
provider; then the next earnings pay it by themselves, because nothing is paid out below zero. What
is left after that people decide: a receivable, and at last a write-off (settlement.adjustments).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.money import Money
from marketplace.kit.principal import SYSTEM, Principal
from marketplace.kit.transactions import connection, transaction
from settlement import access, chart, ledger
from settlement.earnings import reserving
from settlement.ledger import Posting
from settlement.payouts import cancelling

BATCH = 50
REASON = "The vendor owes more than it has available"
_DEBTORS = """
    SELECT account.vendor_id, vendor.name, account.currency,
        balance.debits_minor - balance.credits_minor AS owed_minor,
        coalesce((SELECT sum(amount_minor - released_minor - used_minor)
            FROM reserve_hold hold WHERE (hold.vendor_id, hold.currency)
                = (account.vendor_id, account.currency)), 0)::bigint AS reserve_minor,
        coalesce((SELECT other.debits_minor - other.credits_minor FROM ledger_balance other
            JOIN ledger_account kept ON kept.id = other.account_id
            WHERE (kept.code, kept.vendor_id, kept.currency)
                = ('1140', account.vendor_id, account.currency)), 0)::bigint AS at_provider_minor,
        coalesce((SELECT other.debits_minor - other.credits_minor FROM ledger_balance other
            JOIN ledger_account kept ON kept.id = other.account_id
            WHERE (kept.code, kept.vendor_id, kept.currency)
                = ('1310', account.vendor_id, account.currency)), 0)::bigint AS receivable_minor
    FROM ledger_account account
    JOIN ledger_balance balance ON balance.account_id = account.id
    JOIN vendor ON vendor.id = account.vendor_id
    WHERE account.code = '2120'
"""
_OWING = f"""
    SELECT * FROM ({_DEBTORS}) debtor WHERE owed_minor > 0 OR receivable_minor > 0
    ORDER BY owed_minor DESC, vendor_id, currency LIMIT $1
"""
_DUE = f"""
    SELECT vendor_id, currency, reserve_minor FROM ({_DEBTORS}) debtor
    WHERE owed_minor > 0 AND (reserve_minor > 0 OR EXISTS (SELECT 1 FROM payout
        WHERE payout.vendor_id = debtor.vendor_id AND payout.currency = debtor.currency
            AND state IN ('failed', 'returned') AND cancel_requested_at IS NULL
            AND found_payout_id IS NULL))
    ORDER BY vendor_id, currency LIMIT $1
"""
_STRANDED = """
    SELECT id FROM payout WHERE vendor_id = $1 AND currency = $2
        AND state IN ('failed', 'returned') AND cancel_requested_at IS NULL
        AND found_payout_id IS NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Debtor:
    """What a vendor owes us, and what there is to take it from."""

    vendor_id: UUID
    vendor_name: str
    owed: Money
    reserve: Money
    at_provider: Money
    receivable: Money


async def debtors(*, principal: Principal, most: int = 200) -> Sequence[Debtor]:
    """Vendors below zero or with a receivable, the largest debt first."""
    access.check_viewer(principal, "see what vendors owe")
    async with transaction(principal, read_only=True):
        rows = await connection().fetch(_OWING, most)
    return [_debtor(row) for row in rows]


async def recover_due(*, now: datetime, limit: int = BATCH) -> int:
    """Take what vendors owe from their reserve, then from payouts that did not arrive; how many.

    Safe to repeat and beside itself: each looks again under its locks.
    """
    async with transaction(SYSTEM, read_only=True) as inside:
        due = await inside.fetch(_DUE, limit)
    for row in due:
        left = await _from_reserve(row["vendor_id"], row["currency"], now=now)
        if left > 0:
            await _from_stranded(row["vendor_id"], row["currency"], now=now)
    return len(due)


async def _from_reserve(vendor_id: UUID, currency: str, *, now: datetime) -> int:
    """17: those released soonest first, and no more than is owed; what is owed still."""
    async with transaction(SYSTEM):
        # Reserves before balances, as whoever releases or uses them does.
        reserves = await reserving.lock_of_vendor(vendor_id, currency)
        into = chart.vendor_available(vendor_id)
        owed = -await ledger.hold_balance(into, currency)
        taken = []
        for reserve in reserves:
            amount = min(reserve.left_minor, owed)
            if amount > 0:
                taken.append((reserve, amount))
                owed -= amount
        if taken:
            key = f"recovery:{new_id(now)}"
            postings: list[Posting] = await reserving.use(taken, into=into, key=key, now=now)
            await ledger.post_all(postings, now=now)
        return owed


async def _from_stranded(vendor_id: UUID, currency: str, *, now: datetime) -> None:
    """38: money that waits on the vendor's balance at the provider comes back to ours."""
    async with transaction(SYSTEM, read_only=True) as inside:
        rows = await inside.fetch(_STRANDED, vendor_id, currency)
    for row in rows:
        await cancelling.cancel(principal=SYSTEM, payout_id=row["id"], reason=REASON, now=now)


def _debtor(row: Any) -> Debtor:
    def money(name: str) -> Money:
        return Money(max(row[f"{name}_minor"], 0), row["currency"])

    return Debtor(
        vendor_id=row["vendor_id"],
        vendor_name=row["name"],
        owed=money("owed"),
        reserve=money("reserve"),
        at_provider=money("at_provider"),
        receivable=money("receivable"),
    )
