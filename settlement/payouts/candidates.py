"""Whose money a batch looks at: those due, with a balance or with news."""

import json
from datetime import date, datetime, timedelta
from uuid import UUID

from marketplace.kit.transactions import connection
from settlement.payouts import cycles
from settlement.terms import reading
from settlement.terms.models import Schedule

# The day of the last batch that a schedule made: one on demand has another form.
_LAST = """
    SELECT max(cycle) FROM payout_batch WHERE cycle ~ '^\\d{4}-\\d\\d-\\d\\d$' AND cycle < $1
"""
# All that says whether a day has a batch to make, without a look at anybody's money.
_CALENDAR = f"""
    SELECT EXISTS (SELECT 1 FROM payout_batch WHERE cycle = $1) AS is_drafted,
        ({_LAST}) AS last,
        (SELECT jsonb_agg(DISTINCT jsonb_build_array(schedule, schedule_days)) FROM (
            SELECT DISTINCT ON (vendor_id) schedule, schedule_days FROM settlement_terms
            WHERE valid_from <= $2 ORDER BY vendor_id, version DESC) held) AS schedules
"""
_DRAFTED = "SELECT EXISTS (SELECT 1 FROM payout_batch WHERE cycle = $1)"
_WITH_MONEY = f"""
    SELECT account.id, terms.schedule, terms.schedule_days
    FROM ledger_account account
    JOIN ledger_balance balance ON balance.account_id = account.id
    CROSS JOIN LATERAL ({reading.HOLDING.format(vendor="account.vendor_id", at="$1")}) terms
    WHERE account.code = '2120' AND account.vendor_id IS NOT NULL
        AND (balance.credits_minor <> balance.debits_minor OR EXISTS (
            SELECT 1 FROM ledger_entry entry WHERE entry.account_id = account.id AND NOT EXISTS (
                SELECT 1 FROM statement_line line WHERE line.entry_id = entry.id)))
    ORDER BY account.id
"""
_OF_VENDOR = """
    SELECT id FROM ledger_account WHERE code = '2120' AND vendor_id = $1 ORDER BY id
"""
# Every currency it earns in; where nothing was ever available yet, by what waits.
_EARNING_IN = """
    SELECT DISTINCT ON (currency) id FROM ledger_account
    WHERE vendor_id = $1 AND code IN ('2110', '2120') ORDER BY currency, code DESC
"""


async def is_batch_due(day: date, *, now: datetime) -> bool:
    """Whether anybody's terms pay on a day that has no batch yet, or on one that had none."""
    row = await connection().fetchrow(_CALENDAR, day.isoformat(), now)
    after = _after(row["last"], day)
    return not row["is_drafted"] and any(
        cycles.is_due_within(Schedule(schedule), days, after=after, until=day)
        for schedule, days in json.loads(row["schedules"])
    )


async def due_on(day: date, *, now: datetime) -> list[int]:
    """Accounts to look at on a day, in order; days that no batch was made on are made up for."""
    last: str | None = await connection().fetchval(_LAST, day.isoformat())
    after = _after(last, day)
    rows = await connection().fetch(_WITH_MONEY, now)
    return [
        row["id"]
        for row in rows
        if cycles.is_due_within(
            Schedule(row["schedule"]), json.loads(row["schedule_days"]), after=after, until=day
        )
    ]


def _after(last: str | None, day: date) -> date:
    """The day of the last batch; without one, what came before this day is not made up for."""
    return day - timedelta(days=1) if last is None else date.fromisoformat(last)


async def of_vendor(vendor_id: UUID) -> list[int]:
    """A vendor's available accounts, one for each currency."""
    rows = await connection().fetch(_OF_VENDOR, vendor_id)
    return [row["id"] for row in rows]


async def of_earner(vendor_id: UUID) -> list[int]:
    """An account for each currency that a vendor earns in: what is available, or what waits."""
    rows = await connection().fetch(_EARNING_IN, vendor_id)
    return [row["id"] for row in rows]


async def is_drafted(day: date) -> bool:
    """Whether the day has its batch."""
    found: bool = await connection().fetchval(_DRAFTED, day.isoformat())
    return found
