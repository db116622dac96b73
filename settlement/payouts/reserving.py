"""Take a payout's money out of what is available, before anything moves at the provider."""

from datetime import datetime
from uuid import UUID

from marketplace.kit import failpoints
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from settlement import chart, ledger
from settlement.payouts import booking, moving, stopping, transferring
from settlement.payouts.models import Payout, PayoutState
from settlement.payouts.states import PayoutMove


async def reserve(*, payout_id: UUID, now: datetime) -> PayoutState:
    """Reserve an approved payout, or cancel it with the reason why it cannot be paid now.

    The next cycle pays what a cancelled one leaves. In any other state nothing happens.
    """
    async with transaction(SYSTEM):
        payout = await moving.locked(payout_id)
        if payout.state is not PayoutState.APPROVED:
            return payout.state
        reason = await _obstacle(payout, now)
        if reason is not None:
            moving.refused(payout, code=reason, message=_SENTENCES[reason])
            await moving.move(
                payout, PayoutMove.CANCEL, actor=SYSTEM.key, reason=_SENTENCES[reason], now=now
            )
            return payout.state
        await booking.book(payout, booking.RESERVED, now=now)
        await moving.move(payout, PayoutMove.RESERVE, actor=SYSTEM.key, now=now)
        await transferring.plan(payout, now=now)
        failpoints.reach("payouts.reserving")
    failpoints.reach("payouts.after_reserve")
    return payout.state


_SENTENCES = {
    **stopping.SENTENCES,
    "balance_fell": "Less is available than when it was drafted.",
}


async def _obstacle(payout: Payout, now: datetime) -> str | None:
    # Between drafting and approval days may pass.
    stop = await stopping.stop(payout, now=now)
    if stop is not None:
        return stop.code
    # Held, then looked at: refunds and other spenders wait until the reservation is committed.
    spent_from = chart.vendor_available(payout.vendor_id)
    available = await ledger.hold_balance(spent_from, payout.currency)
    return "balance_fell" if available < payout.amount_minor else None
