"""What was corrected by hand, and what waits for a second person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marketplace.kit.errors import Forbidden, NotFound
from marketplace.kit.money import Money
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import connection, transaction
from settlement.adjustments.models import AdjustmentKind, AdjustmentState
from settlement.history import reading
from settlement.history.keeping import Subject
from settlement.history.reading import Moved

MOST = 100
_PAGE = """
    SELECT adjustment.*, vendor.name AS vendor_name, proposer.name AS proposer,
        decider.name AS decider
    FROM adjustment
    LEFT JOIN vendor ON vendor.id = adjustment.vendor_id
    LEFT JOIN app_user proposer ON 'staff:' || proposer.id = adjustment.proposed_by
    LEFT JOIN app_user decider ON 'staff:' || decider.id = adjustment.decided_by
    WHERE ($1::uuid IS NULL OR adjustment.id = $1) AND ($2::text IS NULL OR state = $2)
        AND ($3::uuid IS NULL OR adjustment.id < $3)
    ORDER BY adjustment.id DESC LIMIT $4
"""
_TOLD = """
    SELECT posting.id AS posting_id, coalesce(refund.order_id, dispute.order_id) AS order_id
    FROM adjustment
    LEFT JOIN ledger_transaction posting
        ON posting.idempotency_key = 'adjustment:' || adjustment.id
    LEFT JOIN refund ON refund.id = adjustment.refund_id
    LEFT JOIN dispute ON dispute.id = adjustment.dispute_id WHERE adjustment.id = $1
"""
_PROPOSED_REFUNDS = """
    SELECT refund_id FROM adjustment WHERE refund_id = ANY($1) AND state = 'proposed'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentView:
    """`proposer` and `decider` are names where they are known, else keys of principals."""

    id: UUID
    kind: AdjustmentKind
    state: AdjustmentState
    vendor_id: UUID | None
    vendor_name: str | None
    amount: Money
    amount_to: Money | None
    account: str | None
    refund_id: UUID | None
    dispute_id: UUID | None
    reverses_id: UUID | None
    effective_date: date
    note: str
    reference: str | None
    proposer: str
    proposed_by: str
    proposed_at: datetime
    decider: str | None
    decided_at: datetime | None


async def page(
    *,
    principal: Principal,
    state: AdjustmentState | None = None,
    after: UUID | None = None,
    most: int = MOST,
) -> Sequence[AdjustmentView]:
    """The newest first, from behind `after`."""
    _check(principal)
    async with transaction(principal, read_only=True):
        rows = await connection().fetch(_PAGE, None, state, after, most)
    return [_view(row) for row in rows]


async def find(*, principal: Principal, adjustment_id: UUID) -> AdjustmentView:
    _check(principal)
    async with transaction(principal, read_only=True):
        rows = await connection().fetch(_PAGE, adjustment_id, None, None, 1)
    if not rows:
        raise NotFound("adjustment")
    return _view(rows[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What hangs together with an adjustment: its posting, the order of its refund, its moves."""

    posting_id: UUID | None
    order_id: UUID | None
    story: Sequence[Moved]


async def told(*, principal: Principal, adjustment_id: UUID) -> Told:
    _check(principal)
    async with transaction(principal, read_only=True):
        row = await connection().fetchrow(_TOLD, adjustment_id)
        story = await reading.story_of(Subject.ADJUSTMENT, adjustment_id)
    if row is None:
        raise NotFound("adjustment")
    return Told(posting_id=row["posting_id"], order_id=row["order_id"], story=story)


async def proposed_refunds(*, principal: Principal, refund_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Which of these refunds somebody proposed as paid otherwise, and nobody has decided yet."""
    _check(principal)
    async with transaction(principal, read_only=True):
        rows = await connection().fetch(_PROPOSED_REFUNDS, list(refund_ids))
    return frozenset(row["refund_id"] for row in rows)


def _check(principal: Principal) -> None:
    if principal.kind not in (Kind.STAFF, Kind.SYSTEM):
        raise Forbidden("look at adjustments")


def _view(row: Any) -> AdjustmentView:
    exchanged = row["amount_to_minor"]
    return AdjustmentView(
        id=row["id"],
        kind=AdjustmentKind(row["kind"]),
        state=AdjustmentState(row["state"]),
        vendor_id=row["vendor_id"],
        vendor_name=row["vendor_name"],
        amount=Money(row["amount_minor"], row["currency"]),
        amount_to=None if exchanged is None else Money(exchanged, row["currency_to"]),
        account=row["account"],
        refund_id=row["refund_id"],
        dispute_id=row["dispute_id"],
        reverses_id=row["reverses_id"],
        effective_date=row["effective_date"],
        note=row["note"],
        reference=row["reference"],
        proposer=row["proposer"] or row["proposed_by"],
        proposed_by=row["proposed_by"],
        proposed_at=row["proposed_at"],
        decider=row["decider"] or row["decided_by"],
        decided_at=row["decided_at"],
    )
