"""The platform's money has arrived at its bank: posting 30."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from marketplace.kit.transactions import connection
from settlement import chart
from settlement.ledger import Kind, Purpose
from settlement.reconciliation import booking
from settlement.reconciliation.booking import Source

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
    lines = await connection().fetch(_LINES, list(line_ids))
    payouts = await connection().fetch(_AMOUNTS, list(payout_ids))
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
