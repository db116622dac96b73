"""Take a payout's money out of what is available, before anything moves at the provider."""

from datetime import datetime
from uuid import UUID

from marketplace.kit import failpoints
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from settlement import chart, ledger
from settlement.connected.models import AccountState, ConnectedAccount
from settlement.payouts import booking, cooling, moving, transferring
from settlement.payouts.models import Payout, PayoutFreeze, PayoutState
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
        await booking.book_reserved(payout, now=now)
        await moving.move(payout, PayoutMove.RESERVE, actor=SYSTEM.key, now=now)
        await transferring.plan(payout, now=now)
        failpoints.reach("payouts.reserving")
    failpoints.reach("payouts.after_reserve")
    return payout.state


_SENTENCES = {
    "account_not_ready": "The account at the payment provider cannot be paid to at the moment.",
    "bank_changed": "The bank account has changed since it was drafted.",
    "frozen": "Payouts to this vendor are frozen.",
    "balance_fell": "Less is available than when it was drafted.",
}


async def _obstacle(payout: Payout, now: datetime) -> str | None:
    account = await ConnectedAccount.get_or_none(vendor_id=payout.vendor_id)
    if (
        account is None
        or account.state is not AccountState.ENABLED
        or account.provider_account_id != payout.provider_account_id
    ):
        return "account_not_ready"
    # Between drafting and approval days may pass.
    if await cooling.cools_until(account, now=now) is not None:
        return "bank_changed"
    if await PayoutFreeze.exists(vendor_id=payout.vendor_id, lifted_at=None):
        return "frozen"
    # Held, then looked at: refunds and other spenders wait until the reservation is committed.
    spent_from = chart.vendor_available(payout.vendor_id)
    available = await ledger.hold_balance(spent_from, payout.currency)
    return "balance_fell" if available < payout.amount_minor else None
