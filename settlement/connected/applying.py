"""What the provider says of a vendor's account, brought into ours."""

from datetime import datetime
from uuid import UUID

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.payments import polling
from settlement.connected.gateway import AccountSnapshot, ConnectGateway
from settlement.connected.models import AccountState, ConnectedAccount
from settlement.connected.states import ACCOUNT, AccountMove
from settlement.history import keeping
from settlement.history.keeping import Subject

PROVIDER = "provider"  # who moved it, in the history
_MOVES = {
    AccountState.ONBOARDING: AccountMove.ONBOARD,
    AccountState.ENABLED: AccountMove.ENABLE,
    AccountState.RESTRICTED: AccountMove.RESTRICT,
}

EVENTS = {
    AccountMove.ONBOARD: "account.onboarding",
    AccountMove.ENABLE: "account.enabled",
    AccountMove.RESTRICT: "account.restricted",
    AccountMove.DISCONNECT: "account.disconnected",
}


async def refresh(
    *, provider_account_id: str, gateway: ConnectGateway, now: datetime
) -> UUID | None:
    """Ask how an account of ours stands now, and keep the answer; whose it is.

    None, and nothing is asked, for one that is not ours or that the vendor took away.
    """
    async with transaction(SYSTEM, read_only=True):
        known = await ConnectedAccount.get_or_none(provider_account_id=provider_account_id)
    if known is None or known.state is AccountState.DISCONNECTED:
        return None
    snapshot = await gateway.retrieve_account(provider_account_id)
    await apply_account(vendor_id=known.vendor_id, snapshot=snapshot, now=now)
    return known.vendor_id


async def apply_account(*, vendor_id: UUID, snapshot: AccountSnapshot, now: datetime) -> None:
    """Bring an account to where the provider is; in its transaction, or in the caller's.

    Another bank account than before starts the vendor's cooling-off; the first one does not.
    """
    async with transaction(SYSTEM):
        account = await locked(vendor_id)
        if account is None or account.state is AccountState.DISCONNECTED:
            return
        account.provider_account_id = snapshot.account_id
        account.transfers_enabled = snapshot.transfers_enabled
        account.payouts_enabled = snapshot.payouts_enabled
        account.requirements = sorted(snapshot.requirements)
        _apply_bank(account, snapshot, now)
        account.updated_at = now
        wanted = _MOVES.get(_state(account, snapshot))
        if wanted is not None and wanted in ACCOUNT.allows(account.state):
            await move(account, wanted, reason=snapshot.disabled_reason, now=now)
        await account.save()


async def disconnect(*, provider_account_id: str, now: datetime) -> None:
    """The vendor took our access away: nothing can be paid to it any more."""
    async with transaction(SYSTEM):
        known = await ConnectedAccount.get_or_none(provider_account_id=provider_account_id)
        account = None if known is None else await locked(known.vendor_id)
        if account is None or AccountMove.DISCONNECT not in ACCOUNT.allows(account.state):
            return
        account.transfers_enabled = account.payouts_enabled = False
        account.updated_at = now
        await move(account, AccountMove.DISCONNECT, now=now)
        await account.save()
        await polling.unwatch(provider_account_id)


async def locked(vendor_id: UUID) -> ConnectedAccount | None:
    """The vendor's account, ours alone until the transaction ends."""
    return await ConnectedAccount.filter(vendor_id=vendor_id).select_for_update().first()


async def move(
    account: ConnectedAccount,
    wanted: AccountMove,
    *,
    now: datetime,
    actor: str = PROVIDER,
    reason: str | None = None,
) -> None:
    """Move a locked account, with its event and history; the caller saves it."""
    before = account.state
    account.state = ACCOUNT.after(before, wanted)
    await keeping.keep(
        event=EVENTS[wanted],
        subject=Subject.ACCOUNT,
        subject_id=account.vendor_id,
        vendor_id=account.vendor_id,
        before=before,
        after=account.state,
        move=wanted,
        actor=actor,
        reason=reason,
        now=now,
    )


def _state(account: ConnectedAccount, snapshot: AccountSnapshot) -> AccountState:
    if snapshot.transfers_enabled and snapshot.payouts_enabled:
        return AccountState.ENABLED
    if snapshot.details_submitted or account.state is AccountState.ENABLED:
        return AccountState.RESTRICTED
    return AccountState.ONBOARDING


def _apply_bank(account: ConnectedAccount, snapshot: AccountSnapshot, now: datetime) -> None:
    if snapshot.bank_id is None:
        return
    if account.bank_id not in (None, snapshot.bank_id):
        account.bank_changed_at = now
    account.bank_id = snapshot.bank_id
    account.bank_name = snapshot.bank_name
    account.bank_last4 = snapshot.bank_last4
