"""Pay a transferred payout from the vendor's balance at the provider to its bank.

Once for each attempt, and only while nothing stops the vendor's payouts: until then the money
waits at the provider.
"""

from datetime import datetime, timedelta
from uuid import UUID

from marketplace.kit import failpoints
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.payments import operations
from marketplace.payments.gateway import OutcomeUnknown, ProviderRefused
from marketplace.payments.operation import Operation, OperationKind
from settlement.connected.gateway import ConnectGateway, PayoutSnapshot
from settlement.payouts import following, moving, stopping, waiting
from settlement.payouts.models import Payout, PayoutState
from settlement.payouts.states import PayoutMove

HEARD_WITHIN = timedelta(minutes=10)


async def plan(payout: Payout, *, now: datetime) -> None:
    """Write down the payout to make, in the transaction that brought its money there."""
    await operations.plan(
        kind=OperationKind.PAYOUT,
        subject_id=payout.id,
        key=key(payout),
        params={
            "amount": payout.left_minor,
            "currency": payout.currency.lower(),
            "metadata": {
                "attempt": str(payout.attempt),
                "payout_id": str(payout.id),
                "souk": f"payout:{payout.id}",
                "vendor_id": str(payout.vendor_id),
            },
        },
        account=payout.provider_account_id,
        now=now,
    )


async def send(*, payout_id: UUID, gateway: ConnectGateway, now: datetime) -> None:
    """Send a transferred payout if it is time and nobody else is at it; safe to repeat.

    A stop that came since its transfer keeps it where it is, with the reason, until it is over.
    """
    async with transaction(SYSTEM):
        payout = await moving.locked(payout_id)
        is_early = payout.next_attempt_at is not None and payout.next_attempt_at > now
        if payout.state is not PayoutState.TRANSFERRED or is_early:
            return
        # Asked in the transaction that takes the call, the last one before it is made.
        stop = await stopping.stop(payout, now=now)
        if stop is not None and await operations.is_planned(key(payout)):
            await stopping.keep_waiting(payout, stop)
            return
        operation = await moving.take(payout, key(payout), now=now)
    if operation is None:
        return
    failpoints.reach("payouts.before_payout_call")
    try:
        snapshot = await _ask(operation, gateway, payout, now, may_ask=stop is None)
    except ProviderRefused as refused:
        await _refuse(operation, refused, now=now)
    except OutcomeUnknown as unknown:
        async with transaction(SYSTEM):
            await operations.postpone(operation.key, error=unknown, now=now)
    else:
        failpoints.reach("payouts.after_payout_call")
        await following.apply_payout(payout_id=payout_id, snapshot=snapshot, now=now)
        failpoints.reach("payouts.after_send")


async def withdraw(payout: Payout) -> bool:
    """Make sure this attempt of a locked payout is not made; False where it may have been."""
    return await operations.withdraw(key(payout))


def key(payout: Payout) -> str:
    return operations.key_of(OperationKind.PAYOUT, payout.id, payout.attempt)


async def _ask(
    operation: Operation,
    gateway: ConnectGateway,
    payout: Payout,
    now: datetime,
    *,
    may_ask: bool,
) -> PayoutSnapshot:
    """Look what became of the last call, then ask; while payouts are stopped only the first."""
    if not operation.is_first_call:
        found = await gateway.find_payout(
            operation.account,
            souk=f"payout:{payout.id}",
            attempt=payout.attempt,
            created_from=operation.first_sent_at,
        )
        if found is not None:
            return found
        if payout.cancel_requested_at is not None:
            # Since then nobody asks; who asked just before may still be heard.
            if now - payout.cancel_requested_at < HEARD_WITHIN:
                raise OutcomeUnknown("The last call may still be on its way.")
            raise ProviderRefused("cancelled", "It was cancelled before it was sent.")
        if operation.may_be_forgotten(now):
            raise ProviderRefused("never_arrived", "The provider has no such payout.")
        if operation.is_only_looked_up(now):
            raise OutcomeUnknown("It was asked for long enough; from now on we only look.")
        if not may_ask:
            raise OutcomeUnknown("Payouts were stopped after the last call; we only look.")
    return await gateway.create_payout(operation.account, operation.params, operation.key)


async def _refuse(operation: Operation, refused: ProviderRefused, *, now: datetime) -> None:
    async with transaction(SYSTEM):
        payout = await moving.locked(operation.subject_id)
        await operations.fail(operation.key, error=str(refused))
        if payout.state is not PayoutState.TRANSFERRED or key(payout) != operation.key:
            return
        moving.refused(payout, code=refused.code, message=refused.message)
        payout.next_attempt_at = waiting.next_attempt(payout, now=now)
        await moving.move(
            payout, PayoutMove.FAIL, actor=moving.PROVIDER, reason=refused.message, now=now
        )
