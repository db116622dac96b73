"""Take a payout back: before its transfer at once, after it by reversing the transfer first.

What is under way cannot be called back from here: the wish is kept, and carried out as soon as
the outcome of the call is known. What has left for the bank is not cancelled any more.
"""

from datetime import datetime, timedelta
from uuid import UUID

from marketplace.kit import failpoints
from marketplace.kit.errors import IllegalMove, InvalidInput
from marketplace.kit.principal import SYSTEM, Principal
from marketplace.kit.transactions import connection, transaction
from marketplace.payments import operations
from marketplace.payments.gateway import OutcomeUnknown, ProviderRefused, UnexpectedAnswer
from marketplace.payments.operations import Operation, OperationKind
from settlement import access
from settlement.connected.gateway import ConnectGateway, ReversalSnapshot
from settlement.payouts import (
    booking,
    following,
    matching,
    moving,
    releasing,
    sending,
    transferring,
    waiting,
)
from settlement.payouts.models import Payout, PayoutState
from settlement.payouts.states import PAYOUT, PayoutMove

WAIT = timedelta(hours=6)  # after the provider would not reverse: its balance may be back by then
_AT_PROVIDER = (PayoutState.TRANSFERRED, PayoutState.FAILED, PayoutState.RETURNED)
_GENERATION = """
    SELECT count(*) + 1 FROM provider_operation
    WHERE kind = 'transfer_reversal' AND subject_id = $1 AND state IN ('failed', 'succeeded')
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
        if payout.state in _AT_PROVIDER and payout.taking_back_minor is None:
            await _plan_if_free(payout, now=now)


async def shorten(
    *, principal: Principal, payout_id: UUID, amount_minor: int, reason: str, now: datetime
) -> None:
    """Take a part of a payout back from the vendor's balance at the provider; the rest goes on.

    The worker reverses that part of the transfer, and what came back is available again.
    Approvers and administrators may. Refuses Forbidden; IllegalMove where its money does not wait
    at the provider for certain (an attempt that was given up may be found there) or is being taken
    back already; ExistsAtProvider; and an amount that is not above zero and below what is left.
    """
    access.check_approver(principal, "take a part of a payout back")
    async with transaction(SYSTEM):
        payout = await moving.locked(payout_id)
        PAYOUT.after(payout.state, PayoutMove.SHORTEN)
        matching.refuse_if_found(payout)
        if not 0 < amount_minor < payout.left_minor:
            accepts = f"more than nothing and less than {payout.left_minor}"
            raise InvalidInput("amount_minor", f"{amount_minor} cannot be taken back", accepts)
        is_going = payout.cancel_requested_at is not None or payout.taking_back_minor is not None
        if is_going or following.is_given_up(payout) or not await _is_free(payout):
            raise IllegalMove("payout", f"{payout.state} and under way", PayoutMove.SHORTEN)
        if payout.state is PayoutState.TRANSFERRED:
            payout.attempt += 1  # the call for all of it is withdrawn
        payout.taking_back_minor = amount_minor
        payout.next_attempt_at = now
        await _plan_if_free(payout, now=now)
        await moving.move(payout, PayoutMove.SHORTEN, actor=principal.key, reason=reason, now=now)


async def carry_on(*, payout_id: UUID, gateway: ConnectGateway, now: datetime) -> None:
    """Reverse the transfer of a payout that is to be cancelled, or the part of it that is to be
    taken back; safe to repeat and to race."""
    async with transaction(SYSTEM):
        payout = await moving.locked(payout_id)
        is_early = payout.next_attempt_at is not None and payout.next_attempt_at > now
        is_asked = payout.cancel_requested_at is not None or payout.taking_back_minor is not None
        is_wanted = is_asked and payout.found_payout_id is None
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
        is_asked = payout.cancel_requested_at is not None or payout.taking_back_minor is not None
        if payout.state not in _AT_PROVIDER or not is_asked:
            return
        generation = await _generation(payout)
        if snapshot.metadata.get("souk") != _named(payout, generation):
            return  # of a part that is booked
        if snapshot.amount_minor != _asked_back(payout):
            raise UnexpectedAnswer(
                f"{snapshot.reversal_id} took {snapshot.amount_minor} back, "
                f"asked for was {_asked_back(payout)}"
            )
        await operations.succeed(_key(payout, generation), result_id=snapshot.reversal_id)
        if payout.taking_back_minor is None:
            await booking.book(payout, booking.REVERSAL, now=now)
            await releasing.release(payout, actor=moving.PROVIDER, now=now)
        else:
            await _book_part(payout, generation, now=now)
        failpoints.reach("payouts.reversing")


async def _book_part(payout: Payout, generation: int, *, now: datetime) -> None:
    """A part came back: it is available again, and what is left goes on or is taken back too."""
    minor = _asked_back(payout)
    for step in (booking.REVERSAL, booking.CANCELLED):
        await booking.book_part(payout, step, amount_minor=minor, part=generation, now=now)
    payout.taken_back_minor += minor
    await _go_on(payout, now=now)


async def _go_on(payout: Payout, *, now: datetime) -> None:
    """A part of a locked payout came back or will not: what is left goes where it was going."""
    payout.taking_back_minor = None
    if payout.cancel_requested_at is not None:
        await payout.save()
        await _plan_if_free(payout, now=now)
        return
    is_next = payout.state is PayoutState.TRANSFERRED
    payout.next_attempt_at = None if is_next else waiting.next_attempt(payout, now=now)
    await payout.save()
    if is_next:
        await sending.plan(payout, now=now)


async def _plan_if_free(payout: Payout, *, now: datetime) -> str | None:
    """Plan the reversal unless a payout to the bank may still be under way; its key."""
    if not await _is_free(payout):
        return None
    generation = await _generation(payout)
    key = _key(payout, generation)
    await operations.plan(
        kind=OperationKind.TRANSFER_REVERSAL,
        subject_id=payout.id,
        key=key,
        params={
            "amount": _asked_back(payout),
            "metadata": {
                "payout_id": str(payout.id),
                "souk": _named(payout, generation),
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
        if payout.state not in _AT_PROVIDER:
            return
        if payout.taking_back_minor is not None:
            await _go_on(payout, now=now)
            reason = f"The provider did not give the part back: {refused.message}"
            await moving.move(
                payout, PayoutMove.SHORTEN, actor=moving.PROVIDER, reason=reason, now=now
            )
            return
        moving.refused(payout, code=refused.code, message=refused.message)
        payout.next_attempt_at = now + WAIT
        await payout.save()


async def _is_free(payout: Payout) -> bool:
    """Whether nothing of a locked payout may be under way to the bank."""
    return payout.state is not PayoutState.TRANSFERRED or await sending.withdraw(payout)


def _asked_back(payout: Payout) -> int:
    return payout.taking_back_minor or payout.left_minor


def _named(payout: Payout, generation: int) -> str:
    """What a reversal is called at the provider: one of a part by its number, too."""
    name = f"transfer_reversal:{payout.id}"
    return name if payout.taking_back_minor is None else f"{name}:{generation}"


async def _generation(payout: Payout) -> int:
    found: int = await connection().fetchval(_GENERATION, payout.id)
    return found


def _key(payout: Payout, generation: int) -> str:
    return operations.key_of(OperationKind.TRANSFER_REVERSAL, payout.id, generation)
