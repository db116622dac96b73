"""Every move of a vendor's standing: under its lock, with its history and its event."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from marketplace.kit import locks
from marketplace.kit.ids import new_id
from marketplace.outbox import recording
from marketplace.scorecards import judging
from marketplace.scorecards.errors import StandingChanged
from marketplace.scorecards.judging import Cause
from marketplace.scorecards.standing_models import (
    Appeal,
    AppealMove,
    AppealState,
    Standing,
    StandingChange,
    StandingMove,
    StandingState,
)
from marketplace.scorecards.states import APPEAL, STANDING

EVENTS = {
    StandingMove.WARN: "vendor.warned",
    StandingMove.WARN_AGAIN: "vendor.warned",
    StandingMove.SUSPEND: "vendor.suspended",
    StandingMove.RECOVER: "vendor.recovered",
    StandingMove.LIFT: "vendor.reinstated",
}


async def hold(vendor_id: UUID) -> None:
    """Nobody else moves this vendor's standing, or answers its appeal, until we commit."""
    await locks.hold(f"standing:{vendor_id}")


async def refuse_unseen(vendor_id: UUID, seen: UUID | None) -> None:
    """Refuses (StandingChanged) where another change than the one that was seen is the last."""
    if seen is not None and not await Standing.filter(vendor_id=vendor_id, change_id=seen).exists():
        raise StandingChanged()


async def move(
    vendor_id: UUID,
    move: StandingMove,
    *,
    actor: str,
    now: datetime,
    reason: str = "",
    causes: Sequence[Cause] = (),
    scorecard_id: UUID | None = None,
) -> UUID:
    """Make the move, for who holds the vendor's standing; the id of what was noted.

    Refuses (IllegalMove) one that its state does not allow. A vendor that stands well again has
    nothing left to appeal against, so its open appeal ends. Whoever waited for the vendor's
    standing has an older `now` than who held it: its move is dated after the last one.
    """
    standing = await Standing.get_or_none(vendor_id=vendor_id)
    before = StandingState.GOOD if standing is None else standing.state
    after = STANDING.after(before, move)
    at = now
    if standing is not None:
        at = max(now, (await StandingChange.get(id=standing.change_id)).at + timedelta.resolution)
    change = await StandingChange.create(
        id=new_id(at), vendor_id=vendor_id, move=move, from_state=before, to_state=after, at=at,
        actor=actor, reason=reason, scorecard_id=scorecard_id, causes=judging.written(causes),
    )  # fmt: skip
    await Standing.update_or_create(
        vendor_id=vendor_id, defaults={"state": after, "change_id": change.id}
    )
    told = {"change_id": str(change.id), "vendor_id": str(vendor_id)}
    await recording.record_unstreamed(EVENTS[move], told, now=now)
    if after is StandingState.GOOD:
        await _overtake(vendor_id, actor=actor, now=now)
    return change.id


async def end_appeal(
    appeal: Appeal, move: AppealMove, *, actor: str, answer: str | None, now: datetime
) -> None:
    """Answer an appeal, or note that it is overtaken, for who holds the vendor's standing."""
    appeal.state = APPEAL.after(appeal.state, move)
    appeal.answer, appeal.ended_by, appeal.ended_at = answer, actor, now
    await appeal.save(update_fields=["state", "answer", "ended_by", "ended_at"])
    told = {"appeal_id": str(appeal.id), "vendor_id": str(appeal.vendor_id)}
    await recording.record_unstreamed(f"appeal.{appeal.state}", told, now=now)


async def _overtake(vendor_id: UUID, *, actor: str, now: datetime) -> None:
    appeal = await Appeal.get_or_none(vendor_id=vendor_id, state=AppealState.OPEN)
    if appeal is not None:
        await end_appeal(appeal, AppealMove.OVERTAKE, actor=actor, answer=None, now=now)
