"""What a dispute's state means for money: hold it, give it back, or let somebody bear it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.payments.locking import lock_order_and_payment
from settlement import ledger
from settlement.chart import Account
from settlement.connected.gateway import DisputeSnapshot
from settlement.disputes import booking, holding, regaining
from settlement.disputes.models import Dispute, DisputeShare, DisputeState, Liable
from settlement.disputes.states import OPEN
from settlement.earnings import locking
from settlement.ledger import Posting

BATCH = 50
# Earned after the dispute was opened, or even after it was lost.
_LATE = """
    SELECT DISTINCT dispute.id FROM dispute
    JOIN dispute_share share ON share.dispute_id = dispute.id
    JOIN earning ON earning.sub_order_id = share.sub_order_id
    WHERE dispute.withdrawn_minor > 0 AND dispute.closed_at IS NULL
            AND share.vendor_minor > share.commission_minor + share.commission_vat_minor
            AND NOT EXISTS (SELECT 1 FROM money_hold
                WHERE money_hold.dispute_id = dispute.id
                    AND money_hold.sub_order_id = share.sub_order_id)
        OR dispute.state = 'lost' AND share.prepaid_minor > 0 AND NOT EXISTS (
            SELECT 1 FROM ledger_transaction WHERE idempotency_key
                = 'dispute_lost:' || dispute.id || ':' || share.sub_order_id)
    LIMIT $1
"""


async def settle(
    dispute: Dispute,
    shares: Sequence[DisputeShare],
    snapshot: DisputeSnapshot | None,
    *,
    now: datetime,
) -> list[Posting]:
    """All that its lines and its state book and is not booked yet; its order is locked."""
    states = await locking.lock(share.sub_order_id for share in shares)
    postings = []
    if snapshot is not None:
        lines = booking.of_transactions(dispute, snapshot.balance_transactions, now=now)
        postings += [line for line in lines if not await ledger.is_posted(line.key)]
    if dispute.state in OPEN:
        if dispute.withdrawn_minor > 0:
            postings += await holding.hold(dispute, shares, states, now=now)
    elif dispute.state is not DisputeState.LOST or dispute.withdrawn_minor == 0:
        postings += await holding.release(dispute, states, now=now)
        postings += await regaining.give_back(dispute, shares, states, now=now)
    elif not await ledger.is_posted(f"dispute_lost:{dispute.id}"):
        postings += await _lose(dispute, shares, now=now)
    else:
        postings += await _earned_late(dispute, shares, now=now)
    return postings


async def catch_up(*, now: datetime, limit: int = BATCH) -> int:
    """Settle disputes whose vendors earned something since; how many. Safe beside itself."""
    async with transaction(SYSTEM, read_only=True) as connection:
        late = [row["id"] for row in await connection.fetch(_LATE, limit)]
    for dispute_id in late:
        async with transaction(SYSTEM):
            dispute = await Dispute.get(id=dispute_id)
            await lock_order_and_payment(dispute.order_id)
            await dispute.refresh_from_db()
            shares = await DisputeShare.filter(dispute_id=dispute_id).order_by("sub_order_id")
            await ledger.post_all(await settle(dispute, shares, None, now=now), now=now)
    return len(late)


async def _lose(
    dispute: Dispute, shares: Sequence[DisputeShare], *, now: datetime
) -> list[Posting]:
    states = await locking.lock(share.sub_order_id for share in shares)
    if dispute.liable is Liable.PLATFORM:
        released = await holding.release(dispute, states, now=now)
        return [*released, booking.lost_by_platform(dispute, shares, now=now)]
    held = await holding.use(dispute, now=now)
    paying: list[tuple[DisputeShare, Account | None]] = []
    prepaid: dict[UUID, int] = {}
    for share in shares:
        state = states.get(share.sub_order_id)
        account = held.get(share.sub_order_id)
        if account is None and state is not None:
            account = holding.account_of(share, state)
        if account is None:
            share.prepaid_minor = await booking.prepaid_of(share)
            prepaid[share.sub_order_id] = share.prepaid_minor
            await share.save(update_fields=["prepaid_minor"])
        paying.append((share, account))
    return [booking.lost_by_vendors(dispute, paying, prepaid, now=now)]


async def _earned_late(
    dispute: Dispute, shares: Sequence[DisputeShare], *, now: datetime
) -> list[Posting]:
    states = await locking.lock(share.sub_order_id for share in shares)
    late = [
        booking.earned_late(
            dispute, share, holding.account_of(share, states[share.sub_order_id]), now=now
        )
        for share in shares
        if share.prepaid_minor > 0 and share.sub_order_id in states
    ]
    return [posting for posting in late if not await ledger.is_posted(posting.key)]
