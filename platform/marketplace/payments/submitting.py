"""Send a refund to the provider, once, whatever happens on the way."""

from datetime import datetime
from uuid import UUID

from marketplace.kit.errors import NotFound
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.payments import operations, refunds
from marketplace.payments.gateway import (
    OutcomeUnknown,
    PaymentGateway,
    ProviderRefused,
    RefundSnapshot,
)
from marketplace.payments.locking import lock_order_and_payment
from marketplace.payments.models import (
    AttemptState,
    Payment,
    PaymentAttempt,
    Refund,
    RefundState,
)
from marketplace.payments.operation import Operation, OperationKind
from marketplace.payments.states import REFUND, RefundMove

# A provider's status that is not here moves nothing.
MOVES = {
    "pending": RefundMove.PEND,
    "requires_action": RefundMove.PEND,
    "succeeded": RefundMove.SUCCEED,
    "failed": RefundMove.FAIL,
    "canceled": RefundMove.FAIL,
}
PROVIDER = "provider"  # who moved it, in the history


async def submit_refund(*, refund_id: UUID, gateway: PaymentGateway, now: datetime) -> None:
    """Ask the provider for a refund that was requested; safe to repeat and to race.

    When nobody knows what became of the call, `checkout.resuming` carries on.
    """
    async with transaction(SYSTEM):
        refund = await _locked(refund_id)
        if refund is None:
            raise NotFound("refund")
        if refund.state is RefundState.REQUESTED:
            await refunds.move(refund, RefundMove.SUBMIT, actor=SYSTEM.key, now=now)
            if refund.amount_minor == 0:
                # A discount had paid for it all: there is nothing to ask the provider for.
                await refunds.move(refund, RefundMove.SUCCEED, actor=SYSTEM.key, now=now)
                return
            await _plan(refund, now=now)
        operation = await operations.take(_key(refund), now=now)
    if operation is not None:
        await call_refund(operation, gateway=gateway, now=now)


async def call_refund(operation: Operation, *, gateway: PaymentGateway, now: datetime) -> None:
    """Make the call that is ours, or look up what became of it, and record the answer."""
    try:
        snapshot = await _ask(operation, gateway)
    except ProviderRefused as refused:
        await _refuse(operation, refused, now=now)
    except OutcomeUnknown as unknown:
        async with transaction(SYSTEM):
            await operations.postpone(operation.key, error=unknown, now=now)
    else:
        await apply_refund(refund_id=operation.subject_id, snapshot=snapshot, now=now)


async def apply_refund(*, refund_id: UUID, snapshot: RefundSnapshot, now: datetime) -> None:
    """Bring a refund to where the provider is, whoever says so first; one of ours or nothing.

    What the provider made when the refund was sent before is old news.
    """
    async with transaction(SYSTEM):
        refund = await _locked(refund_id)
        if refund is None or refund.generation != snapshot.generation:
            return
        wanted = MOVES.get(snapshot.status)
        # What the table does not allow is old news, as with attempts.
        if wanted is not None and wanted in REFUND.allows(refund.state):
            await refunds.move(
                refund,
                wanted,
                actor=PROVIDER,
                provider_refund_id=snapshot.refund_id,
                failure=snapshot.failure_reason,
                now=now,
            )
        if refund.state in refunds.OVER:
            await operations.succeed(_key(refund), result_id=snapshot.refund_id)
        else:
            await operations.keep_looking(_key(refund), result_id=snapshot.refund_id, now=now)


async def _ask(operation: Operation, gateway: PaymentGateway) -> RefundSnapshot:
    if operation.result_id is not None:
        return await gateway.retrieve_refund(operation.result_id)
    if not operation.is_first_call:
        intent_id = str(operation.params["payment_intent"])
        found = await gateway.find_refund(intent_id, operation.subject_id, _generation(operation))
        if found is not None:
            return found
    return await gateway.create_refund(operation.params, operation.key)


async def _refuse(operation: Operation, refused: ProviderRefused, *, now: datetime) -> None:
    async with transaction(SYSTEM):
        refund = await _locked(operation.subject_id)
        assert refund is not None
        is_its = refund.generation == _generation(operation)
        if is_its and RefundMove.FAIL in REFUND.allows(refund.state):
            await refunds.move(
                refund, RefundMove.FAIL, actor=PROVIDER, failure=refused.message, now=now
            )
        await operations.fail(operation.key, error=str(refused))


async def _locked(refund_id: UUID) -> Refund | None:
    refund = await Refund.get_or_none(id=refund_id)
    if refund is None:
        return None
    await lock_order_and_payment(refund.order_id)
    await refund.refresh_from_db()
    return refund


async def _plan(refund: Refund, *, now: datetime) -> None:
    payment = await Payment.get(id=refund.payment_id)
    paid = await PaymentAttempt.get(payment_id=payment.id, state=AttemptState.CAPTURED)
    await operations.plan(
        kind=OperationKind.REFUND,
        subject_id=refund.id,
        key=_key(refund),
        params={
            "amount": refund.amount_minor,
            "metadata": {
                "generation": str(refund.generation),
                "order_id": str(refund.order_id),
                "refund_id": str(refund.id),
            },
            "payment_intent": paid.intent_id,
            "reason": "requested_by_customer",
        },
        now=now,
    )


def _key(refund: Refund) -> str:
    return operations.key_of(OperationKind.REFUND, refund.id, refund.generation)


def _generation(operation: Operation) -> int:
    return int(operation.key.rpartition(":")[2])
