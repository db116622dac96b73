"""The one place where a dispute changes its state, with its history and its event."""

from datetime import datetime

from settlement.disputes.models import Dispute, DisputeState
from settlement.disputes.states import DISPUTE, EVENTS, OPEN, DisputeMove
from settlement.history import keeping
from settlement.history.keeping import Subject


async def move(dispute: Dispute, wanted: DisputeMove, *, actor: str, now: datetime) -> None:
    """Move a dispute whose order is locked; the caller saves it."""
    before = dispute.state
    dispute.state = DisputeState(DISPUTE.after(before, wanted))
    if dispute.state not in OPEN:
        dispute.closed_at = now
    await keep(dispute, wanted, before, actor=actor, now=now)


async def keep(
    dispute: Dispute,
    wanted: DisputeMove,
    before: DisputeState | None,
    *,
    actor: str,
    now: datetime,
    reason: str | None = None,
) -> None:
    await keeping.keep(
        event=EVENTS[wanted],
        subject=Subject.DISPUTE,
        subject_id=dispute.id,
        vendor_id=None,
        before=before,
        after=dispute.state,
        move=wanted,
        actor=actor,
        now=now,
        reason=reason,
        also={"order_id": str(dispute.order_id)},
    )
