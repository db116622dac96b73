"""All vendors' money in one list, and what keeps one vendor's from being paid."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection, transaction
from settlement import access
from settlement.connected.models import AccountState
from settlement.earnings.models import HoldState, MoneyHold
from settlement.payouts.models import PayoutFreeze, Statement

MOST = 200
RECENT = 12


class Standing(StrEnum):
    """What makes a vendor worth a look."""

    NEGATIVE = "negative"
    FROZEN = "frozen"
    NOT_READY = "not_ready"


_FROZEN = """EXISTS (SELECT 1 FROM payout_freeze stop
    WHERE stop.vendor_id = vendor.id AND stop.lifted_at IS NULL)"""
_CONDITIONS = {
    Standing.NEGATIVE: """EXISTS (SELECT 1 FROM ledger_account account
        JOIN ledger_balance balance ON balance.account_id = account.id
        WHERE account.vendor_id = vendor.id AND account.code = '2120'
            AND balance.debits_minor > balance.credits_minor)""",
    Standing.FROZEN: _FROZEN,
    Standing.NOT_READY: """NOT EXISTS (SELECT 1 FROM connected_account ready
        WHERE ready.vendor_id = vendor.id AND ready.state = 'enabled'
            AND ready.transfers_enabled AND ready.payouts_enabled)""",
}
# By name and id, either way; a page is a handful of vendors, whose balances are read after it.
_PAGE = """
    SELECT vendor.id, vendor.code, vendor.name, connected.state AS account_state,
        {frozen} AS is_frozen
    FROM vendor LEFT JOIN connected_account connected ON connected.vendor_id = vendor.id
    WHERE ($1::text IS NULL OR strpos(lower(vendor.name), lower($1)) > 0
            OR lower(vendor.code) = lower($1) OR lower(vendor.email) = lower($1))
        AND {condition} AND ($2::text IS NULL OR (vendor.name, vendor.id) {beyond} ($2, $3::uuid))
    ORDER BY vendor.name {direction}, vendor.id {direction} LIMIT $4
"""
_BALANCES = """
    SELECT account.vendor_id, account.currency,
        {kept}, coalesce(sum(left_us.paid), 0)::bigint AS paid
    FROM ledger_account account JOIN ledger_balance balance ON balance.account_id = account.id
    LEFT JOIN LATERAL (SELECT sum(entry.amount_minor) AS paid FROM ledger_entry entry
        JOIN ledger_transaction booked ON booked.id = entry.transaction_id
        WHERE entry.account_id = account.id AND account.code = '2140'
            AND booked.kind IN ('payout_paid', 'payout_returned')) left_us ON true
    WHERE account.vendor_id = ANY($1) AND account.code IN ('2110', '2120', '2130', '2140', '2150')
    GROUP BY account.vendor_id, account.currency ORDER BY account.currency
"""
_CODES = {
    "pending": "2110", "available": "2120", "reserve": "2130", "in_progress": "2140",
    "on_hold": "2150",
}  # fmt: skip
_KEPT = ", ".join(
    f"coalesce(sum(credits_minor - debits_minor) FILTER (WHERE code = '{code}'), 0)::bigint"
    f" AS {name}"
    for name, code in _CODES.items()
)
_VENDOR = "SELECT id, code, name, email, country FROM vendor WHERE id = $1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A vendor's money in one currency, where it lies."""

    pending: Money
    available: Money
    reserve: Money
    on_hold: Money
    in_progress: Money
    paid: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedVendor:
    id: UUID
    code: str
    name: str
    account_state: AccountState | None
    is_frozen: bool
    balances: Sequence[Kept]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stops:
    """What keeps money: holds and freezes that live."""

    code: str
    name: str
    email: str
    holds: Sequence[MoneyHold]
    freezes: Sequence[PayoutFreeze]
    statements: Sequence[Statement]


async def vendors(
    *,
    principal: Principal,
    search: str | None = None,
    standing: Standing | None = None,
    after: tuple[str, UUID] | None = None,
    before: tuple[str, UUID] | None = None,
    most: int = MOST,
) -> Sequence[ListedVendor]:
    """By name, after a vendor's name and id; or, backwards, before them."""
    access.check_viewer(principal, "see vendors' money")
    at = before or after
    sql = _PAGE.format(
        frozen=_FROZEN,
        condition=_CONDITIONS[standing] if standing else "true",
        beyond="<" if before else ">",
        direction="DESC" if before else "ASC",
    )
    async with transaction(principal, read_only=True):
        rows = await connection().fetch(
            sql, search, at[0] if at else None, at[1] if at else None, most
        )
        sums = await connection().fetch(_BALANCES.format(kept=_KEPT), [row["id"] for row in rows])
    return [_listed(row, sums) for row in rows]


async def batches(
    *, principal: Principal, search: str | None, standing: Standing | None
) -> AsyncIterator[Sequence[ListedVendor]]:
    """Every vendor that the list would show, some at a time."""
    after: tuple[str, UUID] | None = None
    while True:
        found = await vendors(
            principal=principal, search=search, standing=standing, after=after, most=MOST
        )
        yield found
        if len(found) < MOST:
            return
        after = (found[-1].name, found[-1].id)


async def stops(*, principal: Principal, vendor_id: UUID) -> Stops:
    """One vendor's live holds and freezes, and its newest statements; NotFound without one."""
    access.check_viewer(principal, "see a vendor's money")
    async with transaction(principal, read_only=True):
        vendor = await connection().fetchrow(_VENDOR, vendor_id)
        if vendor is None:
            raise NotFound("vendor")
        held = MoneyHold.filter(vendor_id=vendor_id, state=HoldState.HELD)
        holds = await held.order_by("-placed_at")
        frozen = PayoutFreeze.filter(vendor_id=vendor_id, lifted_at=None)
        freezes = await frozen.order_by("-placed_at")
        found = Statement.filter(vendor_id=vendor_id)
        statements = await found.order_by("-cut_off", "currency").limit(RECENT)
    return Stops(
        code=vendor["code"], name=vendor["name"], email=vendor["email"], holds=holds,
        freezes=freezes, statements=statements,
    )  # fmt: skip


def _listed(row: Any, sums: Sequence[Any]) -> ListedVendor:
    state = row["account_state"]
    return ListedVendor(
        id=row["id"],
        code=row["code"],
        name=row["name"],
        account_state=None if state is None else AccountState(state),
        is_frozen=row["is_frozen"],
        balances=[
            Kept(**{name: Money(each[name], each["currency"]) for name in (*_CODES, "paid")})
            for each in sums
            if each["vendor_id"] == row["id"]
        ],
    )
