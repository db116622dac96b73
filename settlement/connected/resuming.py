"""Carry on with calls about vendors' accounts that a crash or a silence left open."""

from datetime import datetime

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.payments import operations
from marketplace.payments.operation import OperationKind
from settlement.connected import opening
from settlement.connected.gateway import ConnectGateway

CALLS = {
    OperationKind.ACCOUNT: opening.call_account,
    OperationKind.BALANCE_SETTINGS: opening.call_settings,
}
BATCH = 20


async def resume_due(*, gateway: ConnectGateway, now: datetime, limit: int = BATCH) -> int:
    """Carry on with up to `limit` calls that are due; how many that was. Safe beside itself."""
    async with transaction(SYSTEM):
        due = await operations.take_due(kinds=CALLS, now=now, limit=limit)
    for operation in due:
        await CALLS[operation.kind](operation, gateway=gateway, now=now)
    return len(due)
