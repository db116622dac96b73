"""Vendors' statements in a list."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import transaction
from settlement import access

_LISTED = """
    SELECT statement.id, statement.number, statement.currency, statement.opened_at,
        statement.cut_off, statement.opening_minor, statement.closing_minor, vendor.id AS vendor_id,
        vendor.code, vendor.name, payout.id AS payout_id, payout.state AS payout_state
    FROM statement JOIN vendor ON vendor.id = statement.vendor_id
    LEFT JOIN payout ON payout.statement_id = statement.id
"""
_ONE = f"{_LISTED} WHERE statement.id = $1"
_PAGE = f"""{_LISTED}
    WHERE ($1::text IS NULL OR vendor.code = $1 OR vendor.name ILIKE '%' || $2 || '%')
        AND ($3::uuid IS NULL OR statement.id < $3) AND ($4::uuid IS NULL OR statement.id > $4)
    ORDER BY CASE WHEN $4::uuid IS NULL THEN statement.id END DESC, statement.id LIMIT $5
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedStatement:
    id: UUID
    number: int
    vendor_id: UUID
    vendor_code: str
    vendor_name: str
    opened_at: datetime
    cut_off: datetime
    opening: Money
    closing: Money
    payout_id: UUID | None
    payout_state: str | None


async def statements(
    *,
    principal: Principal,
    vendor: str | None = None,
    after: UUID | None = None,
    before: UUID | None = None,
    most: int,
) -> list[ListedStatement]:
    """The newest first behind `after`; before one, the oldest first. `vendor` is a code, or a
    part of a name. For finance."""
    access.check_viewer(principal, "see vendors' statements")
    pattern = None if vendor is None else vendor.replace("%", r"\%").replace("_", r"\_")
    async with transaction(principal, read_only=True) as connection:
        rows = await connection.fetch(_PAGE, vendor, pattern, after, before, most)
    return [_listed(row) for row in rows]


async def find(*, principal: Principal, statement_id: UUID) -> ListedStatement:
    """One of the list. Refuses NotFound, and who is not finance."""
    access.check_viewer(principal, "see vendors' statements")
    async with transaction(principal, read_only=True) as connection:
        row = await connection.fetchrow(_ONE, statement_id)
    if row is None:
        raise NotFound("statement")
    return _listed(row)


def _listed(row: Any) -> ListedStatement:
    return ListedStatement(
        id=row["id"],
        number=row["number"],
        vendor_id=row["vendor_id"],
        vendor_code=row["code"],
        vendor_name=row["name"],
        opened_at=row["opened_at"],
        cut_off=row["cut_off"],
        opening=Money(row["opening_minor"], row["currency"]),
        closing=Money(row["closing_minor"], row["currency"]),
        payout_id=row["payout_id"],
        payout_state=row["payout_state"],
    )
