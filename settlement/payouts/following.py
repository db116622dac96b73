"""What became of a payout on its way to the bank, whoever says so first and in any order.

`paid` is the provider's word for probably: a bank may send the money back for days.
"""

from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from marketplace.kit import failpoints
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.payments import operations
from marketplace.payments.gateway import OutcomeUnknown, UnexpectedAnswer
from marketplace.payments.operation import OperationKind
from settlement.connected.gateway import ConnectGateway, PayoutSnapshot
from settlement.payouts import booking, finalising, moving, waiting
from settlement.payouts.models import Payout, PayoutState
from settlement.payouts.states import PayoutMove

LOOK_AGAIN = timedelta(days=1)
_LOST = ("failed", "canceled")


async def apply_payout(
    *, payout_id: UUID, snapshot: PayoutSnapshot, now: datetime, came_back: bool = False
) -> None:
    """Bring a payout to where the provider is; old news, of an earlier attempt too, moves nothing.

    `came_back` says that another payout has brought a paid one's money back.

    Raises UnexpectedAnswer where it is not the payout that we asked for, and where it is one that
    we had been sure did not exist: then it is not tried again until a person has looked.
    """
    if await stop_if_given_up(payout_id, snapshot):
        raise UnexpectedAnswer(f"{snapshot.payout_id} exists, its attempt had been given up")
    async with transaction(SYSTEM):
        payout = await moving.locked(payout_id)
        if snapshot.metadata.get("attempt") != str(payout.attempt):
            return
        if payout.state is PayoutState.TRANSFERRED:
            await _sent(payout, snapshot, now)
        if payout.provider_payout_id != snapshot.payout_id:
            return
        if payout.state is PayoutState.SENT:
            if snapshot.status == "paid":
                await _paid(payout, snapshot, now)
            elif snapshot.status in _LOST:
                await booking.book(payout, booking.FAILED, now=now)
                await _lost(payout, snapshot, PayoutMove.FAIL, now)
        is_lost = came_back or snapshot.status in _LOST
        if is_lost and payout.state is PayoutState.PAID:
            await booking.book(payout, booking.RETURNED, now=now)
            payout.paid_at = payout.final_from = payout.final_at = None
            await _lost(payout, snapshot, PayoutMove.RETURN, now)
        failpoints.reach("payouts.following")


async def stop_if_given_up(payout_id: UUID, snapshot: PayoutSnapshot) -> bool:
    """Keep what was found of an attempt that was given up; whether it was.

    A retry beside money that is on its way after all would pay twice: a person matches it first.
    """
    async with transaction(SYSTEM):
        payout = await moving.locked(payout_id)
        if not is_given_up(payout) or snapshot.metadata.get("attempt") != str(payout.attempt):
            return False
        payout.found_payout_id = payout.found_payout_id or snapshot.payout_id
        payout.next_attempt_at = None
        await payout.save()
        return True


def is_given_up(payout: Payout) -> bool:
    """Whether its attempt failed without a payout at the provider that we know of."""
    return payout.state is PayoutState.FAILED and payout.provider_payout_id is None


def due_on(snapshot: PayoutSnapshot, *, now: datetime) -> datetime:
    """When to ask about a payout that should have arrived by then."""
    due = datetime.combine(snapshot.arrival_date, time.min, ZoneInfo("UTC")) + LOOK_AGAIN
    return max(due, now + LOOK_AGAIN)


async def refresh(
    *, account: str, provider_payout_id: str, gateway: ConnectGateway, now: datetime
) -> None:
    """Ask how a payout of a connected account stands now, and apply it if it is one of ours."""
    snapshot = await gateway.retrieve_payout(account, provider_payout_id)
    if snapshot.original_payout is not None:
        snapshot = await gateway.retrieve_payout(account, snapshot.original_payout)
    payout_id = await ours(snapshot.metadata.get("payout_id"))
    if payout_id is None:
        return
    came_back = False
    if snapshot.reversed_by is not None:
        back = await gateway.retrieve_payout(account, snapshot.reversed_by)
        came_back = back.status == "paid"
    await apply_payout(payout_id=payout_id, snapshot=snapshot, came_back=came_back, now=now)


async def ours(text: str | None) -> UUID | None:
    """A payout of ours, named as we wrote it at the provider; others may write there too."""
    try:
        payout_id = UUID(text or "")
    except ValueError:
        return None
    async with transaction(SYSTEM, read_only=True):
        return payout_id if await Payout.exists(id=payout_id) else None


async def look(*, payout_id: UUID, gateway: ConnectGateway, now: datetime) -> None:
    """Ask about a payout that should have arrived by now and of which nobody has told us."""
    async with transaction(SYSTEM):
        payout = await moving.locked(payout_id)
        is_early = payout.next_attempt_at is None or payout.next_attempt_at > now
        if payout.state is not PayoutState.SENT or is_early:
            return
        payout.next_attempt_at = now + LOOK_AGAIN
        await payout.save()
    assert payout.provider_payout_id is not None
    try:
        await refresh(
            account=payout.provider_account_id,
            provider_payout_id=payout.provider_payout_id,
            gateway=gateway,
            now=now,
        )
    except OutcomeUnknown:
        return  # tomorrow, then; its webhook or the poll may be sooner


async def _sent(payout: Payout, snapshot: PayoutSnapshot, now: datetime) -> None:
    made = (snapshot.amount_minor, snapshot.currency)
    asked = (payout.left_minor, payout.currency)
    if made != asked:
        raise UnexpectedAnswer(f"{snapshot.payout_id} pays {made}, asked for was {asked}")
    key = operations.key_of(OperationKind.PAYOUT, payout.id, payout.attempt)
    await operations.succeed(key, result_id=snapshot.payout_id)
    payout.provider_payout_id = snapshot.payout_id
    payout.arrival_date = snapshot.arrival_date
    payout.next_attempt_at = due_on(snapshot, now=now)
    moving.forget_refusal(payout)
    await booking.book(payout, booking.SENT, now=now)
    await moving.move(payout, PayoutMove.SEND, actor=moving.PROVIDER, now=now)


async def _paid(payout: Payout, snapshot: PayoutSnapshot, now: datetime) -> None:
    payout.arrival_date = snapshot.arrival_date
    payout.trace_id = snapshot.trace_id
    payout.next_attempt_at = None
    payout.paid_at = now
    payout.final_from = await finalising.final_from(payout.vendor_id, paid_at=now)
    await booking.book(payout, booking.PAID, now=now)
    await moving.move(payout, PayoutMove.PAY, actor=moving.PROVIDER, now=now)


async def _lost(
    payout: Payout, snapshot: PayoutSnapshot, wanted: PayoutMove, now: datetime
) -> None:
    code = "returned" if snapshot.status == "paid" else snapshot.failure_code or snapshot.status
    moving.refused(payout, code=code, message=snapshot.failure_message)
    payout.trace_id = snapshot.trace_id
    payout.next_attempt_at = waiting.next_attempt(payout, now=now)
    await moving.move(payout, wanted, actor=moving.PROVIDER, reason=payout.failure_message, now=now)
