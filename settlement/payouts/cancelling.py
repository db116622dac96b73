"""Take a payout back: before its transfer at once, after it by reversing the transfer first.

What is under way cannot be called back from here: the wish is kept, and carried out as soon as
the outcome of the call is known. What has left for the bank is not cancelled any more.
"""

from datetime import datetime, timedelta
from uuid import UUID

from marketplace.kit import failpoints, idempotency
from marketplace.kit.errors import IllegalMove, InvalidInput
from marketplace.kit.principal import SYSTEM, Principal
from marketplace.kit.transactions import transaction
from marketplace.payments import operations
from marketplace.payments.gateway import OutcomeUnknown, ProviderRefused, UnexpectedAnswer
from marketplace.payments.operation import Operation
from settlement import access
from settlement.connected.gateway import ConnectGateway, ReversalSnapshot
from settlement.payouts import (
    booking,
    following,
    matching,
    moving,
    releasing,
    retrying,
    reversing,
    sending,
    transferring,
    waiting,
)
from settlement.payouts.models import Payout, PayoutState
from settlement.payouts.states import PAYOUT, PayoutMove

CANNOT_LOOK = "cannot_look"
WAIT = timedelta(hours=6)  # after the provider would not reverse: its balance may be back by then
_AT_PROVIDER = (PayoutState.TRANSFERRED, PayoutState.FAILED, PayoutState.RETURNED)


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
        moving.end_rest(payout)
        await payout.save()
        if payout.state in _AT_PROVIDER and payout.taking_back_minor is None:
            await reversing.plan_if_free(payout, now=now)


async def shorten(
    *,
    principal: Principal,
    payout_id: UUID,
    amount_minor: int,
    reason: str,
    key: str,
    now: datetime,
) -> None:
    """Take a part of a payout back from the vendor's balance at the provider; the rest goes on.

    The worker reverses that part of the transfer, and what came back is available again; where
    the provider does not give it back, nothing goes on until a person says so. Once for a key. One
    that waits to be sent is sent as another of its attempts.
    Approvers and administrators may. Refuses Forbidden; IllegalMove where its money does not wait
    at the provider for certain (an attempt that was given up may be found there) or is being taken
    back already; ExistsAtProvider; and an amount that is not above zero and below what is left.
    """
    access.check_approver(principal, "take a part of a payout back")
    async with transaction(SYSTEM):
        made = await idempotency.claim(
            by=principal, operation="payout.shorten", key=key, result_id=payout_id,
            request=f"{payout_id} {amount_minor}", now=now,
        )  # fmt: skip
        if made is not None:
            return
        payout = await moving.locked(payout_id)
        PAYOUT.after(payout.state, PayoutMove.SHORTEN)
        matching.refuse_if_found(payout)
        if not 0 < amount_minor < payout.left_minor:
            accepts = f"more than nothing and less than {payout.left_minor}"
            raise InvalidInput("amount_minor", f"{amount_minor} cannot be taken back", accepts)
        is_going = payout.cancel_requested_at is not None or payout.taking_back_minor is not None
        if is_going or following.is_given_up(payout) or not await reversing.is_free(payout):
            raise IllegalMove("payout", f"{payout.state} and under way", PayoutMove.SHORTEN)
        if payout.state is PayoutState.TRANSFERRED:
            payout.attempt += 1  # the call for all of it is withdrawn
        payout.taking_back_minor = amount_minor
        payout.next_attempt_at = now
        moving.end_rest(payout)
        await reversing.plan_if_free(payout, now=now)
        await moving.move(payout, PayoutMove.SHORTEN, actor=principal.key, reason=reason, now=now)


async def carry_on(*, payout_id: UUID, gateway: ConnectGateway, now: datetime) -> None:
    """Reverse the transfer of a payout that is to be cancelled, or the part of it that is to be
    taken back; safe to repeat and to race.

    One that was given up is looked for first: what is on its way to the bank is not taken back
    too. Raises OutcomeUnknown while the provider does not let us look, for good where the account
    was disconnected: then nothing is reversed, and the payout says what the provider said.
    """
    async with transaction(SYSTEM, read_only=True):
        if not _is_due(await moving.found(payout_id), now):
            return
    try:
        await matching.look(payout_id=payout_id, gateway=gateway)
    except OutcomeUnknown as unknown:
        await _say(payout_id, unknown)
        raise
    async with transaction(SYSTEM):
        payout = await moving.locked(payout_id)
        if not _is_due(payout, now):
            return
        operation = await reversing.take(payout, now=now)
    if operation is None:
        return
    failpoints.reach("payouts.before_reversal_call")
    try:
        snapshot = await reversing.ask(
            operation, gateway, now, may_ask=payout.found_payout_id is None
        )
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
        generation = await reversing.generation_of(payout)
        if snapshot.metadata.get("souk") != reversing.named(payout, generation):
            return  # of a part that is booked
        if snapshot.amount_minor != reversing.asked_back(payout):
            raise UnexpectedAnswer(
                f"{snapshot.reversal_id} took {snapshot.amount_minor} back, "
                f"asked for was {reversing.asked_back(payout)}"
            )
        await operations.succeed(
            reversing.key_of(payout, generation), result_id=snapshot.reversal_id
        )
        if payout.taking_back_minor is None:
            await booking.book(payout, booking.REVERSAL, now=now)
            await releasing.release(payout, actor=moving.PROVIDER, now=now)
        else:
            await _book_part(payout, generation, now=now)
        failpoints.reach("payouts.reversing")


async def _book_part(payout: Payout, generation: int, *, now: datetime) -> None:
    """A part came back: it is available again, and what is left goes on or is taken back too."""
    minor = reversing.asked_back(payout)
    for step in (booking.REVERSAL, booking.CANCELLED):
        await booking.book_part(payout, step, amount_minor=minor, part=generation, now=now)
    payout.taken_back_minor += minor
    await _go_on(payout, now=now)


async def _go_on(payout: Payout, *, now: datetime) -> None:
    """A part of a locked payout came back or will not: what is left goes where it was going.

    The last thing that is written of it.
    """
    payout.taking_back_minor = None
    if payout.cancel_requested_at is not None:
        await payout.save()
        await reversing.plan_if_free(payout, now=now)
        return
    is_next = payout.state is PayoutState.TRANSFERRED
    payout.next_attempt_at = None if is_next else waiting.next_attempt(payout, now=now)
    await payout.save()
    if is_next:
        await sending.plan(payout, now=now)
    else:
        await retrying.wake(vendor_id=payout.vendor_id, at=now)  # its bank may be another by now


def _is_due(payout: Payout, now: datetime) -> bool:
    is_early = payout.next_attempt_at is not None and payout.next_attempt_at > now
    is_asked = payout.cancel_requested_at is not None or payout.taking_back_minor is not None
    return is_asked and payout.state in _AT_PROVIDER and not is_early


async def _refuse(operation: Operation, refused: ProviderRefused, *, now: datetime) -> None:
    async with transaction(SYSTEM):
        payout = await moving.locked(operation.subject_id)
        asked = reversing.key_of(payout, await reversing.generation_of(payout))
        await operations.fail(operation.key, error=str(refused))
        is_old = operation.key != asked
        if is_old or payout.state not in _AT_PROVIDER or payout.found_payout_id is not None:
            return
        if payout.taking_back_minor is not None:
            await _keep_part(payout, refused, now=now)
            return
        moving.refused(payout, code=refused.code, message=refused.message)
        payout.next_attempt_at = now + WAIT
        await payout.save()


async def _keep_part(payout: Payout, refused: ProviderRefused, *, now: datetime) -> None:
    """A part of a locked payout does not come back: a person says what becomes of all of it."""
    if payout.cancel_requested_at is not None:
        await _go_on(payout, now=now)
        return
    payout.taking_back_minor = payout.next_attempt_at = None
    moving.refused(payout, code=refused.code, message=refused.message)
    waited = payout.state is PayoutState.TRANSFERRED
    wanted = PayoutMove.FAIL if waited else PayoutMove.SHORTEN
    reason = f"The provider did not give the part back: {refused.message}"
    await moving.move(payout, wanted, actor=moving.PROVIDER, reason=reason, now=now)


async def _say(payout_id: UUID, unknown: OutcomeUnknown) -> None:
    async with transaction(SYSTEM):
        payout = await moving.locked(payout_id)
        if payout.cancel_requested_at is None or not following.is_given_up(payout):
            return  # somebody knew meanwhile
        moving.refused(payout, code=CANNOT_LOOK, message=str(unknown))
        await payout.save()
