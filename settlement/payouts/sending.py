"""Pay a transferred payout from the vendor's balance at the provider to its bank.

Once for each attempt.
"""

from datetime import datetime, timedelta
from uuid import UUID

from marketplace.kit import failpoints
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.payments import operations
from marketplace.payments.gateway import OutcomeUnknown, ProviderRefused
from marketplace.payments.operations import Operation, OperationKind
from settlement.connected.gateway import ConnectGateway, PayoutSnapshot
from settlement.payouts import following, moving, waiting
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
            "amount": payout.amount_minor,
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
    """Send a transferred payout if nobody else is at it; safe to repeat and to race."""
    async with transaction(SYSTEM):
        payout = await moving.locked(payout_id)
        if payout.state is not PayoutState.TRANSFERRED:
            return
        operation = await moving.take(payout, key(payout), now=now)
    if operation is None:
        return
    failpoints.reach("payouts.before_payout_call")
    try:
        snapshot = await _ask(operation, gateway, payout, now)
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
    operation: Operation, gateway: ConnectGateway, payout: Payout, now: datetime
) -> PayoutSnapshot:
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
