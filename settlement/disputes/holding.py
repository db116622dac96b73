"""A vendor's share of what is disputed is not paid out until the bank has decided."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM
from settlement import chart
from settlement.chart import Account
from settlement.disputes import booking
from settlement.disputes.models import Dispute, DisputeShare
from settlement.earnings import moves, pending
from settlement.earnings.models import EarningState, HoldKind, HoldState, MoneyHold
from settlement.ledger import Kind, Posting, Purpose

REASON = "The customer's bank has taken the money back"


async def hold(
    dispute: Dispute,
    shares: Sequence[DisputeShare],
    states: Mapping[UUID, EarningState],
    *,
    now: datetime,
) -> list[Posting]:
    """23: hold what is earned of the shares and not held yet. The earnings are locked.

    Out of what is pending, with its reserve where that is not enough, or out of what is available,
    which may leave it below zero.
    """
    held = {one.sub_order_id for one in await MoneyHold.filter(dispute_id=dispute.id)}
    postings: list[Posting] = []
    for share in shares:
        state, amount = states.get(share.sub_order_id), booking.net(share)
        if share.sub_order_id in held or state is None or amount <= 0:
            continue
        out_of = account_of(share, state)
        placed = await MoneyHold.create(
            id=new_id(now), vendor_id=share.vendor_id, currency=dispute.currency,
            amount_minor=amount, taken_from=out_of.code, kind=HoldKind.DISPUTE,
            state=HoldState.HELD, sub_order_id=share.sub_order_id, dispute_id=dispute.id,
            reason=REASON, placed_by=SYSTEM.key, placed_at=now,
        )  # fmt: skip
        on_hold = chart.vendor_on_hold(share.vendor_id)
        postings.append(_moved(Kind.HOLD, dispute, placed, out_of, on_hold, now))
        if state is EarningState.PENDING:
            left = (await pending.left([share.sub_order_id])).get(share.sub_order_id, 0)
            after = {share.sub_order_id: left - amount}
            postings += await pending.cover(after, key=f"hold:{placed.id}", now=now)
    return postings


async def release(
    dispute: Dispute, states: Mapping[UUID, EarningState], *, now: datetime
) -> list[Posting]:
    """24w2: back to where the earning stands by now. The earnings are locked."""
    postings = []
    for held in await _held(dispute):
        assert held.sub_order_id is not None
        if states[held.sub_order_id] is EarningState.AVAILABLE:
            into = chart.vendor_available(held.vendor_id)
        else:
            into = chart.vendor_pending(held.vendor_id)
        on_hold = chart.vendor_on_hold(held.vendor_id)
        postings.append(_moved(Kind.HOLD_RELEASED, dispute, held, on_hold, into, now))
        await _end(held, HoldState.RELEASED, now)
    return postings


async def use(dispute: Dispute, *, now: datetime) -> dict[UUID, Account]:
    """The holds of a lost dispute are spent: the account that pays for each of these shares."""
    paying = {}
    for held in await _held(dispute):
        assert held.sub_order_id is not None
        paying[held.sub_order_id] = chart.vendor_on_hold(held.vendor_id)
        await _end(held, HoldState.USED, now)
    return paying


def account_of(share: DisputeShare, state: EarningState) -> Account:
    """Where the money of an earning is."""
    if state is EarningState.AVAILABLE:
        return chart.vendor_available(share.vendor_id)
    return chart.vendor_pending(share.vendor_id)


async def _held(dispute: Dispute) -> list[MoneyHold]:
    held = MoneyHold.filter(dispute_id=dispute.id, state=HoldState.HELD)
    return await held.order_by("id")


async def _end(held: MoneyHold, state: HoldState, now: datetime) -> None:
    held.state, held.ended_by, held.ended_at = state, SYSTEM.key, now
    await held.save(update_fields=["state", "ended_by", "ended_at"])


def _moved(
    kind: Kind, dispute: Dispute, held: MoneyHold, out_of: Account, into: Account, now: datetime
) -> Posting:
    return moves.move(
        kind=kind,
        key=f"{kind}:{held.id}",
        source_id=held.id,
        purpose=Purpose.HOLD,
        out_of=out_of,
        into=into,
        amount_minor=held.amount_minor,
        currency=held.currency,
        order_id=dispute.order_id,
        sub_order_id=held.sub_order_id,
        now=now,
    )
