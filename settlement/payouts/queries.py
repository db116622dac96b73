"""Batches, payouts and what a vendor can expect, as people see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from marketplace.kit.errors import Forbidden, NotFound
from marketplace.kit.money import Money
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import elevated, transaction
from settlement.earnings import queries as earnings
from settlement.payouts import approving, candidates, cycles, expecting, standing
from settlement.payouts.eligibility import Reason
from settlement.payouts.expecting import NextPayout
from settlement.payouts.models import BatchState, PayoutState
from settlement.terms import reading

MAX_PAGE = 200

_BATCHES = """
    SELECT id, number, cycle, cut_off, state, created_by, created_at FROM payout_batch
    WHERE ($1::int IS NULL OR number < $1) AND ($2::text IS NULL OR state = $2)
    ORDER BY number DESC LIMIT $3
"""
_BATCH = """
    SELECT id, number, cycle, cut_off, state, created_by, created_at FROM payout_batch
    WHERE id = $1
"""
_COUNTS = """
    SELECT batch_id, currency, sum(amount_minor)::bigint AS total, count(*) AS payouts,
        count(*) FILTER (WHERE state = 'paid') AS paid,
        count(*) FILTER (WHERE state IN ('failed', 'returned')) AS failed
    FROM payout WHERE batch_id = ANY($1) GROUP BY batch_id, currency ORDER BY currency
"""
_APPROVALS = """
    SELECT approved_by, approved_at FROM payout_approval WHERE batch_id = $1 ORDER BY approved_at
"""
_PAYOUT = """
    SELECT payout.id, payout.batch_id, batch.number AS batch_number, payout.vendor_id,
        vendor.name AS vendor_name, payout.currency, payout.amount_minor, payout.state,
        payout.statement_id, payout.arrival_date, payout.failure_message, payout.paid_at,
        payout.created_at
    FROM payout JOIN payout_batch batch ON batch.id = payout.batch_id
    JOIN vendor ON vendor.id = payout.vendor_id
"""
_OF_BATCH = f"""{_PAYOUT} WHERE payout.batch_id = $1 AND ($2::uuid IS NULL OR payout.id > $2)
    ORDER BY payout.id LIMIT $3
"""
_OF_VENDOR = f"""{_PAYOUT} WHERE payout.vendor_id = $1 AND ($2::uuid IS NULL OR payout.id < $2)
    ORDER BY payout.id DESC LIMIT $3
"""
_SKIPPED = """
    SELECT skipped.vendor_id, vendor.name AS vendor_name, skipped.currency,
        skipped.available_minor, skipped.reason, skipped.detail
    FROM skipped_payout skipped JOIN vendor ON vendor.id = skipped.vendor_id
    WHERE skipped.batch_id = $1 ORDER BY vendor.name, skipped.currency
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """The payouts of a batch in one currency, whatever has become of them."""

    amount: Money
    payouts: int
    paid: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    id: UUID
    number: int
    cycle: str
    cut_off: datetime
    state: BatchState
    created_by: str
    created_at: datetime
    totals: Sequence[Total]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPayout:
    id: UUID
    batch_id: UUID
    batch_number: int
    vendor_id: UUID
    vendor_name: str
    amount: Money
    state: PayoutState
    statement_id: UUID
    arrival_date: date | None
    failure_message: str | None
    paid_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    vendor_id: UUID
    vendor_name: str
    available: Money
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeBatch:
    """`expected_totals` is what an approval says it saw; `needed` people have to agree to it."""

    batch: Batch
    expected_totals: Mapping[str, int]
    approvals: Sequence[tuple[str, datetime]]
    needed: int
    skipped: Sequence[Skipped]


async def batches(
    *,
    principal: Principal,
    before: int | None = None,
    state: BatchState | None = None,
    limit: int = 50,
) -> Sequence[Batch]:
    """The newest first; `before` is the number of the last one seen. Staff's alone."""
    _refuse_outsiders(principal)
    assert 1 <= limit <= MAX_PAGE, limit
    async with transaction(principal, read_only=True) as connection:
        rows = await connection.fetch(_BATCHES, before, state, limit)
        counts = await connection.fetch(_COUNTS, [row["id"] for row in rows])
    return [_batch(row, counts) for row in rows]


async def batch(*, principal: Principal, batch_id: UUID) -> WholeBatch:
    """One batch with who agreed, who still has to, and who was skipped; NotFound without one."""
    _refuse_outsiders(principal)
    async with transaction(principal, read_only=True) as connection:
        row = await connection.fetchrow(_BATCH, batch_id)
        if row is None:
            raise NotFound("payout batch")
        found = _batch(row, await connection.fetch(_COUNTS, [batch_id]))
        approvals = await connection.fetch(_APPROVALS, batch_id)
        totals = await approving.totals_of(batch_id)
        needed = await approving.needed(totals)
        skipped = await connection.fetch(_SKIPPED, batch_id)
    return WholeBatch(
        batch=found,
        expected_totals=totals,
        approvals=[(each["approved_by"], each["approved_at"]) for each in approvals],
        needed=needed,
        skipped=[_skipped(each) for each in skipped],
    )


async def payouts_of_batch(
    *, principal: Principal, batch_id: UUID, after: UUID | None = None, limit: int = 50
) -> Sequence[ListedPayout]:
    """Its payouts with their vendors' names, page by page."""
    _refuse_outsiders(principal)
    assert 1 <= limit <= MAX_PAGE, limit
    async with transaction(principal, read_only=True) as connection:
        rows = await connection.fetch(_OF_BATCH, batch_id, after, limit)
    return [_payout(row) for row in rows]


async def payouts_of_vendor(
    *, principal: Principal, vendor_id: UUID, before: UUID | None = None, limit: int = 50
) -> Sequence[ListedPayout]:
    """A vendor's payouts, the newest first. Somebody else's vendor does not exist: NotFound."""
    earnings.own(principal, vendor_id)
    assert 1 <= limit <= MAX_PAGE, limit
    async with transaction(principal, read_only=True) as connection:
        rows = await connection.fetch(_OF_VENDOR, vendor_id, before, limit)
    return [_payout(row) for row in rows]


async def next_payout(
    *, principal: Principal, vendor_id: UUID, now: datetime
) -> Sequence[NextPayout]:
    """When each currency is paid next, about how much, and what is in the way as of now."""
    earnings.own(principal, vendor_id)
    async with transaction(principal):
        terms = await reading.terms_of(vendor_id, now, principal=principal)
        async with elevated():  # a policy is not the vendor's to see, and decides about it
            today = cycles.day_of(now)
            since = today if await candidates.is_drafted(today) else today - timedelta(days=1)
            day = cycles.next_due(terms.schedule, terms.schedule_days, after=since)
            found = await standing.of_accounts(await candidates.of_earner(vendor_id), at=now)
        balances = await earnings.balances(principal=principal, vendor_id=vendor_id)
        expected = await earnings.available_on(
            principal=principal, vendor_id=vendor_id, day=day or today, now=now
        )
    facts = {each.currency: each.facts for each in found}
    return [
        expecting.expected(
            facts.get(balance.currency),
            day=day,
            available=balance.available,
            estimate=expected[balance.currency],
            now=now,
        )
        for balance in balances
    ]


def _refuse_outsiders(principal: Principal) -> None:
    if principal.kind not in (Kind.STAFF, Kind.SYSTEM):
        raise Forbidden("see payout batches")


def _batch(row: Any, counts: Sequence[Any]) -> Batch:
    totals = [
        Total(
            amount=Money(count["total"], count["currency"]),
            payouts=count["payouts"],
            paid=count["paid"],
            failed=count["failed"],
        )
        for count in counts
        if count["batch_id"] == row["id"]
    ]
    return Batch(**{**row, "state": BatchState(row["state"])}, totals=totals)


def _payout(row: Any) -> ListedPayout:
    fields = dict(row)
    amount = Money(fields.pop("amount_minor"), fields.pop("currency"))
    return ListedPayout(**{**fields, "state": PayoutState(row["state"])}, amount=amount)


def _skipped(row: Any) -> Skipped:
    fields = dict(row)
    available = Money(fields.pop("available_minor"), fields.pop("currency"))
    return Skipped(**{**fields, "reason": Reason(row["reason"])}, available=available)
