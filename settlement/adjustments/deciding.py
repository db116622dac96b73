"""A second person agrees to an adjustment, which books it, or does not."""

from datetime import datetime
from uuid import UUID

from marketplace.kit.errors import InvalidInput, NotFound
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import atomic
from marketplace.payments import resending
from settlement import access, ledger, reversing
from settlement.adjustments import limits, templates
from settlement.adjustments.errors import NeedsAnother
from settlement.adjustments.models import Adjustment, AdjustmentKind, AdjustmentState
from settlement.adjustments.states import ADJUSTMENT, AdjustmentMove
from settlement.history import keeping
from settlement.history.keeping import Subject


@atomic()
async def approve(*, principal: Principal, adjustment_id: UUID, now: datetime) -> None:
    """Book it, dated as proposed. A refund paid otherwise is over with it.

    Approvers and administrators may, and not who proposed it. Refuses what was decided before
    (IllegalMove), and what the books no longer have.
    """
    access.check_approver(principal, "approve an adjustment")
    adjustment = await _locked(adjustment_id)
    after = AdjustmentState(ADJUSTMENT.after(adjustment.state, AdjustmentMove.APPROVE))
    if adjustment.proposed_by == principal.key:
        raise NeedsAnother()
    await limits.check(adjustment)
    if adjustment.refund_id is not None:
        # Before it is booked, so that the order is locked before any balance is.
        await resending.settle(
            by=principal, refund_id=adjustment.refund_id, note=adjustment.note, now=now
        )
    await _post(adjustment, now=now)
    await _decide(adjustment, after, AdjustmentMove.APPROVE, principal, None, now)


@atomic()
async def reject(*, principal: Principal, adjustment_id: UUID, reason: str, now: datetime) -> None:
    """Nothing is booked. Approvers may, and whoever proposed it may take it back."""
    adjustment = await _locked(adjustment_id)
    if adjustment.proposed_by != principal.key:
        access.check_approver(principal, "reject an adjustment")
    if not 0 < len(reason.strip()) <= 200:
        raise InvalidInput("reason", "it is empty or too long", "1 to 200 characters")
    after = AdjustmentState(ADJUSTMENT.after(adjustment.state, AdjustmentMove.REJECT))
    await _decide(adjustment, after, AdjustmentMove.REJECT, principal, reason.strip(), now)


async def _locked(adjustment_id: UUID) -> Adjustment:
    adjustment = await Adjustment.select_for_update().get_or_none(id=adjustment_id)
    if adjustment is None:
        raise NotFound("adjustment")
    return adjustment


async def _post(adjustment: Adjustment, *, now: datetime) -> None:
    if adjustment.kind is AdjustmentKind.REVERSAL:
        assert adjustment.reverses_id is not None
        await reversing.post(
            posting_id=adjustment.reverses_id,
            key=f"adjustment:{adjustment.id}",
            day=adjustment.effective_date,
            source_type="adjustment",
            source_id=adjustment.id,
            now=now,
        )
        return
    await ledger.post(
        kind=templates.kind_of(adjustment),
        key=f"adjustment:{adjustment.id}",
        effective_date=adjustment.effective_date,
        source_type="adjustment",
        source_id=adjustment.id,
        entries=templates.entries(adjustment),
        now=now,
    )


async def _decide(
    adjustment: Adjustment,
    after: AdjustmentState,
    move: AdjustmentMove,
    principal: Principal,
    reason: str | None,
    now: datetime,
) -> None:
    before, adjustment.state = adjustment.state, after
    adjustment.decided_by, adjustment.decided_at = principal.key, now
    await adjustment.save(update_fields=["state", "decided_by", "decided_at"])
    event = "approved" if move is AdjustmentMove.APPROVE else "rejected"
    await keeping.keep(
        event=f"adjustment.{event}",
        subject=Subject.ADJUSTMENT,
        subject_id=adjustment.id,
        vendor_id=adjustment.vendor_id,
        before=before,
        after=after,
        move=move,
        actor=principal.key,
        reason=reason,
        now=now,
    )
