"""Another attempt to pay a payout that failed or came back, on the same row."""

from datetime import datetime, timedelta
from uuid import UUID

from marketplace.kit import failpoints
from marketplace.kit.errors import IllegalMove
from marketplace.kit.principal import SYSTEM, Principal
from marketplace.kit.transactions import connection, transaction
from settlement import access
from settlement.connected.gateway import ConnectGateway
from settlement.payouts import matching, moving, sending, stopping
from settlement.payouts.models import Payout, PayoutState
from settlement.payouts.states import PAYOUT, PayoutMove

ASK_AGAIN = timedelta(days=1)  # while the account is not ready, or the vendor's next payout runs
_LIVE = (
    PayoutState.DRAFT,
    PayoutState.APPROVED,
    PayoutState.RESERVED,
    PayoutState.TRANSFERRED,
    PayoutState.SENT,
    PayoutState.FAILED,
)
# What failed for the bank account that was changed since; told twice, nothing is left to wake.
_WAKE = """
    UPDATE payout SET next_attempt_at = $2 FROM connected_account account
    WHERE payout.vendor_id = $1 AND payout.state IN ('failed', 'returned')
        AND next_attempt_at IS NULL AND cancel_requested_at IS NULL
        AND taking_back_minor IS NULL AND account.vendor_id = payout.vendor_id
        AND account.bank_changed_at >= (SELECT max(at) FROM settlement_change
            WHERE subject = 'payout' AND subject_id = payout.id AND move <> 'shorten')
"""


async def retry_due(*, payout_id: UUID, gateway: ConnectGateway, now: datetime) -> None:
    """Try a failed or returned payout again if its time has come; safe to repeat and to race.

    While its account is not ready, its bank account is new, or payouts are frozen, it waits a day
    longer. One that was given up is looked for at the provider first, and waits for a person if
    it is there.
    """
    async with transaction(SYSTEM):
        if not await _is_ready(await moving.locked(payout_id), now):
            return
    await matching.look(payout_id=payout_id, gateway=gateway)
    async with transaction(SYSTEM):
        payout = await moving.locked(payout_id)
        if not await _is_ready(payout, now):
            return
        await _retry(payout, actor=SYSTEM.key, now=now)
    failpoints.reach("payouts.after_retry")


async def retry(
    *, principal: Principal, payout_id: UUID, gateway: ConnectGateway, now: datetime
) -> None:
    """Try again now, because somebody of finance says so; the worker sends it.

    Refuses Forbidden; IllegalMove where it has not failed, is being cancelled, or has to wait for
    its account or for another payout; and ExistsAtProvider where the attempt that was given up is
    there after all. Raises OutcomeUnknown while the provider does not say whether it is.
    """
    access.check_finance(principal, "retry a payout")
    await matching.look(payout_id=payout_id, gateway=gateway)
    async with transaction(SYSTEM):
        payout = await moving.locked(payout_id)
        matching.refuse_if_found(payout)
        PAYOUT.after(payout.state, PayoutMove.RETRY)
        if not _is_free(payout) or await _must_wait(payout, now):
            raise IllegalMove("payout", f"{payout.state} and waiting", PayoutMove.RETRY)
        moving.end_rest(payout)
        await _retry(payout, actor=principal.key, now=now)


async def wake(*, vendor_id: UUID, at: datetime) -> None:
    """The vendor has another bank account: what failed for the last one is tried at `at`.

    In the caller's transaction.
    """
    await connection().execute(_WAKE, vendor_id, at)


async def _is_ready(payout: Payout, now: datetime) -> bool:
    """Whether a locked payout may be tried now; where something is in its way it waits a day."""
    if not _may_retry(payout, now):
        return False
    if not await _must_wait(payout, now):
        return True
    payout.next_attempt_at = now + ASK_AGAIN
    await payout.save()
    return False


def _may_retry(payout: Payout, now: datetime) -> bool:
    is_due = payout.next_attempt_at is not None and payout.next_attempt_at <= now
    is_free = _is_free(payout) and payout.found_payout_id is None
    return is_due and is_free and PayoutMove.RETRY in PAYOUT.allows(payout.state)


def _is_free(payout: Payout) -> bool:
    """Nothing of it is on its way back."""
    return payout.cancel_requested_at is None and payout.taking_back_minor is None


async def _must_wait(payout: Payout, now: datetime) -> bool:
    if await stopping.stop(payout, now=now) is not None:
        return True
    # One that came back may meet the vendor's next payout, and lets it go first.
    return await (
        Payout.filter(vendor_id=payout.vendor_id, currency=payout.currency, state__in=_LIVE)
        .exclude(id=payout.id)
        .exists()
    )


async def _retry(payout: Payout, *, actor: str, now: datetime) -> None:
    payout.attempt += 1
    payout.provider_payout_id = payout.trace_id = None
    payout.arrival_date = None
    payout.next_attempt_at = None
    await moving.move(payout, PayoutMove.RETRY, actor=actor, reason=payout.failure_message, now=now)
    await sending.plan(payout, now=now)
