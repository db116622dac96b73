"""The platform's money has arrived at its bank: posting 30."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.kit.transactions import connection
from settlement import chart
from settlement.ledger import Kind, Purpose
from settlement.reconciliation import booking
from settlement.reconciliation.booking import Source
from settlement.reconciliation.errors import RemedyDoesNotFit

_LINES = "SELECT * FROM bank_line WHERE id = ANY($1) ORDER BY booked_on, id"
_AMOUNTS = """
    SELECT id, amount_minor FROM provider_payout WHERE id = ANY($1) AND account = 'platform'
    ORDER BY id
"""


async def book_arrival(
    *, line_ids: Sequence[UUID], payout_ids: Sequence[str], now: datetime
) -> None:
    """One booking of one or several payouts, or several bookings of one; all amounts add up.

    In the caller's transaction; once, however often it is called.
    """
    lines, payouts = await _both(line_ids, payout_ids)
    assert min(len(lines), len(payouts)) == 1, (line_ids, payout_ids)
    pairs = [(line, payout) for line in lines for payout in payouts]
    of = 0 if len(lines) > 1 else 1  # the side that there are several of says how much
    for pair in pairs:
        line, payout = pair
        amount = pair[of]["amount_minor"]
        await booking.book(
            kind=Kind.BANK,
            key=f"bank:{line['id']}:{payout['id']}",
            day=line["booked_on"],
            source=Source("bank_line", line["id"]),
            currency=line["currency"],
            moves={chart.BANK: amount, chart.PLATFORM_IN_TRANSIT: -amount},
            purpose=Purpose.PAYOUT,
            now=now,
        )


async def check_fits(line_ids: Sequence[UUID], payout_ids: Sequence[str]) -> None:
    """Refuses (RemedyDoesNotFit) payouts that nobody knows or that do not come to the bookings,
    and several of them for several bookings."""
    lines, payouts = await _both(line_ids, payout_ids)
    arrived = sum(line["amount_minor"] for line in lines)
    sent = sum(payout["amount_minor"] for payout in payouts)
    if (
        len(payouts) != len(set(payout_ids))
        or arrived != sent
        or min(len(lines), len(payouts)) != 1
    ):
        raise RemedyDoesNotFit(
            remedy="match",
            problem=f"{arrived} arrived, {sent} was sent",
            accepts="payouts of ours that come to exactly what arrived",
        )


async def _both(line_ids: Sequence[UUID], payout_ids: Sequence[str]) -> tuple[list[Any], list[Any]]:
    lines: list[Any] = await connection().fetch(_LINES, list(line_ids))
    payouts: list[Any] = await connection().fetch(_AMOUNTS, list(payout_ids))
    return lines, payouts
