"""What can be done about a break: every remedy that fits it, with what it needs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from marketplace.kit.principal import Principal
from marketplace.kit.transactions import transaction
from settlement import access, chart
from settlement.reconciliation.break_queries import BreakStory
from settlement.reconciliation.remedies import OPEN_ACCOUNTS
from settlement.reconciliation.run_models import Remedy
from settlement.reconciliation.sides import Line, Side

# Platform payouts that come to the booking and are not known to have arrived.
_PAYOUTS = """
    SELECT payout.id FROM provider_payout payout
    WHERE payout.account = 'platform' AND payout.currency = $1 AND payout.amount_minor = $2
        AND payout.status NOT IN ('failed', 'canceled') AND NOT EXISTS (
            SELECT 1 FROM ledger_transaction booked
            WHERE booked.kind = 'bank'
                AND split_part(booked.idempotency_key, ':', 3) = payout.id)
    ORDER BY payout.arrival_date, payout.id LIMIT 20
"""


@dataclass(frozen=True, slots=True)
class Choice:
    """A remedy with what `breaks.propose` wants as `against`; `named` says it to people."""

    remedy: Remedy
    against: str | None
    named: str


async def choices(*, principal: Principal, story: BreakStory) -> list[Choice]:
    """In the order in which they do the least harm."""
    access.check_viewer(principal, "see reconciliation")
    head = story.head
    found = [Choice(Remedy.ASK_AGAIN, None, "")]
    if any(line.side is Side.BANK for line in story.lines):
        async with transaction(principal, read_only=True) as connection:
            rows = await connection.fetch(_PAYOUTS, head.amount.currency, head.amount.minor)
        payouts = [row["id"] for row in rows]
        if head.suggestion and head.suggestion not in payouts:
            payouts.insert(0, head.suggestion)
        found += [Choice(Remedy.MATCH, payout, payout) for payout in payouts]
    found += _reversals(story.lines)
    if head.amount.minor != 0 and head.account != "transit":
        codes = sorted(OPEN_ACCOUNTS)
        if head.vendor_id is not None:
            codes.insert(0, chart.VENDOR_AVAILABLE_CODE)
        for remedy in (Remedy.BOOK, Remedy.WRITE_OFF):
            found += [Choice(remedy, code, f"{code} {chart.NAMES[code]}") for code in codes]
    return [*found, Choice(Remedy.FALSE_POSITIVE, None, "")]


def _reversals(lines: Sequence[Line]) -> Iterator[Choice]:
    seen = set()
    for line in lines:
        posting_id = line.item.split(":")[1]
        if line.side is Side.LEDGER and posting_id not in seen:
            seen.add(posting_id)
            yield Choice(Remedy.REVERSE, posting_id, line.reference)
