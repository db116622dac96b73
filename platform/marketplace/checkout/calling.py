"""Make the calls that pay an order, or find out what became of them, and record the answers."""

from datetime import datetime
from uuid import UUID

from marketplace.checkout import confirming
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.payments import operations
from marketplace.payments.gateway import (
    IntentSnapshot,
    OutcomeUnknown,
    PaymentGateway,
    ProviderRefused,
)
from marketplace.payments.models import PaymentAttempt
from marketplace.payments.operation import Operation

# What a provider calls an intent that will not change any more.
OVER = frozenset({"succeeded", "canceled"})


async def call_intent(operation: Operation, *, gateway: PaymentGateway, now: datetime) -> None:
    """Make an attempt's intent, once; a decline and an unknown outcome are recorded too."""
    attempt_id = operation.subject_id
    try:
        snapshot = await _ask(operation, gateway)
    except ProviderRefused as refused:
        if refused.intent is None:
            await confirming.apply_refusal(attempt_id=attempt_id, refused=refused, now=now)
        else:
            await confirming.apply_intent(attempt_id=attempt_id, snapshot=refused.intent, now=now)
    except OutcomeUnknown as unknown:
        await _postpone(operation, unknown, now)
    else:
        if snapshot is None:
            await confirming.give_up(attempt_id=attempt_id)
        else:
            await confirming.apply_intent(attempt_id=attempt_id, snapshot=snapshot, now=now)


async def refresh_intent(
    attempt: PaymentAttempt, *, gateway: PaymentGateway, now: datetime
) -> None:
    """See where the shopper and the bank are by now, in case no webhook said so yet."""
    assert attempt.intent_id is not None
    try:
        snapshot = await gateway.retrieve_intent(attempt.intent_id)
    except OutcomeUnknown:
        return  # what we know stands; the sweeper looks again
    await confirming.apply_intent(attempt_id=attempt.id, snapshot=snapshot, now=now)


async def call_cancel(operation: Operation, *, gateway: PaymentGateway, now: datetime) -> None:
    """Cancel an intent, or learn that it was too late for that."""
    try:
        snapshot = await _cancel(operation, gateway)
    except OutcomeUnknown as unknown:
        await _postpone(operation, unknown, now)
        return
    await confirming.apply_intent(attempt_id=operation.subject_id, snapshot=snapshot, now=now)
    async with transaction(SYSTEM):
        await operations.succeed(operation.key, result_id=snapshot.intent_id)


async def _ask(operation: Operation, gateway: PaymentGateway) -> IntentSnapshot | None:
    """None where the provider never had it and the order does not want it any more."""
    if operation.result_id is not None:
        return await gateway.retrieve_intent(operation.result_id)
    if not operation.is_first_call:
        found = await gateway.find_intent(
            operation.subject_id, created_from=operation.first_sent_at
        )
        if found is not None or not await _is_wanted(operation.subject_id):
            return found
    return await gateway.create_intent(operation.params, operation.key)


async def _is_wanted(attempt_id: UUID) -> bool:
    async with transaction(SYSTEM, read_only=True):
        return await confirming.is_wanted(attempt_id)


async def _cancel(operation: Operation, gateway: PaymentGateway) -> IntentSnapshot:
    intent_id = str(operation.params["intent_id"])
    if not operation.is_first_call:
        snapshot = await gateway.retrieve_intent(intent_id)
        if snapshot.status in OVER:
            return snapshot
    try:
        return await gateway.cancel_intent(intent_id, operation.key)
    except ProviderRefused:
        # It was paid, or cancelled, just before.
        return await gateway.retrieve_intent(intent_id)


async def _postpone(operation: Operation, unknown: OutcomeUnknown, now: datetime) -> None:
    async with transaction(SYSTEM):
        await operations.postpone(operation.key, error=unknown, now=now)
