"""Take a payout back: before its transfer at once, after it by reversing the transfer first.

What is under way cannot be called back from here: the wish is kept, and carried out as soon as
the outcome of the call is known. What has left for the bank is not cancelled any more.
"""

from datetime import datetime, timedelta
from uuid import UUID

from marketplace.kit import failpoints
from marketplace.kit.principal import SYSTEM, Principal
from marketplace.kit.transactions import connection, transaction
from marketplace.payments import operations
from marketplace.payments.gateway import OutcomeUnknown, ProviderRefused, UnexpectedAnswer
from marketplace.payments.operations import Operation, OperationKind
from settlement import access
from settlement.connected.gateway import ConnectGateway, ReversalSnapshot
from settlement.payouts import booking, matching, moving, releasing, sending, transferring
from settlement.payouts.models import Payout, PayoutState
from settlement.payouts.states import PAYOUT, PayoutMove

WAIT = timedelta(hours=6)  # after the provider would not reverse: its balance may be back by then
_AT_PROVIDER = (PayoutState.TRANSFERRED, PayoutState.FAILED, PayoutState.RETURNED)
_GENERATION = """
    SELECT count(*) + 1 FROM provider_operation
    WHERE kind = 'transfer_reversal' AND subject_id = $1 AND state = 'failed'
"""


async def cancel(*, principal: Principal, payout_id: UUID, reason: str, now: datetime) -> None:
    """Cancel a payout, or keep the wish to; its money is available again when it is cancelled.

    Approvers and administrators may. Refuses Forbidden, and IllegalMove once it is with the bank
    or over, ExistsAtProvider where it turned out to be with the bank. Asking twice is asking once.
    """
    access.check_approver(principal, "cancel a payout")
    async with transaction(SYSTEM):
        payout = await moving.locked(payout_id)
        PAYOUT.after(payout.state, PayoutMove.CANCEL)
        matching.refuse_if_found(payout)
        if payout.state in (PayoutState.DRAFT, PayoutState.APPROVED) or (
            payout.state is PayoutState.RESERVED and await transferring.withdraw(payout)
        ):
            await releasing.release(payout, actor=principal.key, reason=reason, now=now)
            return
        if payout.cancel_requested_at is not None:
            return
        payout.cancel_requested_at = payout.next_attempt_at = now
        await payout.save()
        if payout.state in _AT_PROVIDER:
            await _plan_if_free(payout, now=now)


async def carry_on(*, payout_id: UUID, gateway: ConnectGateway, now: datetime) -> None:
    """Reverse the transfer of a payout that is to be cancelled; safe to repeat and to race."""
    async with transaction(SYSTEM):
        payout = await moving.locked(payout_id)
        is_early = payout.next_attempt_at is not None and payout.next_attempt_at > now
        is_wanted = payout.cancel_requested_at is not None and payout.found_payout_id is None
        if not is_wanted or payout.state not in _AT_PROVIDER or is_early:
            return
        key = await _plan_if_free(payout, now=now)
        operation = None if key is None else await moving.take(payout, key, now=now)
    if operation is None:
        return
    failpoints.reach("payouts.before_reversal_call")
    try:
        snapshot = await _ask(operation, gateway)
    except ProviderRefused as refused:
        await _refuse(operation, refused, now=now)
    except OutcomeUnknown as unknown:
        async with transaction(SYSTEM):
            await operations.postpone(operation.key, error=unknown, now=now)
    else:
        failpoints.reach("payouts.after_reversal_call")
        await apply_reversal(payout_id=payout_id, snapshot=snapshot, now=now)
        failpoints.reach("payouts.after_reversal")


async def apply_reversal(*, payout_id: UUID, snapshot: ReversalSnapshot, now: datetime) -> None:
    """Record that a payout's transfer is reversed, whoever says so first.

    Raises UnexpectedAnswer where another amount came back than was transferred.
    """
    async with transaction(SYSTEM):
        payout = await moving.locked(payout_id)
        if payout.state not in _AT_PROVIDER or payout.cancel_requested_at is None:
            return
        if snapshot.amount_minor != payout.amount_minor:
            raise UnexpectedAnswer(
                f"{snapshot.reversal_id} took {snapshot.amount_minor} back, "
                f"asked for was {payout.amount_minor}"
            )
        await operations.succeed(await _key(payout), result_id=snapshot.reversal_id)
        await booking.book(payout, booking.REVERSAL, now=now)
        await releasing.release(payout, actor=moving.PROVIDER, now=now)
        failpoints.reach("payouts.reversing")


async def _plan_if_free(payout: Payout, *, now: datetime) -> str | None:
    """Plan the reversal unless a payout to the bank may still be under way; its key."""
    if payout.state is PayoutState.TRANSFERRED and not await sending.withdraw(payout):
        return None
    key = await _key(payout)
    await operations.plan(
        kind=OperationKind.TRANSFER_REVERSAL,
        subject_id=payout.id,
        key=key,
        params={
            "amount": payout.amount_minor,
            "metadata": {
                "payout_id": str(payout.id),
                "souk": f"transfer_reversal:{payout.id}",
                "transfer": payout.transfer_id,
            },
        },
        now=now,
    )
    return key


async def _ask(operation: Operation, gateway: ConnectGateway) -> ReversalSnapshot:
    metadata = operation.params["metadata"]
    assert isinstance(metadata, dict)
    transfer_id = str(metadata["transfer"])
    if not operation.is_first_call:
        found = await gateway.find_reversal(transfer_id, souk=metadata["souk"])
        if found is not None:
            return found
    return await gateway.reverse_transfer(transfer_id, operation.params, operation.key)


async def _refuse(operation: Operation, refused: ProviderRefused, *, now: datetime) -> None:
    async with transaction(SYSTEM):
        payout = await moving.locked(operation.subject_id)
        await operations.fail(operation.key, error=str(refused))
        if payout.state in _AT_PROVIDER:
            moving.refused(payout, code=refused.code, message=refused.message)
            payout.next_attempt_at = now + WAIT
            await payout.save()


async def _key(payout: Payout) -> str:
    generation = await connection().fetchval(_GENERATION, payout.id)
    return operations.key_of(OperationKind.TRANSFER_REVERSAL, payout.id, generation)
