"""People agree that a batch is paid: none for a small one, two different ones for a large one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace.kit.errors import NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM, Principal
from marketplace.kit.transactions import atomic, connection
from settlement import access
from settlement.history import keeping
from settlement.history.keeping import Kept, Subject
from settlement.payouts.errors import ApprovedBefore, ApproverDrafted, StaleBatch
from settlement.payouts.models import BatchState, PayoutApproval, PayoutBatch, PayoutState
from settlement.payouts.states import BATCH, PAYOUT, BatchMove, PayoutMove

_TOTALS = """
    SELECT currency, sum(amount_minor)::bigint AS total FROM payout
    WHERE batch_id = $1 AND state = 'draft' GROUP BY currency ORDER BY currency
"""
# A currency without a policy is nobody's to wave through: two people.
_NEEDED = """
    SELECT coalesce(max(CASE
        WHEN item.total <= policy.auto_approve_minor THEN 0
        WHEN item.total <= policy.second_approval_minor THEN 1 ELSE 2 END), 0)
    FROM unnest($1::text[], $2::bigint[]) AS item (currency, total)
    LEFT JOIN payout_policy policy ON policy.currency = item.currency
"""
_MOVE_BATCH = """
    UPDATE payout_batch SET state = $2, approved_at = $3, cancelled_at = $4 WHERE id = $1
"""
_MOVE_PAYOUTS = """
    UPDATE payout SET state = $3 WHERE batch_id = $1 AND state = $2 RETURNING id, vendor_id
"""
_EVENTS = {
    BatchMove.APPROVE: ("batch.approved", "payout.approved", PayoutMove.APPROVE),
    BatchMove.CANCEL: ("batch.cancelled", "payout.cancelled", PayoutMove.CANCEL),
}


@dataclass(frozen=True, slots=True)
class Approval:
    """Where the batch is after a yes, and how many more people it needs."""

    state: BatchState
    missing: int


@atomic()
async def approve(
    *, principal: Principal, batch_id: UUID, expected_totals: Mapping[str, int], now: datetime
) -> Approval:
    """One person's yes; with the last that the policy asks for, the payouts are on their way.

    `expected_totals` is what the person saw: minor units by currency. Approvers and administrators
    may. Refuses a batch that is decided (IllegalMove) or comes to something else by now
    (StaleBatch), the same person twice, and the drafter as the second.
    """
    access.check_approver(principal, "approve payouts", in_person=True)
    batch = await _lock(batch_id)
    BATCH.after(batch.state, BatchMove.APPROVE)
    totals = await totals_of(batch_id)
    if dict(expected_totals) != totals:
        raise StaleBatch(totals=totals)
    given = await PayoutApproval.filter(batch_id=batch_id)
    if any(approval.approved_by == principal.key for approval in given):
        raise ApprovedBefore
    if given and batch.created_by == principal.key:
        raise ApproverDrafted
    await PayoutApproval.create(
        id=new_id(now), batch_id=batch_id, approved_by=principal.key, approved_at=now
    )
    missing = max(await needed(totals) - len(given) - 1, 0)
    if missing == 0:
        await _decide(batch, BatchMove.APPROVE, principal, now)
        return Approval(BatchState.APPROVED, 0)
    return Approval(batch.state, missing)


async def approve_small(batch_id: UUID, *, now: datetime) -> bool:
    """Where the policy asks nobody, the system says yes; in the drafting's own transaction."""
    if await needed(await totals_of(batch_id)) > 0:
        return False
    await PayoutApproval.create(
        id=new_id(now), batch_id=batch_id, approved_by=SYSTEM.key, approved_at=now
    )
    await _decide(await _lock(batch_id), BatchMove.APPROVE, SYSTEM, now)
    return True


@atomic()
async def cancel(*, principal: Principal, batch_id: UUID, reason: str, now: datetime) -> None:
    """None of a draft's payouts is made; the vendors' next cycle pays them.

    Accountants, approvers and administrators may. Refuses a batch that is decided (IllegalMove).
    """
    access.check_finance(principal, "cancel payouts")
    batch = await _lock(batch_id)
    await _decide(batch, BatchMove.CANCEL, principal, now, reason=reason)


async def totals_of(batch_id: UUID) -> dict[str, int]:
    """What the drafted payouts come to, minor units by currency."""
    rows = await connection().fetch(_TOTALS, batch_id)
    return {row["currency"]: row["total"] for row in rows}


async def needed(totals: Mapping[str, int]) -> int:
    """How many people have to agree to these totals: none, one or two."""
    count: int = await connection().fetchval(_NEEDED, list(totals), list(totals.values()))
    return count


async def _lock(batch_id: UUID) -> PayoutBatch:
    batch = await PayoutBatch.filter(id=batch_id).select_for_update(no_key=True).first()
    if batch is None:
        raise NotFound("payout batch")
    return batch


async def _decide(
    batch: PayoutBatch,
    move: BatchMove,
    by: Principal,
    now: datetime,
    *,
    reason: str | None = None,
) -> None:
    state = BATCH.after(batch.state, move)
    of_batch, of_payouts, payout_move = _EVENTS[move]
    is_approved = move is BatchMove.APPROVE
    await connection().execute(
        _MOVE_BATCH, batch.id, state, now if is_approved else None, None if is_approved else now
    )
    await keeping.keep(
        event=of_batch,
        subject=Subject.BATCH,
        subject_id=batch.id,
        vendor_id=None,
        before=batch.state,
        after=state,
        move=move,
        actor=by.key,
        now=now,
        reason=reason,
    )
    after = PAYOUT.after(PayoutState.DRAFT, payout_move)
    moved = await connection().fetch(_MOVE_PAYOUTS, batch.id, PayoutState.DRAFT, after)
    await keeping.keep_all(
        event=of_payouts,
        subject=Subject.PAYOUT,
        things=[Kept(row["id"], row["vendor_id"]) for row in moved],
        before=PayoutState.DRAFT,
        after=after,
        move=payout_move,
        actor=by.key,
        now=now,
        reason=reason,
    )
