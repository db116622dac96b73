"""Carry on with calls to the provider that a crash, a silence or a lost webhook left open."""

import asyncio
import logging
from datetime import datetime

from marketplace.checkout import calling
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.payments import operations, submitting
from marketplace.payments.gateway import PaymentGateway, ProviderError
from marketplace.payments.operation import Operation, OperationKind

logger = logging.getLogger(__name__)

CALLS = {
    OperationKind.INTENT: calling.call_intent,
    OperationKind.CANCEL: calling.call_cancel,
    OperationKind.REFUND: submitting.call_refund,
}
BATCH = 20


async def resume_due(*, gateway: PaymentGateway, now: datetime, limit: int = BATCH) -> int:
    """Carry on with up to `limit` calls that are due, side by side; how many that were.

    Any number of processes may run it at once.
    """
    async with transaction(SYSTEM):
        due = await operations.take_due(kinds=CALLS, now=now, limit=limit)
    await asyncio.gather(*(_carry_on(operation, gateway, now) for operation in due))
    return len(due)


async def _carry_on(operation: Operation, gateway: PaymentGateway, now: datetime) -> None:
    try:
        await CALLS[operation.kind](operation, gateway=gateway, now=now)
    except ProviderError as error:
        # A person has to look; the others must not wait for that.
        logger.exception("the provider's answer to %s does not fit", operation.key)
        async with transaction(SYSTEM):
            await operations.postpone(operation.key, error=error, now=now)
