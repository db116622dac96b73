"""Read the journal: what was booked, newest first, and one posting with all its entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection, transaction
from settlement import access, chart
from settlement.ledger import Kind, Purpose

# Two queries in one: older than a posting, newest first, or newer than it, oldest first.
_PAGE = """
    SELECT booked.id, booked.seq, booked.kind, booked.effective_date, booked.recorded_at,
        booked.source_type, booked.source_id, booked.reverses_id
    FROM ledger_transaction booked
    WHERE ($1::bigint IS NULL OR booked.seq < $1) AND ($2::bigint IS NULL OR booked.seq > $2)
        AND ($3::text IS NULL OR booked.kind = $3)
        AND ($4::date IS NULL OR booked.effective_date >= $4)
        AND ($5::date IS NULL OR booked.effective_date <= $5)
        AND (($6::text IS NULL AND $7::uuid IS NULL AND $8::uuid IS NULL) OR EXISTS (
            SELECT 1 FROM ledger_entry entry JOIN ledger_account account
                ON account.id = entry.account_id
            WHERE entry.transaction_id = booked.id
                AND ($6::text IS NULL OR account.code = $6)
                AND ($7::uuid IS NULL OR account.vendor_id = $7)
                AND ($8::uuid IS NULL OR entry.order_id = $8)))
    ORDER BY CASE WHEN $2::bigint IS NULL THEN -booked.seq ELSE booked.seq END LIMIT $9
"""
_ENTRIES = """
    SELECT entry.transaction_id, entry.id, account.code, account.vendor_id,
        vendor.name AS vendor_name, entry.currency, entry.amount_minor, entry.purpose,
        entry.order_id, orders.number AS order_number, sub_order.number AS sub_order_number
    FROM ledger_entry entry
    JOIN ledger_account account ON account.id = entry.account_id
    LEFT JOIN vendor ON vendor.id = account.vendor_id
    LEFT JOIN orders ON orders.id = entry.order_id
    LEFT JOIN sub_order ON sub_order.id = entry.sub_order_id
    WHERE entry.transaction_id = ANY($1::uuid[]) ORDER BY entry.id
"""
_ONE = """
    SELECT booked.id, booked.seq, booked.kind, booked.effective_date, booked.recorded_at,
        booked.source_type, booked.source_id, booked.reverses_id
    FROM ledger_transaction booked WHERE booked.id = $1
"""
_ORDER = "SELECT id FROM orders WHERE number = $1"
_NOBODY = UUID(int=0)  # an order that is not there has no postings


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One side of a posting; `amount` above zero is a debit."""

    id: int
    code: str
    vendor_id: UUID | None
    vendor_name: str | None
    amount: Money
    purpose: Purpose
    order_id: UUID | None
    order_number: str | None
    sub_order_number: str | None

    @property
    def account(self) -> str:
        return chart.NAMES[self.code]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    id: UUID
    seq: int
    kind: Kind
    effective_date: date
    recorded_at: datetime
    source_type: str
    source_id: UUID
    reverses_id: UUID | None
    entries: Sequence[JournalEntry]

    @property
    def amounts(self) -> list[Money]:
        """What moved, once for each currency: the sum of its debits."""
        moved: dict[str, int] = {}
        for entry in self.entries:
            currency = entry.amount.currency
            moved[currency] = moved.get(currency, 0) + max(entry.amount.minor, 0)
        return [Money(minor, currency) for currency, minor in sorted(moved.items())]

    def accounts(self, *, debited: bool) -> list[str]:
        """The accounts of one side, each once, with their vendor."""
        return list(
            dict.fromkeys(
                f"{entry.code} {entry.account}"
                + (f" · {entry.vendor_name}" if entry.vendor_name else "")
                for entry in self.entries
                if (entry.amount.minor > 0) == debited
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the journal is narrowed to; None takes everything."""

    kind: Kind | None = None
    first_day: date | None = None
    last_day: date | None = None
    account_code: str | None = None
    vendor_id: UUID | None = None
    order_number: str | None = None


async def postings(
    *,
    principal: Principal,
    filters: Filters,
    after: int | None = None,
    before: int | None = None,
    most: int,
) -> list[Posting]:
    """Newest first after (older than) a posting's number; before one, oldest first.

    Finance people may, and the system.
    """
    access.check_viewer(principal, "read the journal")
    async with transaction(principal, read_only=True):
        order_id = None
        if filters.order_number is not None:
            found = await connection().fetchval(_ORDER, filters.order_number)
            order_id = found or _NOBODY
        rows = await connection().fetch(
            _PAGE,
            after,
            before,
            filters.kind,
            filters.first_day,
            filters.last_day,
            filters.account_code,
            filters.vendor_id,
            order_id,
            most,
        )
        return await _with_entries([dict(row) for row in rows])


async def posting(*, principal: Principal, posting_id: UUID) -> Posting:
    """One posting with all its entries; NotFound when there is none."""
    access.check_viewer(principal, "read the journal")
    async with transaction(principal, read_only=True):
        row = await connection().fetchrow(_ONE, posting_id)
        if row is None:
            raise NotFound("posting")
        [found] = await _with_entries([dict(row)])
    return found


async def _with_entries(rows: list[dict[str, object]]) -> list[Posting]:
    by_posting: dict[object, list[JournalEntry]] = {row["id"]: [] for row in rows}
    for entry in await connection().fetch(_ENTRIES, list(by_posting)):
        values = dict(entry)
        money = Money(values.pop("amount_minor"), values.pop("currency"))
        purpose = Purpose(values.pop("purpose"))
        of = by_posting[values.pop("transaction_id")]
        of.append(JournalEntry(amount=money, purpose=purpose, **values))
    return [
        Posting(**{**row, "kind": Kind(str(row["kind"])), "entries": by_posting[row["id"]]})  # type: ignore[arg-type]  # the columns are the fields
        for row in rows
    ]
