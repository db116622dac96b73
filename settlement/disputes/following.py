"""Bring a dispute to where the provider is: its state, its money, and whose money that is.

The snapshot is of now, so it does not matter which news brought it, in which order or how often:
each line of the provider's book is booked once, under its own key, and what has ended moves no
more, but for money that comes back after it was lost.
"""

from datetime import datetime
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace.payments import disputing
from marketplace.payments.gateway import OutcomeUnknown, UnexpectedAnswer
from marketplace.payments.locking import lock_order_and_payment
from settlement import ledger
from settlement.connected.gateway import DisputeSnapshot
from settlement.disputes import deciding, moving, remaining, sharing
from settlement.disputes.models import Dispute, DisputeShare, DisputeState, Liable
from settlement.disputes.states import DISPUTE, MOVES, DisputeMove

_BOOKED = """
    SELECT count(*) FROM ledger_transaction
    WHERE source_id = $1 AND kind IN ('dispute', 'dispute_won')
"""
PROVIDER = "provider"  # who moved it, in the history


async def apply_dispute(*, snapshot: DisputeSnapshot, now: datetime) -> None:
    """Apply a dispute of one of our charges; another's is nothing to us.

    Raises OutcomeUnknown while we have not heard of the charge itself, or of all charges that we
    asked for, and UnexpectedAnswer where
    the money moved in another currency than the customer paid in.
    """
    async with transaction(SYSTEM):
        order_id = await _order_of(snapshot)
        if order_id is None:
            return
        await lock_order_and_payment(order_id)
        dispute = await Dispute.get_or_none(provider_dispute_id=snapshot.dispute_id)
        if dispute is None:
            dispute = await _open(snapshot, order_id, now=now)
        elif await _is_old(dispute, snapshot):
            return
        shares = await DisputeShare.filter(dispute_id=dispute.id).order_by("sub_order_id")
        await _follow_money(dispute, shares, snapshot, now=now)
        await _follow_state(dispute, snapshot, now=now)
        await ledger.post_all(await deciding.settle(dispute, shares, snapshot, now=now), now=now)
        await remaining.bear(dispute, now=now)


async def _order_of(snapshot: DisputeSnapshot) -> UUID | None:
    charged = await disputing.charged(snapshot.charge_id, snapshot.intent_id)
    if charged is None and not await disputing.may_be_ours():
        return None
    if charged is None or not charged.is_captured:
        raise OutcomeUnknown(f"{snapshot.dispute_id} disputes a charge that is not known yet")
    return charged.order_id


async def _open(snapshot: DisputeSnapshot, order_id: UUID, *, now: datetime) -> Dispute:
    dispute = await Dispute.create(
        id=new_id(now), provider_dispute_id=snapshot.dispute_id, order_id=order_id,
        charge_id=snapshot.charge_id, currency=snapshot.currency,
        amount_minor=snapshot.amount_minor, reason=snapshot.reason, status=snapshot.status,
        state=DISPUTE.start, liable=Liable.VENDOR, evidence={},
        evidence_due_at=snapshot.evidence_due_at, opened_at=snapshot.created_at,
    )  # fmt: skip
    await sharing.make(dispute, now=now)
    await moving.keep(dispute, DisputeMove.OPEN, None, actor=PROVIDER, now=now)
    return dispute


async def _is_old(dispute: Dispute, snapshot: DisputeSnapshot) -> bool:
    """Whether it was looked at before money moved that is booked already."""
    booked: int = await connection().fetchval(_BOOKED, dispute.id)
    return len(snapshot.balance_transactions) < booked


async def _follow_money(
    dispute: Dispute, shares: list[DisputeShare], snapshot: DisputeSnapshot, *, now: datetime
) -> None:
    """What is taken and not given back; the payment's counters follow it."""
    lines = snapshot.balance_transactions
    if any(line.currency != dispute.currency for line in lines):
        raise UnexpectedAnswer(f"{snapshot.dispute_id} moved another currency than was paid in")
    was_taken = dispute.withdrawn_minor > 0
    dispute.withdrawn_minor = max(-sum(line.amount_minor for line in lines), 0)
    dispute.fee_minor = max(sum(line.fee_minor for line in lines), 0)
    is_taken = dispute.withdrawn_minor > 0
    if was_taken != is_taken:
        sign = 1 if is_taken else -1
        counted = {share.sub_order_id: sign * share.gross_minor for share in shares}
        await disputing.count(dispute.order_id, counted)


async def _follow_state(dispute: Dispute, snapshot: DisputeSnapshot, *, now: datetime) -> None:
    wanted = MOVES.get(snapshot.status)
    due_before, dispute.evidence_due_at = dispute.evidence_due_at, snapshot.evidence_due_at
    dispute.status = snapshot.status
    if wanted is DisputeMove.ASK_AGAIN:
        # Asked anew has a new day to answer by; with the old one it is a look from before.
        due = snapshot.evidence_due_at
        is_new = due is not None and (due_before is None or due > due_before)
        wanted = wanted if is_new else None
        if is_new:
            dispute.answered_at = None
    if dispute.state is DisputeState.LOST and snapshot.balance_transactions:
        # Some banks give the money back without another word.
        wanted = DisputeMove.WIN if dispute.withdrawn_minor == 0 else wanted
    if wanted is not None and wanted in DISPUTE.allows(dispute.state):
        await moving.move(dispute, wanted, actor=PROVIDER, now=now)
    await dispute.save()
