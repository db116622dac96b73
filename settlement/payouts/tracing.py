"""One payout with its story: what it pays, where it went, and what was booked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection, transaction
from settlement import access
from settlement.history import reading
from settlement.history.keeping import Subject
from settlement.history.reading import Moved
from settlement.payouts.models import Payout, Statement

MOST_LINES = 200
_NAMES = """
    SELECT batch.number AS batch_number, vendor.name AS vendor_name FROM payout_batch batch
    CROSS JOIN vendor WHERE batch.id = $1 AND vendor.id = $2
"""
_LINES = """
    SELECT entry.id AS entry_id, booked.effective_date AS day, booked.kind, entry.purpose,
        booked.id AS posting_id, line.amount_minor, statement.currency,
        sub_order.order_id, sub_order.number AS sub_order
    FROM statement_line line
    JOIN statement ON statement.id = line.statement_id
    JOIN ledger_entry entry ON entry.id = line.entry_id
    JOIN ledger_transaction booked ON booked.id = entry.transaction_id
    LEFT JOIN sub_order ON sub_order.id = entry.sub_order_id
    WHERE line.statement_id = $1 ORDER BY entry.id LIMIT $2
"""
_POSTINGS = """
    SELECT booked.id, booked.seq, booked.kind, booked.effective_date AS day,
        (SELECT id FROM ledger_entry entry WHERE entry.transaction_id = booked.id
            AND entry.vendor_id IS NOT NULL ORDER BY id LIMIT 1) AS entry_id
    FROM ledger_transaction booked
    WHERE booked.source_type = 'payout' AND booked.source_id = $1 ORDER BY booked.seq
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An entry of the statement that is paid; `entry_id` is what it can be explained by."""

    entry_id: int
    posting_id: UUID
    day: date
    kind: str
    purpose: str
    order_id: UUID | None
    sub_order: str | None
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """A posting of the payout, and the entry that explains it."""

    id: UUID
    seq: int
    kind: str
    day: date
    entry_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """`lines` are the statement's first; `opened_at` and `cut_off` are what it spans."""

    payout: Payout
    amount: Money
    batch_number: int
    vendor_name: str
    statement_number: int
    opened_at: datetime
    cut_off: datetime
    opening: Money
    lines: Sequence[Line]
    postings: Sequence[Booked]
    story: Sequence[Moved]


async def trace(*, principal: Principal, payout_id: UUID) -> Traced:
    """For staff of finance; NotFound without one."""
    access.check_viewer(principal, "see a payout")
    async with transaction(principal, read_only=True):
        payout = await Payout.get_or_none(id=payout_id)
        if payout is None:
            raise NotFound("payout")
        names = await connection().fetchrow(_NAMES, payout.batch_id, payout.vendor_id)
        statement = await Statement.get(id=payout.statement_id)
        lines = await connection().fetch(_LINES, statement.id, MOST_LINES)
        postings = await connection().fetch(_POSTINGS, payout.id)
        story = await reading.story_of(Subject.PAYOUT, payout.id)
    return Traced(
        payout=payout,
        amount=Money(payout.amount_minor, payout.currency),
        batch_number=names["batch_number"],
        vendor_name=names["vendor_name"],
        statement_number=statement.number,
        opened_at=statement.opened_at,
        cut_off=statement.cut_off,
        opening=Money(statement.opening_minor, statement.currency),
        lines=[_line(row) for row in lines],
        postings=[Booked(**row) for row in postings],
        story=story,
    )


def _line(row: Any) -> Line:
    fields = dict(row)
    amount = Money(fields.pop("amount_minor"), fields.pop("currency"))
    return Line(**fields, amount=amount)
