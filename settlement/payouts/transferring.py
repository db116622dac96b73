"""Move a reserved payout's money to the vendor's balance at the provider, once.

The transfer's group is the payout, so that a look-up finds a transfer of any generation. A
generation rises only after a definite no.
"""

from datetime import datetime, timedelta
from uuid import UUID

from marketplace.kit import failpoints
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace.payments import operations
from marketplace.payments.gateway import OutcomeUnknown, ProviderRefused, UnexpectedAnswer
from marketplace.payments.operation import Operation, OperationKind
from settlement.connected.gateway import ConnectGateway, TransferSnapshot
from settlement.payouts import booking, moving, releasing, sending, stopping
from settlement.payouts.models import Payout, PayoutState
from settlement.payouts.states import PayoutMove

FIRST_WAIT = timedelta(hours=1)
LONGEST_WAIT = timedelta(hours=24)
_WAKE = """
    UPDATE payout SET next_attempt_at = $1
    WHERE state = 'reserved' AND next_attempt_at > $1 AND failure_code = 'balance_insufficient'
"""


async def plan(payout: Payout, *, now: datetime) -> None:
    """Write down the transfer to make, in the transaction that reserves its money."""
    await operations.plan(
        kind=OperationKind.TRANSFER,
        subject_id=payout.id,
        key=_key(payout),
        params={
            "amount": payout.amount_minor,
            "currency": payout.currency.lower(),
            "destination": payout.provider_account_id,
            "metadata": {
                "generation": str(payout.transfer_generation),
                "payout_id": str(payout.id),
                "souk": f"transfer:{payout.id}",
                "vendor_id": str(payout.vendor_id),
            },
            "transfer_group": str(payout.id),
        },
        now=now,
    )


async def transfer(*, payout_id: UUID, gateway: ConnectGateway, now: datetime) -> None:
    """Transfer a reserved payout if it is time and nobody else is at it; safe to repeat.

    A stop that came since it was approved keeps it reserved, with the reason, until it is over.
    """
    async with transaction(SYSTEM):
        payout = await moving.locked(payout_id)
        is_early = payout.next_attempt_at is not None and payout.next_attempt_at > now
        if payout.state is not PayoutState.RESERVED or is_early:
            return
        await plan(payout, now=now)
        # Asked in the transaction that takes the call, the last one before it is made.
        stop = await stopping.stop(payout, now=now)
        if stop is not None and await operations.is_planned(_key(payout)):
            await stopping.keep_waiting(payout, stop)
            return
        operation = await moving.take(payout, _key(payout), now=now)
    if operation is None:
        return
    failpoints.reach("payouts.before_transfer_call")
    try:
        snapshot = await _ask(operation, gateway, now, may_ask=stop is None)
    except ProviderRefused as refused:
        await _refuse(operation, refused, now=now)
    except OutcomeUnknown as unknown:
        async with transaction(SYSTEM):
            await operations.postpone(operation.key, error=unknown, now=now)
    else:
        failpoints.reach("payouts.after_transfer_call")
        await apply_transfer(payout_id=payout_id, snapshot=snapshot, now=now)
        failpoints.reach("payouts.after_transfer")


async def apply_transfer(*, payout_id: UUID, snapshot: TransferSnapshot, now: datetime) -> None:
    """Record that the provider has made a payout's transfer, whoever says so first.

    Raises UnexpectedAnswer where it is not the transfer that we asked for.
    """
    async with transaction(SYSTEM):
        payout = await moving.locked(payout_id)
        if payout.state is not PayoutState.RESERVED:
            return
        made = (snapshot.amount_minor, snapshot.currency, snapshot.destination)
        asked = (payout.amount_minor, payout.currency, payout.provider_account_id)
        if made != asked:
            raise UnexpectedAnswer(f"{snapshot.transfer_id} moved {made}, asked for was {asked}")
        payout.transfer_id = snapshot.transfer_id
        moving.forget_refusal(payout)
        await operations.succeed(_key(payout), result_id=snapshot.transfer_id)
        await booking.book(payout, booking.TRANSFER, now=now)
        await moving.move(payout, PayoutMove.TRANSFER, actor=moving.PROVIDER, now=now)
        if payout.cancel_requested_at is None:
            await sending.plan(payout, now=now)
        failpoints.reach("payouts.transferring")


async def wake_waiting(*, now: datetime) -> None:
    """Money became available at the provider: transfers that lacked it need not wait longer."""
    async with transaction(SYSTEM):
        await connection().execute(_WAKE, now)


async def withdraw(payout: Payout) -> bool:
    """Make sure no transfer of a locked payout is made; False where one may have been."""
    return await operations.withdraw(_key(payout))


async def _ask(
    operation: Operation, gateway: ConnectGateway, now: datetime, *, may_ask: bool
) -> TransferSnapshot:
    """Look what became of the last call, then ask; while payouts are stopped only the first."""
    if not operation.is_first_call:
        found = await gateway.find_transfer(str(operation.subject_id))
        if found is not None:
            return found
        if operation.may_be_forgotten(now):
            raise ProviderRefused("never_arrived", "The provider has no such transfer.")
        if operation.is_only_looked_up(now):
            raise OutcomeUnknown("It was asked for long enough; from now on we only look.")
        if not may_ask:
            raise OutcomeUnknown("Payouts were stopped after the last call; we only look.")
    return await gateway.create_transfer(operation.params, operation.key)


async def _refuse(operation: Operation, refused: ProviderRefused, *, now: datetime) -> None:
    """Nothing moved: the money stays reserved, and another generation asks later."""
    async with transaction(SYSTEM):
        payout = await moving.locked(operation.subject_id)
        await operations.fail(operation.key, error=str(refused))
        if payout.state is not PayoutState.RESERVED or _key(payout) != operation.key:
            return
        if payout.cancel_requested_at is not None:
            await releasing.release(payout, actor=SYSTEM.key, now=now)
            return
        wait = min(FIRST_WAIT * 2 ** min(payout.transfer_generation - 1, 10), LONGEST_WAIT)
        payout.transfer_generation += 1
        payout.next_attempt_at = now + wait
        moving.refused(payout, code=refused.code, message=refused.message)
        await payout.save()


def _key(payout: Payout) -> str:
    return operations.key_of(OperationKind.TRANSFER, payout.id, payout.transfer_generation)
