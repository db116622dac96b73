"""Money that arrived, once for each attempt, and what the provider kept of it."""

from datetime import datetime
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.transactions import connection
from marketplace.outbox import recording
from marketplace.outbox.recording import Event
from marketplace.payments.events import PaymentCaptured, PaymentFeeKnown
from marketplace.payments.gateway import IntentSnapshot, UnexpectedAnswer
from marketplace.payments.models import Payment

# Capture is automatic, so it takes the whole: each sub-order's share is all of its allocation.
_CAPTURE = """
    WITH arrived AS (
        INSERT INTO capture (id, payment_id, attempt_id, order_id, charge_id, amount_minor,
            currency, captured_at, balance_transaction_id, fee_minor)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ), allocated AS (
        UPDATE payment_allocation SET captured_minor = amount_minor WHERE payment_id = $2
    )
    UPDATE payment SET captured_minor = captured_minor + $6 WHERE id = $2
"""
_FEE = """
    UPDATE capture SET balance_transaction_id = $2, fee_minor = $3
    WHERE attempt_id = $1 AND fee_minor IS NULL RETURNING id
"""


async def capture(
    payment: Payment, *, attempt_id: UUID, snapshot: IntentSnapshot, now: datetime
) -> None:
    """Record that a locked payment's attempt brought its money, and the fee if it is known.

    Raises UnexpectedAnswer where the provider took another amount than the customer owes.
    """
    asked = (payment.amount_minor, payment.currency)
    taken = (snapshot.amount_received_minor, snapshot.currency)
    if taken != asked or snapshot.charge_id is None:
        raise UnexpectedAnswer(f"{snapshot.intent_id} took {taken}, asked for was {asked}")
    capture_id = new_id(now)
    await connection().execute(
        _CAPTURE,
        capture_id,
        payment.id,
        attempt_id,
        payment.order_id,
        snapshot.charge_id,
        payment.amount_minor,
        payment.currency,
        now,
        snapshot.balance_transaction_id,
        snapshot.fee_minor,
    )
    payment.captured_minor += payment.amount_minor
    facts: list[Event] = [
        PaymentCaptured(order_id=payment.order_id, payment_id=payment.id, capture_id=capture_id)
    ]
    if snapshot.fee_minor is not None:
        facts.append(PaymentFeeKnown(order_id=payment.order_id, capture_id=capture_id))
    await recording.record(facts, now=now)


async def learn_fee(
    payment: Payment, *, attempt_id: UUID, snapshot: IntentSnapshot, now: datetime
) -> None:
    """Record the provider's fee of an earlier capture once it is known, once."""
    if snapshot.fee_minor is None:
        return
    capture_id: UUID | None = await connection().fetchval(
        _FEE, attempt_id, snapshot.balance_transaction_id, snapshot.fee_minor
    )
    if capture_id is not None:
        known = PaymentFeeKnown(order_id=payment.order_id, capture_id=capture_id)
        await recording.record([known], now=now)
