"""Which booking is which, where the bank gives it no reference of its own.

Equal bookings of a day are numbered. Statements that overlap number them alike, so that each is
kept once; statements that follow one another go on counting. That they do is seen by their
balances: one opens with what the other closed with, or others lead from one to the other. Where
that cannot be seen (no balances, or the statement between them has not come), equal bookings of
two files are taken for the same, and the proof of cash shows what is missing. On a day that ends
as it began, each statement leads to all others in a circle: there only neighbours are apart, or
one that is sent again would follow itself.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from marketplace.kit.transactions import connection

# Some formats date a statement's opening balance with the day before its first booking.
_DAY = timedelta(days=1)
_STATEMENTS = """
    SELECT id, opens_on, opening_minor, closes_on, closing_minor FROM bank_statement
    WHERE bank_account_id = $1 AND opening_minor <> closing_minor
        AND closes_on >= $2::date - 1 AND opens_on <= $3::date + 1
"""
_LINES = """
    SELECT statement_id, booked_on::text, amount_minor, running FROM bank_line
    WHERE bank_account_id = $1 AND reference = '' AND booked_on BETWEEN $2 AND $3
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A statement's balances, minor units, and the days that it dates them with."""

    id: UUID
    opens_on: date
    opening_minor: int
    closes_on: date
    closing_minor: int

    def leads_to(self, other: "Period") -> bool:
        return (
            self.closing_minor == other.opening_minor
            and self.opens_on <= other.opens_on
            and self.closes_on <= min(other.closes_on, other.opens_on + _DAY)
        )


async def number(
    bank_account_id: UUID, statements: Mapping[UUID, Period | None], rows: Sequence[dict[str, Any]]
) -> None:
    """Write `running` into the rows of one file, each with its `statement_id`.

    `statements` are the file's own, None for one whose balances say nothing.
    """
    _count(rows)
    days = [date.fromisoformat(row["booked_on"]) for row in rows if not row["reference"]]
    if not days:
        return
    asked = bank_account_id, min(days), max(days)
    periods = [Period(**row) for row in await connection().fetch(_STATEMENTS, *asked)]
    follows = _follows([*periods, *filter(None, statements.values())])
    known = [
        (row["statement_id"], (row["booked_on"], row["amount_minor"], row["running"]))
        for row in await connection().fetch(_LINES, *asked)
    ]
    for statement_id in statements:
        mine = [
            row for row in rows if not row["reference"] and row["statement_id"] == str(statement_id)
        ]
        before = Counter(line[:2] for of, line in known if of in follows[statement_id])
        for row in mine:
            said = row["booked_on"], row["amount_minor"]
            # Both are lower bounds: equal lines of this file, and of statements apart from it.
            row["running"] = max(row["running"], before[said])
            before[said] += 1
        seen = {line for _, line in known}
        numbered = [(row["booked_on"], row["amount_minor"], row["running"]) for row in mine]
        known += [(statement_id, line) for line in numbered if line not in seen]


def _count(rows: Iterable[dict[str, Any]]) -> None:
    """Equal lines of one file: in the next file they get the same numbers."""
    seen: Counter[tuple[object, ...]] = Counter()
    for row in rows:
        identity = row["reference"], row["booked_on"], row["amount_minor"]
        row["running"] = seen[identity]
        seen[identity] += 1


def _follows(periods: Sequence[Period]) -> Mapping[UUID, set[UUID]]:
    """By statement, all that come before or after it, however many stand between."""
    next_to = {one.id: {two.id for two in periods if one.leads_to(two)} for one in periods}
    later = {one: _reached_from(one, next_to) for one in next_to}
    apart: dict[UUID, set[UUID]] = defaultdict(set)
    for one in next_to:
        for two in later[one]:
            if two in next_to[one] or one not in later[two]:
                apart[one].add(two)
                apart[two].add(one)
    return apart


def _reached_from(first: UUID, next_to: Mapping[UUID, set[UUID]]) -> set[UUID]:
    todo, found = list(next_to[first]), set[UUID]()
    while todo:
        one = todo.pop()
        if one not in found:
            found.add(one)
            todo += next_to[one]
    return found
