"""A vendor's own statements in a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.kit.money import Money
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import transaction
from settlement.reports import access

MAX_PAGE = 201
_PAGE = """
    SELECT statement.id, statement.number, statement.currency, statement.opened_at,
        statement.cut_off, statement.opening_minor, statement.closing_minor,
        payout.id AS payout_id, payout.state AS payout_state
    FROM statement LEFT JOIN payout ON payout.statement_id = statement.id
    WHERE statement.vendor_id = $1 AND ($2::text IS NULL OR statement.currency = $2)
        AND ($3::uuid IS NULL OR statement.id < $3) AND ($4::uuid IS NULL OR statement.id > $4)
    ORDER BY CASE WHEN $4::uuid IS NULL THEN statement.id END DESC, statement.id LIMIT $5
"""
_CURRENCIES = "SELECT DISTINCT currency FROM statement WHERE vendor_id = $1 ORDER BY currency"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnStatement:
    """Without a payout its closing is the opening of the next one."""

    id: UUID
    number: int
    currency: str
    opened_at: datetime
    cut_off: datetime
    opening: Money
    closing: Money
    payout_id: UUID | None
    payout_state: str | None


async def statements(
    *,
    principal: Principal,
    vendor_id: UUID,
    currency: str | None = None,
    after: UUID | None = None,
    before: UUID | None = None,
    limit: int,
) -> Sequence[OwnStatement]:
    """The newest first behind `after`; before one, the oldest first.

    Somebody else's vendor does not exist: NotFound. Refuses who has no business with money.
    """
    access.whose(principal, asked=vendor_id)
    assert 1 <= limit <= MAX_PAGE, limit
    async with transaction(principal, read_only=True) as connection:
        rows = await connection.fetch(_PAGE, vendor_id, currency, after, before, limit)
    return [_statement(row) for row in rows]


async def currencies(*, principal: Principal, vendor_id: UUID) -> Sequence[str]:
    """Those that the vendor has statements in. Refuses as `statements` does."""
    access.whose(principal, asked=vendor_id)
    async with transaction(principal, read_only=True) as connection:
        rows = await connection.fetch(_CURRENCIES, vendor_id)
    return [row["currency"] for row in rows]


def _statement(row: Any) -> OwnStatement:
    fields = dict(row)
    currency = row["currency"]
    opening = Money(fields.pop("opening_minor"), currency)
    closing = Money(fields.pop("closing_minor"), currency)
    return OwnStatement(**fields, opening=opening, closing=closing)
