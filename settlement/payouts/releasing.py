"""Give a payout's money back to what is available, when nothing of it is at the provider."""

from datetime import datetime

from settlement.payouts import booking, moving
from settlement.payouts.models import Payout, PayoutState
from settlement.payouts.states import PayoutMove

_NOT_RESERVED = (PayoutState.DRAFT, PayoutState.APPROVED)


async def release(payout: Payout, *, actor: str, now: datetime, reason: str | None = None) -> None:
    """End a locked payout as cancelled, in the caller's transaction."""
    if payout.state not in _NOT_RESERVED:
        await booking.book(payout, booking.CANCELLED, now=now)
    payout.next_attempt_at = None
    await moving.move(payout, PayoutMove.CANCEL, actor=actor, reason=reason, now=now)
