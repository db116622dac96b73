"""The one way to change a payout: locked, by a move the table lists, with event and history."""

from datetime import datetime
from uuid import UUID

from marketplace.kit.errors import NotFound
from marketplace.payments import operations
from marketplace.payments.operation import Operation
from settlement.history import keeping
from settlement.history.keeping import Subject
from settlement.payouts.models import Payout
from settlement.payouts.states import PAYOUT, PayoutMove

PROVIDER = "provider"  # who moved it, in the history
MESSAGE_KEPT = 1000  # characters of a provider's reason

EVENTS = {
    PayoutMove.DRAFT: "payout.drafted",
    PayoutMove.APPROVE: "payout.approved",
    PayoutMove.RESERVE: "payout.reserved",
    PayoutMove.TRANSFER: "payout.transferred",
    PayoutMove.SEND: "payout.sent",
    PayoutMove.PAY: "payout.paid",
    PayoutMove.FAIL: "payout.failed",
    PayoutMove.RETURN: "payout.returned",
    PayoutMove.RETRY: "payout.retried",
    PayoutMove.MATCH: "payout.matched",
    PayoutMove.SHORTEN: "payout.shortened",
    PayoutMove.CANCEL: "payout.cancelled",
}


async def locked(payout_id: UUID) -> Payout:
    """The payout, ours alone until the transaction ends; NotFound where there is none."""
    payout = await Payout.filter(id=payout_id).select_for_update().first()
    if payout is None:
        raise NotFound("payout")
    return payout


async def found(payout_id: UUID) -> Payout:
    """The payout as it is; NotFound where there is none."""
    payout = await Payout.get_or_none(id=payout_id)
    if payout is None:
        raise NotFound("payout")
    return payout


async def move(
    payout: Payout, wanted: PayoutMove, *, actor: str, now: datetime, reason: str | None = None
) -> None:
    """Move a locked payout and save it whole; raises IllegalMove."""
    before = payout.state
    payout.state = PAYOUT.after(before, wanted)
    await payout.save()
    await keeping.keep(
        event=EVENTS[wanted],
        subject=Subject.PAYOUT,
        subject_id=payout.id,
        vendor_id=payout.vendor_id,
        before=before,
        after=payout.state,
        move=wanted,
        actor=actor,
        reason=reason,
        also={"batch_id": str(payout.batch_id)},
        now=now,
    )


async def take(payout: Payout, key: str, *, now: datetime) -> Operation | None:
    """Make a call for a locked payout ours, or None; from now on the call's own time counts."""
    operation = await operations.take(key, now=now)
    if operation is not None and payout.next_attempt_at is not None:
        payout.next_attempt_at = None
        await payout.save()
    return operation


def end_rest(payout: Payout) -> None:
    """A person has decided on it: it need not rest any longer from what broke before."""
    payout.failures = 0
    payout.rests_until = None


def forget_refusal(payout: Payout) -> None:
    """It went well in the end."""
    payout.failure_code = None
    payout.failure_message = None  # type: ignore[assignment]  # TextField forgets that it is null


def refused(payout: Payout, *, code: str | None, message: str | None) -> None:
    """Keep why the provider did not do it."""
    payout.failure_code = (code or "unknown")[:80]
    payout.failure_message = (message or "The payment provider gave no reason.")[:MESSAGE_KEPT]
