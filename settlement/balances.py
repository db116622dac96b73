"""What a vendor sees of its money: balances per currency, and every entry that led to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money
from marketplace.kit.principal import Kind as PrincipalKind
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import transaction
from settlement.chart import VENDOR_PENDING_CODE
from settlement.ledger import Kind, Purpose

MAX_PAGE = 100

_BALANCES = """
    SELECT account.currency, balance.credits_minor - balance.debits_minor AS pending
    FROM ledger_account account JOIN ledger_balance balance ON balance.account_id = account.id
    WHERE account.vendor_id = $1 AND account.code = $2 ORDER BY account.currency
"""

_STORY = """
    SELECT booked.kind, entry.purpose, -sum(entry.amount_minor)::bigint AS amount
    FROM ledger_entry entry
    JOIN ledger_transaction booked ON booked.id = entry.transaction_id
    JOIN ledger_account account ON account.id = entry.account_id
    WHERE account.vendor_id = $1 AND account.code = $2 AND account.currency = $3
    GROUP BY booked.kind, entry.purpose
"""

# Newest first; the balance after the first entry of a page is the sum of it and all before it.
_ENTRIES = """
    WITH own AS (
        SELECT id FROM ledger_account WHERE vendor_id = $1 AND code = $2 AND currency = $3
    ), page AS (
        SELECT entry.* FROM ledger_entry entry
        WHERE entry.account_id = (SELECT id FROM own) AND ($4::bigint IS NULL OR entry.id < $4)
        ORDER BY entry.id DESC LIMIT $5
    ), top AS (
        SELECT -sum(entry.amount_minor)::bigint AS balance FROM ledger_entry entry
        WHERE entry.account_id = (SELECT id FROM own)
            AND entry.id <= (SELECT max(page.id) FROM page)
    )
    SELECT page.id, page.purpose, -page.amount_minor AS amount, booked.kind,
        booked.effective_date, booked.recorded_at, page.order_id, orders.number AS order_number,
        page.sub_order_id, sub_order.number AS sub_order_number,
        (top.balance + coalesce(sum(page.amount_minor) OVER newer, 0))::bigint AS balance_after
    FROM top CROSS JOIN page
    JOIN ledger_transaction booked ON booked.id = page.transaction_id
    LEFT JOIN sub_order ON sub_order.id = page.sub_order_id
    LEFT JOIN orders ON orders.id = page.order_id
    WINDOW newer AS (ORDER BY page.id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ORDER BY page.id DESC
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorBalance:
    """`pending`: earned, commission taken off, not paid out yet; below zero the vendor owes it."""

    currency: str
    pending: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorStory:
    """Why the balance is what it is: the four add up to `pending`. What was taken is negative."""

    sales: Money
    commission: Money
    refunds: Money
    commission_returned: Money

    @property
    def pending(self) -> Money:
        return self.sales + self.commission + self.refunds + self.commission_returned


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorEntry:
    """One line of a vendor's account: above zero for the vendor, below zero from it."""

    id: int
    kind: Kind
    purpose: Purpose
    effective_date: date
    recorded_at: datetime
    amount: Money
    balance_after: Money
    order_id: UUID
    order_number: str
    sub_order_id: UUID
    sub_order_number: str


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Newest first. `next_before` is the cursor of the page after it, None on the last."""

    entries: Sequence[VendorEntry]
    next_before: int | None


async def vendor_balances(*, principal: Principal, vendor_id: UUID) -> list[VendorBalance]:
    """One for each currency that the vendor has ever earned in; none before the first sale.

    Somebody else's vendor does not exist: NotFound.
    """
    _own(principal, vendor_id)
    async with transaction(principal) as connection:
        rows = await connection.fetch(_BALANCES, vendor_id, VENDOR_PENDING_CODE)
    return [
        VendorBalance(currency=row["currency"], pending=Money(row["pending"], row["currency"]))
        for row in rows
    ]


async def vendor_story(*, principal: Principal, vendor_id: UUID, currency: str) -> VendorStory:
    """Sales, commission with its tax, refunds, and commission that came back with them."""
    _own(principal, vendor_id)
    async with transaction(principal) as connection:
        rows = await connection.fetch(_STORY, vendor_id, VENDOR_PENDING_CODE, currency)

    def total(*, earned: bool, sale: bool) -> Money:
        minor = sum(
            row["amount"]
            for row in rows
            if (row["kind"] == Kind.EARNING) == earned and (row["purpose"] == Purpose.SALE) == sale
        )
        return Money(minor, currency)

    return VendorStory(
        sales=total(earned=True, sale=True),
        commission=total(earned=True, sale=False),
        refunds=total(earned=False, sale=True),
        commission_returned=total(earned=False, sale=False),
    )


async def vendor_entries(
    *,
    principal: Principal,
    vendor_id: UUID,
    currency: str,
    before: int | None = None,
    limit: int = 50,
) -> EntryPage:
    """The vendor's account line by line with its running balance; `before` is a page's cursor."""
    _own(principal, vendor_id)
    assert 1 <= limit <= MAX_PAGE, limit
    async with transaction(principal) as connection:
        rows = await connection.fetch(
            _ENTRIES, vendor_id, VENDOR_PENDING_CODE, currency, before, limit + 1
        )
    entries = [
        VendorEntry(
            id=row["id"],
            kind=Kind(row["kind"]),
            purpose=Purpose(row["purpose"]),
            effective_date=row["effective_date"],
            recorded_at=row["recorded_at"],
            amount=Money(row["amount"], currency),
            balance_after=Money(row["balance_after"], currency),
            order_id=row["order_id"],
            order_number=row["order_number"],
            sub_order_id=row["sub_order_id"],
            sub_order_number=row["sub_order_number"],
        )
        for row in rows[:limit]
    ]
    return EntryPage(entries, entries[-1].id if len(rows) > limit else None)


def _own(principal: Principal, vendor_id: UUID) -> None:
    platform = principal.kind in (PrincipalKind.STAFF, PrincipalKind.SYSTEM)
    if not platform and principal.vendor_id != vendor_id:
        raise NotFound(thing="vendor")
