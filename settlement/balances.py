"""Why a vendor's balance is what it is: what adds up to it, and every entry that led to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from marketplace.kit.money import Money
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import transaction
from settlement.chart import VENDOR_CODES
from settlement.earnings.queries import own
from settlement.ledger import Kind, Purpose

MAX_PAGE = 100

# A vendor's money, wherever it waits; what only moves between these accounts is no news of it.
_OWN = """
    SELECT id FROM ledger_account WHERE vendor_id = $1 AND currency = $2 AND code = ANY($3)
"""
_INTERNAL = (
    Kind.RESERVE_HELD, Kind.RESERVE_RELEASED, Kind.RESERVE_USED, Kind.MATURED, Kind.HOLD,
    Kind.HOLD_RELEASED, Kind.PAYOUT_RESERVED, Kind.PAYOUT_CANCELLED, Kind.TRANSFER_REVERSAL,
)  # fmt: skip
_REFUNDS = frozenset({Kind.REFUND, Kind.REFUND_OWED})
_PAYOUTS = frozenset({Kind.PAYOUT_PAID, Kind.PAYOUT_RETURNED})

_STORY = f"""
    SELECT booked.kind, entry.purpose, -sum(entry.amount_minor)::bigint AS amount
    FROM ledger_entry entry
    JOIN ledger_transaction booked ON booked.id = entry.transaction_id
    WHERE entry.account_id IN ({_OWN}) GROUP BY booked.kind, entry.purpose
"""

# Newest first; the balance after the first entry of a page is the sum of it and all before it.
_ENTRIES = f"""
    WITH told AS (
        SELECT entry.*, booked.kind, booked.effective_date, booked.recorded_at
        FROM ledger_entry entry JOIN ledger_transaction booked ON booked.id = entry.transaction_id
        WHERE entry.account_id IN ({_OWN}) AND booked.kind <> ALL($4)
    ), page AS (
        SELECT * FROM told WHERE $5::bigint IS NULL OR id < $5 ORDER BY id DESC LIMIT $6
    ), top AS (
        SELECT -sum(amount_minor)::bigint AS balance FROM told
        WHERE id <= (SELECT max(page.id) FROM page)
    )
    SELECT page.id, page.purpose, -page.amount_minor AS amount, page.kind, page.effective_date,
        page.recorded_at, page.order_id, orders.number AS order_number, page.sub_order_id,
        sub_order.number AS sub_order_number,
        (top.balance + coalesce(sum(page.amount_minor) OVER newer, 0))::bigint AS balance_after
    FROM top CROSS JOIN page
    LEFT JOIN sub_order ON sub_order.id = page.sub_order_id
    LEFT JOIN orders ON orders.id = page.order_id
    WINDOW newer AS (ORDER BY page.id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ORDER BY page.id DESC
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorStory:
    """Why the balance is what it is: these add up to its `total`. What was taken is negative.

    `adjustments` are disputes, penalties, corrections: all that is no sale and no refund.
    """

    sales: Money
    commission: Money
    refunds: Money
    commission_returned: Money
    adjustments: Money

    @property
    def total(self) -> Money:
        sold = self.sales + self.commission
        return sold + self.refunds + self.commission_returned + self.adjustments


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorEntry:
    """One line of a vendor's account: above zero for the vendor, below zero from it.

    A payout and an adjustment are of no order.
    """

    id: int
    kind: Kind
    purpose: Purpose
    effective_date: date
    recorded_at: datetime
    amount: Money
    balance_after: Money
    order_id: UUID | None
    order_number: str | None
    sub_order_id: UUID | None
    sub_order_number: str | None


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Newest first. `next_before` is the cursor of the page after it, None on the last."""

    entries: Sequence[VendorEntry]
    next_before: int | None


async def vendor_story(*, principal: Principal, vendor_id: UUID, currency: str) -> VendorStory:
    """Sales, commission with its tax, refunds, commission that came back, and adjustments."""
    own(principal, vendor_id)
    async with transaction(principal) as connection:
        rows = await connection.fetch(_STORY, vendor_id, currency, list(VENDOR_CODES))
    sums = dict.fromkeys(("sales", "commission", "refunds", "commission_returned"), 0)
    adjustments = 0
    for row in rows:
        is_sale = row["purpose"] == Purpose.SALE
        if row["kind"] == Kind.EARNING:
            sums["sales" if is_sale else "commission"] += row["amount"]
        elif row["kind"] in _REFUNDS:
            sums["refunds" if is_sale else "commission_returned"] += row["amount"]
        elif row["kind"] not in _PAYOUTS:  # what stays with the vendor adds up to nothing here
            adjustments += row["amount"]
    told = {name: Money(minor, currency) for name, minor in sums.items()}
    return VendorStory(**told, adjustments=Money(adjustments, currency))


async def vendor_entries(
    *,
    principal: Principal,
    vendor_id: UUID,
    currency: str,
    account: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> EntryPage:
    """All that gave the vendor money, or took it, with the balance of what we keep of it after.

    What only moved between the vendor's own accounts is left out, unless one of them is asked
    for by its code: then it is every entry of that one, with its balance. `before` is a page's
    cursor.
    """
    own(principal, vendor_id)
    assert account is None or account in VENDOR_CODES, account
    codes, internal = (VENDOR_CODES, _INTERNAL) if account is None else ((account,), ())
    assert 1 <= limit <= MAX_PAGE, limit
    async with transaction(principal) as connection:
        rows = await connection.fetch(
            _ENTRIES, vendor_id, currency, list(codes), list(internal), before, limit + 1
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
