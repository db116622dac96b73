"""Bring an order to where its payment is: the answer or a webhook, whichever comes first.

Everything here happens under the order's lock, and a second telling of the same changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace.orders import locking, refunding
from marketplace.orders.states import SubOrderState
from marketplace.outbox import recording
from marketplace.payments import attempts, cancelling, capturing, operations
from marketplace.payments.events import PaymentFailed
from marketplace.payments.gateway import IntentSnapshot, ProviderRefused, UnexpectedAnswer
from marketplace.payments.locking import lock_payment
from marketplace.payments.models import AttemptState, Payment, PaymentAttempt
from marketplace.payments.states import AttemptMove
from marketplace.risk import screening

_IS_WANTED = """
    SELECT EXISTS (
        SELECT 1 FROM payment_attempt
        JOIN payment ON payment.id = payment_attempt.payment_id
        JOIN sub_order ON sub_order.order_id = payment.order_id
        WHERE payment_attempt.id = $1 AND sub_order.state = $2)
"""


@dataclass(frozen=True, slots=True)
class _Held:
    payment: Payment
    attempt: PaymentAttempt


async def apply_intent(*, attempt_id: UUID, snapshot: IntentSnapshot, now: datetime) -> None:
    """Move the attempt; money that came is captured, and releases the order's sub-orders
    unless something holds them.

    Money for an order that was cancelled meanwhile goes back in full. An attempt that is not
    ours is ignored. Raises UnexpectedAnswer where the provider's story does not fit the books.
    """
    async with transaction(SYSTEM):
        held = await _hold(attempt_id)
        if held is None:
            return
        payment, attempt = held.payment, held.attempt
        if attempt.intent_id not in {None, snapshot.intent_id}:
            raise UnexpectedAnswer(f"{attempt.intent_id} has become {snapshot.intent_id}")

        await _check_alone(payment, attempt, snapshot)
        made = await attempts.move(attempt, snapshot)
        if made is AttemptMove.CAPTURE:
            await capturing.capture(payment, attempt_id=attempt_id, snapshot=snapshot, now=now)
            await _admit_or_give_back(held, snapshot, now)
        elif attempt.state is AttemptState.CAPTURED:
            await capturing.learn_fee(payment, attempt_id=attempt_id, snapshot=snapshot, now=now)
        elif made is AttemptMove.FAIL:
            await _tell_failed(held, now)
        elif not attempts.is_over(attempt) and not await is_wanted(attempt_id):
            await cancelling.plan_cancel_of(attempt, now=now)
        await _follow(attempt, snapshot, now)


async def apply_refusal(*, attempt_id: UUID, refused: ProviderRefused, now: datetime) -> None:
    """The provider would not make an intent at all: the attempt has failed."""
    async with transaction(SYSTEM):
        held = await _hold(attempt_id)
        assert held is not None
        made = await attempts.refuse(held.attempt, code=refused.code, message=refused.message)
        if made is AttemptMove.FAIL:
            await _tell_failed(held, now)
        await operations.fail(attempts.key_of(held.attempt), error=str(refused))


async def give_up(*, attempt_id: UUID) -> None:
    """The provider never had the intent, and the order does not want it any more."""
    async with transaction(SYSTEM):
        held = await _hold(attempt_id)
        assert held is not None
        await attempts.give_up(held.attempt)
        await operations.fail(attempts.key_of(held.attempt), error="the order was cancelled")


async def is_wanted(attempt_id: UUID) -> bool:
    """Whether something of the attempt's order still waits for money."""
    wanted: bool = await connection().fetchval(_IS_WANTED, attempt_id, SubOrderState.PENDING)
    return wanted


async def _hold(attempt_id: UUID) -> _Held | None:
    order_id = await attempts.order_of(attempt_id)
    if order_id is None:
        return None
    await locking.lock_sub_orders(order_id)
    payment = await lock_payment(order_id)
    return _Held(payment, await PaymentAttempt.get(id=attempt_id))


async def _check_alone(payment: Payment, attempt: PaymentAttempt, snapshot: IntentSnapshot) -> None:
    """Money for an attempt that was over is booked, unless another one took its place."""
    has_come_late = attempts.is_over(attempt) and attempt.state is not AttemptState.CAPTURED
    if not has_come_late or attempts.MOVES.get(snapshot.status) is not AttemptMove.CAPTURE:
        return
    for other in await attempts.of(payment):
        is_in_the_way = other.state is AttemptState.CAPTURED or not attempts.is_over(other)
        if other.id != attempt.id and is_in_the_way:
            raise UnexpectedAnswer(
                f"{snapshot.intent_id} and {other.intent_id} both pay order {payment.order_id}"
            )


async def _admit_or_give_back(held: _Held, snapshot: IntentSnapshot, now: datetime) -> None:
    order_id = held.payment.order_id
    unwanted = await screening.admit(order_id=order_id, card_country=snapshot.card_country, now=now)
    if unwanted is not None:
        await refunding.request_full(
            principal=SYSTEM,
            order_id=order_id,
            reason=unwanted,
            key=f"paid too late:{held.attempt.id}",
            now=now,
        )


async def _tell_failed(held: _Held, now: datetime) -> None:
    failed = PaymentFailed(order_id=held.payment.order_id, attempt_id=held.attempt.id)
    await recording.record([failed], now=now)


async def _follow(attempt: PaymentAttempt, snapshot: IntentSnapshot, now: datetime) -> None:
    """The call is over when nothing more can come of it; until then the sweeper looks again."""
    key = attempts.key_of(attempt)
    fee_is_missing = attempt.state is AttemptState.CAPTURED and snapshot.fee_minor is None
    if attempts.is_over(attempt) and not fee_is_missing:
        await operations.succeed(key, result_id=snapshot.intent_id)
    else:
        await operations.keep_looking(key, result_id=snapshot.intent_id, now=now)
