"""The platform's money has arrived at its bank: posting 30."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.kit.locks import hold
from marketplace.kit.transactions import connection
from settlement import chart
from settlement.ledger import Kind, Purpose
from settlement.reconciliation import booking
from settlement.reconciliation.booking import Source
from settlement.reconciliation.errors import RemedyDoesNotFit

_LINES = "SELECT * FROM bank_line WHERE id = ANY($1) ORDER BY booked_on, id"
_AMOUNTS = """
    SELECT id, amount_minor, currency FROM provider_payout
    WHERE id = ANY($1) AND account = 'platform' AND status NOT IN ('failed', 'canceled')
    ORDER BY id
"""
# One of the lines is booked, as an arrival or as what a person made of it, or one of the payouts
# has arrived; what was reversed here or taken back by the bank does not count.
_TAKEN = """
    SELECT EXISTS (
        SELECT 1 FROM (
            SELECT id, reverses_id FROM ledger_transaction WHERE source_id = ANY($1)
            UNION ALL
            SELECT posting.id, posting.reverses_id FROM ledger_transaction posting
            JOIN reconciliation_break difference ON difference.id = posting.source_id
            WHERE difference.key = ANY($3)
        ) booked
        WHERE reverses_id IS NULL AND NOT EXISTS (
            SELECT 1 FROM ledger_transaction back WHERE back.reverses_id = booked.id)
    ) OR EXISTS (
        SELECT 1 FROM ledger_transaction posting
        JOIN ledger_entry entry ON entry.transaction_id = posting.id
        JOIN ledger_account account ON account.id = entry.account_id AND account.code = '1160'
        WHERE posting.kind = 'bank' AND posting.reverses_id IS NULL
            AND split_part(posting.idempotency_key, ':', 3) = ANY($2) AND NOT EXISTS (
                SELECT 1 FROM ledger_transaction back WHERE back.reverses_id = posting.id)
        GROUP BY split_part(posting.idempotency_key, ':', 3) HAVING sum(entry.amount_minor) <> 0
    )
"""
# What a booking has brought, by payout.
_BROUGHT = """
    SELECT split_part(posting.idempotency_key, ':', 3) AS payout, entry.amount_minor
    FROM ledger_transaction posting JOIN ledger_entry entry ON entry.transaction_id = posting.id
    JOIN ledger_account account ON account.id = entry.account_id AND account.code = '1010'
    WHERE posting.source_id = $1 AND posting.kind = 'bank' AND posting.reverses_id IS NULL
        AND NOT EXISTS (
            SELECT 1 FROM ledger_transaction back WHERE back.reverses_id = posting.id)
    ORDER BY posting.seq
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
        await _book(line, payout["id"], pair[of]["amount_minor"], now=now)


async def book_return(
    *, line_id: UUID, of_line_id: UUID, payout_ids: Sequence[str], now: datetime
) -> bool:
    """The bank took an arrival back: its payouts are on their way again. In the caller's
    transaction; False where by now either is not what the books were compared with."""
    if await is_taken([line_id], []):
        return False
    if not all([await is_taken([], [payout_id]) for payout_id in payout_ids]):
        return False
    brought = await connection().fetch(_BROUGHT, of_line_id)
    lines, _ = await _both([line_id], [])
    total = sum(one["amount_minor"] for one in brought)
    if {one["payout"] for one in brought} != set(payout_ids) or total != -lines[0]["amount_minor"]:
        return False
    for one in brought:
        await _book(lines[0], one["payout"], -one["amount_minor"], now=now)
    return True


async def is_taken(line_ids: Sequence[UUID], payout_ids: Sequence[str]) -> bool:
    """Whether any of these is booked by now. Holds the answer until the transaction ends:
    a person and a run, or two runs, may want the same line at once."""
    await hold("bank arrivals")
    keys = [f"line:{line_id}" for line_id in line_ids]
    return bool(await connection().fetchval(_TAKEN, list(line_ids), list(payout_ids), keys))


async def check_fits(line_ids: Sequence[UUID], payout_ids: Sequence[str]) -> None:
    """Refuses (RemedyDoesNotFit) payouts that nobody knows, that failed, that have arrived or
    that do not come to the bookings, and several of them for several bookings."""
    lines, payouts = await _both(line_ids, payout_ids)
    arrived = sum(line["amount_minor"] for line in lines)
    sent = sum(payout["amount_minor"] for payout in payouts)
    if (
        len(payouts) != len(set(payout_ids))
        or arrived != sent
        or min(len(lines), len(payouts)) != 1
        or len({one["currency"] for one in (*lines, *payouts)}) != 1
    ):
        raise RemedyDoesNotFit(
            remedy="match",
            problem=f"{arrived} arrived, {sent} was sent",
            accepts="payouts of ours that come to exactly what arrived",
        )
    if await is_taken(line_ids, payout_ids):
        raise RemedyDoesNotFit(
            remedy="match",
            problem="one of these is booked already",
            accepts="payouts of ours that have not arrived",
        )


async def _both(line_ids: Sequence[UUID], payout_ids: Sequence[str]) -> tuple[list[Any], list[Any]]:
    lines: list[Any] = await connection().fetch(_LINES, list(line_ids))
    payouts: list[Any] = await connection().fetch(_AMOUNTS, list(payout_ids))
    return lines, payouts


async def _book(line: Any, payout_id: str, amount: int, *, now: datetime) -> None:
    await booking.book(
        kind=Kind.BANK,
        key=f"bank:{line['id']}:{payout_id}",
        day=line["booked_on"],
        source=Source("bank_line", line["id"]),
        currency=line["currency"],
        moves={chart.BANK: amount, chart.PLATFORM_IN_TRANSIT: -amount},
        purpose=Purpose.PAYOUT,
        now=now,
    )
