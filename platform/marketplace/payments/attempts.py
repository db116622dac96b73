"""Attempts to pay: one intent at the provider each."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from marketplace.kit.transactions import connection
from marketplace.payments import operations
from marketplace.payments.gateway import IntentSnapshot
from marketplace.payments.models import AttemptState, Payment, PaymentAttempt
from marketplace.payments.operation import Operation, OperationKind
from marketplace.payments.states import ATTEMPT, LIVE, AttemptMove

# A provider's status that is not here moves nothing.
MOVES = {
    "requires_action": AttemptMove.REQUIRE_ACTION,
    "processing": AttemptMove.PROCESS,
    "succeeded": AttemptMove.CAPTURE,
    # We confirm when we create: back at the start means that the card was refused.
    "requires_payment_method": AttemptMove.FAIL,
    "canceled": AttemptMove.EXPIRE,
}
_ORDER_OF = """
    SELECT payment.order_id FROM payment_attempt
    JOIN payment ON payment.id = payment_attempt.payment_id WHERE payment_attempt.id = $1
"""
_MOVE = """
    UPDATE payment_attempt
    SET state = $2, intent_id = coalesce($3, intent_id), next_action_url = $4,
        failure_code = $5, failure_message = $6
    WHERE id = $1
"""


async def order_of(attempt_id: UUID) -> UUID | None:
    """The order an attempt is to pay; None for an attempt that is not ours."""
    order_id: UUID | None = await connection().fetchval(_ORDER_OF, attempt_id)
    return order_id


async def of(payment: Payment) -> list[PaymentAttempt]:
    """All attempts of a payment, the first one first."""
    return await PaymentAttempt.filter(payment_id=payment.id).order_by("generation")


def live_among(attempts: Sequence[PaymentAttempt]) -> PaymentAttempt | None:
    """The one attempt whose end is open, if there is one."""
    return next((attempt for attempt in attempts if attempt.state in LIVE), None)


async def begin(
    payment: Payment,
    *,
    attempt_id: UUID,
    generation: int,
    payment_method: str,
    return_url: str,
    now: datetime,
) -> tuple[PaymentAttempt, Operation]:
    """Write an attempt of a locked payment, and the call that makes its intent: ours to make."""
    attempt = await PaymentAttempt.create(
        id=attempt_id,
        payment_id=payment.id,
        generation=generation,
        state=ATTEMPT.start,
        payment_method=payment_method,
        created_at=now,
    )
    operation = await operations.begin(
        kind=OperationKind.INTENT,
        subject_id=attempt.id,
        key=key_of(attempt),
        params={
            "amount": payment.amount_minor,
            "currency": payment.currency.lower(),
            "capture_method": "automatic",
            "confirm": True,
            "metadata": {
                "attempt_id": str(attempt.id),
                "order_id": str(payment.order_id),
                "payment_id": str(payment.id),
            },
            "payment_method": payment_method,
            "payment_method_types": ["card"],
            "return_url": return_url,
            "transfer_group": str(payment.order_id),
        },
        now=now,
    )
    return attempt, operation


def key_of(attempt: PaymentAttempt) -> str:
    return operations.key_of(OperationKind.INTENT, attempt.id, attempt.generation)


async def move(attempt: PaymentAttempt, snapshot: IntentSnapshot) -> AttemptMove | None:
    """Bring a locked attempt to where the provider is; the move it made, if any.

    What the table does not allow is old news: answers and webhooks come in any order, and a
    picture taken earlier may arrive later.
    """
    wanted = MOVES.get(snapshot.status)
    if wanted is None or wanted not in ATTEMPT.allows(attempt.state):
        return None
    attempt.intent_id = snapshot.intent_id
    if wanted is AttemptMove.REQUIRE_ACTION:
        await _move(attempt, wanted, next_action_url=snapshot.next_action_url)
    elif wanted is AttemptMove.FAIL:
        failure = (snapshot.failure_code, snapshot.failure_message)
        await _move(attempt, wanted, failure=failure)
    else:
        await _move(attempt, wanted)
    return wanted


async def refuse(attempt: PaymentAttempt, *, code: str, message: str) -> AttemptMove | None:
    """The provider would not even make an intent."""
    if AttemptMove.FAIL not in ATTEMPT.allows(attempt.state):
        return None
    await _move(attempt, AttemptMove.FAIL, failure=(code, message))
    return AttemptMove.FAIL


async def give_up(attempt: PaymentAttempt) -> None:
    """Nobody wants it any more and the provider never had it."""
    if AttemptMove.EXPIRE in ATTEMPT.allows(attempt.state):
        await _move(attempt, AttemptMove.EXPIRE)


def is_over(attempt: PaymentAttempt) -> bool:
    return attempt.state not in LIVE


async def _move(
    attempt: PaymentAttempt,
    wanted: AttemptMove,
    *,
    next_action_url: str | None = None,
    failure: tuple[str | None, str | None] = (None, None),
) -> None:
    attempt.state = AttemptState(ATTEMPT.after(attempt.state, wanted))
    await connection().execute(
        _MOVE, attempt.id, attempt.state, attempt.intent_id, next_action_url, *failure
    )
