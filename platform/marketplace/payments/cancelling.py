"""Take back an intent that nobody should pay any more."""

from datetime import datetime
from uuid import UUID

from marketplace.payments import attempts, operations
from marketplace.payments.models import Payment, PaymentAttempt
from marketplace.payments.operation import OperationKind


async def plan_cancel(*, order_id: UUID, now: datetime) -> str | None:
    """Plan, in the caller's transaction, to cancel the order's open intent; the call's key.

    None where there is nothing to cancel: no attempt under way, or one whose intent we do not
    know of yet; that one is cancelled when it shows up. The caller holds the order's lock.
    """
    payment = await Payment.get(order_id=order_id)
    attempt = attempts.live_among(await attempts.of(payment))
    if attempt is None or attempt.intent_id is None:
        return None
    return await plan_cancel_of(attempt, now=now)


async def plan_cancel_of(attempt: PaymentAttempt, *, now: datetime) -> str:
    assert attempt.intent_id is not None
    key = operations.key_of(OperationKind.CANCEL, attempt.id, attempt.generation)
    await operations.plan(
        kind=OperationKind.CANCEL,
        subject_id=attempt.id,
        key=key,
        params={"intent_id": attempt.intent_id},
        now=now,
    )
    return key
