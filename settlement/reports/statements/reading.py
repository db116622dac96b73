"""A vendor's statement as its reader needs it: sections of lines between opening and closing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import transaction
from settlement.reports import access
from settlement.reports.pieces import PIECES

# Sections in the order they are read, each with the headings of its pieces.
SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Sales", ("sales",)),
    ("Commission", ("commission",)),
    ("VAT on commission", ("commission_vat",)),
    ("Refunds", ("refunds", "commission_returned")),
    ("Disputes", ("disputes",)),
    ("Adjustments", ("adjustments", "penalties", "fees", "other")),
    ("Reserve", ("reserve_held", "reserve_released")),
    ("Payouts", ("paid_out",)),
)

# Why staff stopped payouts is theirs to know: vendors read this.
_STATEMENT = """
    SELECT statement.*, vendor.name AS vendor_name, vendor.code AS vendor_code,
        payout.id AS payout_id, payout.amount_minor - payout.taken_back_minor AS payout_minor,
        payout.state AS payout_state,
        payout.trace_id, payout.provider_payout_id, payout.arrival_date,
        CASE skipped.reason WHEN 'frozen' THEN 'Payouts are paused while we check something.'
            ELSE skipped.detail END AS unpaid_because
    FROM statement JOIN vendor ON vendor.id = statement.vendor_id
    LEFT JOIN payout ON payout.statement_id = statement.id
    LEFT JOIN skipped_payout skipped ON skipped.batch_id = statement.batch_id
        AND skipped.vendor_id = statement.vendor_id AND skipped.currency = statement.currency
    WHERE statement.vendor_id = $1 AND statement.number = $2
        AND ($3::text IS NULL OR statement.currency = $3)
    ORDER BY statement.currency LIMIT 1
"""
_LINES = f"""
    WITH chosen AS (SELECT * FROM statement WHERE id = $1), {PIECES}
    SELECT piece.heading, piece.kind, piece.purpose, piece.effective_date, piece.amount::bigint,
        piece.entry_id, sub_order.number AS sub_order
    FROM piece LEFT JOIN sub_order ON sub_order.id = piece.sub_order_id
    ORDER BY piece.effective_date, piece.entry_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    day: date
    sub_order: str | None
    description: str
    amount: Money
    entry_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    title: str
    lines: Sequence[StatementLine]
    total: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementPayout:
    """The payout of the closing balance, as far as it has come."""

    id: UUID
    amount: Money
    state: str
    arrival: date | None
    trace_id: str | None
    provider_payout_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorStatement:
    """Opening plus the sections' totals is closing; above zero is the vendor's."""

    vendor_id: UUID
    vendor_name: str
    vendor_code: str
    number: int
    currency: str
    opened_at: datetime
    cut_off: datetime
    created_at: datetime
    opening: Money
    closing: Money
    sections: Sequence[Section]
    payout: StatementPayout | None
    unpaid_because: str | None


async def statement(
    *, principal: Principal, vendor_id: UUID, number: int, currency: str | None = None
) -> VendorStatement:
    """One statement; of a vendor with several currencies the first, unless one is named.

    What is not there, or somebody else's, is NotFound.
    """
    access.whose(principal, asked=vendor_id)
    async with transaction(principal, isolation="REPEATABLE READ", read_only=True) as connection:
        row = await connection.fetchrow(_STATEMENT, vendor_id, number, currency)
        if row is None:
            raise NotFound(thing="statement")
        lines = await connection.fetch(_LINES, row["id"])
    found = _statement(row, _sections(lines, row["currency"]))
    total = sum(section.total.minor for section in found.sections)
    assert found.opening.minor + total == found.closing.minor, (vendor_id, number)
    return found


def _sections(rows: Sequence[Mapping[str, Any]], currency: str) -> list[Section]:
    found = []
    for title, headings in SECTIONS:
        lines = [_line(row, currency) for row in rows if row["heading"] in headings]
        if lines:
            total = Money(sum(line.amount.minor for line in lines), currency)
            found.append(Section(title=title, lines=lines, total=total))
    return found


def _line(row: Mapping[str, Any], currency: str) -> StatementLine:
    return StatementLine(
        day=row["effective_date"],
        sub_order=row["sub_order"],
        description=_description(row["kind"], row["purpose"]),
        amount=Money(row["amount"], currency),
        entry_id=row["entry_id"],
    )


def _description(kind: str, purpose: str) -> str:
    """Like `Sale`, or `Refund, commission`: what happened, and which part of it."""
    words = {
        ("earning", "sale"): "Sale",
        ("earning", "commission"): "Commission",
        ("earning", "commission_vat"): "VAT on commission",
        ("payout_reserved", "payout"): "Payout",
        ("payout_cancelled", "payout"): "Payout cancelled",
    }
    if (kind, purpose) in words:
        return words[kind, purpose]
    what = kind.replace("_", " ").capitalize()
    part = purpose.replace("_", " ").replace("vat", "VAT")
    return what if part in ("sale", "reserve", "hold", "payout") else f"{what}, {part}"


def _statement(row: Mapping[str, Any], sections: Sequence[Section]) -> VendorStatement:
    currency = row["currency"]
    payout = None
    if row["payout_id"] is not None:
        payout = StatementPayout(
            id=row["payout_id"],
            amount=Money(row["payout_minor"], currency),
            state=row["payout_state"],
            arrival=row["arrival_date"],
            trace_id=row["trace_id"],
            provider_payout_id=row["provider_payout_id"],
        )
    return VendorStatement(
        vendor_id=row["vendor_id"],
        vendor_name=row["vendor_name"],
        vendor_code=row["vendor_code"],
        number=row["number"],
        currency=currency,
        opened_at=row["opened_at"],
        cut_off=row["cut_off"],
        created_at=row["created_at"],
        opening=Money(row["opening_minor"], currency),
        closing=Money(row["closing_minor"], currency),
        sections=sections,
        payout=payout,
        unpaid_because=row["unpaid_because"] or None,
    )
