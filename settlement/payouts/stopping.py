"""What keeps a vendor from being paid between drafting and the bank, asked before each step.

Days may pass between the steps: an account is restricted, its bank account changes, or finance
stops the vendor's payouts.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from marketplace.kit.transactions import connection
from settlement.connected.models import AccountState, ConnectedAccount
from settlement.payouts import cooling, moving
from settlement.payouts.models import Payout, PayoutFreeze

ASK_AGAIN = timedelta(days=1)  # what ends a stop wakes its payouts; this is for news that got lost
NOT_READY = "account_not_ready"
BANK_CHANGED = "bank_changed"
FROZEN = "frozen"
SENTENCES = {
    NOT_READY: "The account at the payment provider cannot be paid to at the moment.",
    BANK_CHANGED: "The bank account has changed since it was drafted.",
    FROZEN: "Payouts to this vendor are frozen.",
}
_WAKE = """
    UPDATE payout SET next_attempt_at = $2
    WHERE vendor_id = $1 AND state IN ('reserved', 'transferred') AND failure_code = ANY($3)
        AND next_attempt_at > $2
"""


@dataclass(frozen=True, slots=True)
class Stop:
    """Why not now: a code of `SENTENCES`, and when to ask again."""

    code: str
    until: datetime

    @property
    def sentence(self) -> str:
        return SENTENCES[self.code]


async def stop(payout: Payout, *, now: datetime) -> Stop | None:
    """What is in the way of a payout now, in the caller's transaction; None if nothing is."""
    account = await ConnectedAccount.get_or_none(vendor_id=payout.vendor_id)
    if (
        account is None
        or account.state is not AccountState.ENABLED
        or not account.payouts_enabled
        or account.provider_account_id != payout.provider_account_id
    ):
        return Stop(NOT_READY, now + ASK_AGAIN)
    until = await cooling.cools_until(account, now=now)
    if until is not None:
        return Stop(BANK_CHANGED, until)
    if await PayoutFreeze.exists(vendor_id=payout.vendor_id, lifted_at=None):
        return Stop(FROZEN, now + ASK_AGAIN)
    return None


async def keep_waiting(payout: Payout, stop: Stop) -> None:
    """A locked payout stays where it is, with the reason, until the stop may be over."""
    moving.refused(payout, code=stop.code, message=stop.sentence)
    payout.next_attempt_at = stop.until
    await payout.save()


async def wake(*, vendor_id: UUID, at: datetime) -> None:
    """Something that stopped the vendor's payouts may have ended: they ask again at `at`.

    In the caller's transaction.
    """
    await connection().execute(_WAKE, vendor_id, at, list(SENTENCES))
