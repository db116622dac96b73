"""Batches as the tests of drafting make them: on a Monday, and on Mondays after it."""

from datetime import date, datetime, timedelta
from uuid import UUID

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection
from settlement.payouts import drafting
from settlement.payouts.models import Payout, SkippedPayout
from tests.payouts.money import NOW, credit

MONDAY = NOW.date()
WEEK = timedelta(days=7)


async def draft(day: date = MONDAY, *, now: datetime = NOW) -> UUID | None:
    return await drafting.draft_cycle(day=day, principal=SYSTEM, now=now)


async def next_week(weeks: int = 1) -> UUID | None:
    return await draft(MONDAY + weeks * WEEK, now=NOW + weeks * WEEK)


async def skipped() -> list[tuple[str, int, str]]:
    return [(row.reason, row.available_minor, row.detail) for row in await SkippedPayout.all()]


async def pay_all() -> None:
    """As if every payout had been made: its money has left the available balance."""
    for payout in await Payout.filter(state="draft"):
        await credit([payout.vendor_id], -payout.amount_minor, currency=payout.currency)
    await connection().execute(
        "UPDATE payout SET state = 'paid', transfer_id = 'tr_' || id, paid_at = $1,"
        " provider_payout_id = 'po_' || id WHERE state = 'draft'",
        NOW,
    )
