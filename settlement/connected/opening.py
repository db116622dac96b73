"""Open a vendor's account at the provider, and send the vendor there to tell of itself.

Express accounts whose fees and losses are the platform's, with payouts by our hand alone.
"""

from datetime import datetime, timedelta
from uuid import UUID

from marketplace.accounts.models import Vendor
from marketplace.kit import failpoints
from marketplace.kit.errors import Forbidden, NotFound
from marketplace.kit.principal import SYSTEM, Principal, VendorRole
from marketplace.kit.transactions import transaction
from marketplace.payments import operations, polling
from marketplace.payments.gateway import OutcomeUnknown, ProviderRefused
from marketplace.payments.operation import Operation, OperationKind
from settlement import access
from settlement.connected import applying
from settlement.connected.gateway import AccountSnapshot, ConnectGateway
from settlement.connected.models import AccountState, ConnectedAccount
from settlement.connected.states import AccountMove
from settlement.history import keeping
from settlement.history.keeping import Subject

_MANUAL = {"payments": {"payouts": {"schedule": {"interval": "manual"}}}}
_GENERATION = """
    SELECT count(*) + 1 FROM provider_operation
    WHERE kind = $2 AND subject_id = $1 AND state = 'failed'
"""
# An account that pays out by itself would take what our payouts are to pay: asked until it is so.
SETTINGS_AGAIN = timedelta(hours=1)


async def open_account(
    *, principal: Principal, vendor_id: UUID, gateway: ConnectGateway, now: datetime
) -> ConnectedAccount:
    """The vendor's account at the provider, opened if there is none; safe to repeat and to race.

    Its owner or finance member may, and staff of finance. While nobody knows what became of the
    call the account is `new`; `connected.resuming` carries on. Raises ProviderRefused where the
    provider will not have this vendor; asking again asks anew.
    """
    _may_open(principal, vendor_id)
    async with transaction(SYSTEM):
        account = await _begin(principal, vendor_id, now)
        key = await _key(vendor_id)
        operation = None if account.provider_account_id else await operations.take(key, now=now)
    if operation is not None:
        await call_account(operation, gateway=gateway, now=now, raises=True)
    async with transaction(SYSTEM, read_only=True):
        return await ConnectedAccount.get(vendor_id=vendor_id)


async def onboarding_link(
    *,
    principal: Principal,
    vendor_id: UUID,
    return_url: str,
    refresh_url: str,
    gateway: ConnectGateway,
) -> str:
    """Where the vendor answers the provider's questions; good once and for a few minutes.

    NotFound before the account was opened; ProviderError where the provider gives none.
    """
    _may_open(principal, vendor_id)
    async with transaction(SYSTEM, read_only=True):
        account = await ConnectedAccount.get_or_none(vendor_id=vendor_id)
    if account is None or account.provider_account_id is None:
        raise NotFound("connected account")
    return await gateway.account_link(
        account.provider_account_id, return_url=return_url, refresh_url=refresh_url
    )


async def call_account(
    operation: Operation, *, gateway: ConnectGateway, now: datetime, raises: bool = False
) -> None:
    """Make the call that opens an account, or look up what became of it, and record the answer."""
    try:
        snapshot = await _ask(operation, gateway)
    except ProviderRefused as refused:
        async with transaction(SYSTEM):
            await operations.fail(operation.key, error=str(refused))
        if raises:
            raise
    except OutcomeUnknown as unknown:
        async with transaction(SYSTEM):
            await operations.postpone(operation.key, error=unknown, now=now)
    else:
        failpoints.reach("connected.after_account")
        await _opened(operation, snapshot, now=now)
        async with transaction(SYSTEM):
            settings = await operations.take(await _settings_key(operation.subject_id), now=now)
        if settings is not None:
            await call_settings(settings, gateway=gateway, now=now)


async def call_settings(operation: Operation, *, gateway: ConnectGateway, now: datetime) -> None:
    """Let the account pay out by our hand only; asking twice does no harm.

    Where the provider refuses, it is asked again in an hour, with another key.
    """
    assert operation.account is not None
    try:
        await gateway.update_balance_settings(operation.account, operation.params, operation.key)
    except ProviderRefused as refused:
        async with transaction(SYSTEM):
            await operations.fail(operation.key, error=str(refused))
            await _plan_settings(operation.subject_id, operation.account, at=now + SETTINGS_AGAIN)
    except OutcomeUnknown as unknown:
        async with transaction(SYSTEM):
            await operations.postpone(operation.key, error=unknown, now=now)
    else:
        async with transaction(SYSTEM):
            await operations.succeed(operation.key, result_id=operation.account)


def _may_open(principal: Principal, vendor_id: UUID) -> None:
    if principal.vendor_id is None:
        access.check_finance(principal, "open a vendor's account")
        return
    if principal.vendor_id != vendor_id:
        raise NotFound("vendor")
    if not principal.roles & {VendorRole.OWNER, VendorRole.FINANCE}:
        raise Forbidden("open the account that you are paid to")


async def _begin(principal: Principal, vendor_id: UUID, now: datetime) -> ConnectedAccount:
    """The row, and the call to make; the vendor's row lock lets one of two openers write it."""
    vendor = await Vendor.filter(id=vendor_id).select_for_update().first()
    if vendor is None:
        raise NotFound("vendor")
    account = await applying.locked(vendor_id)
    if account is None:
        account = await ConnectedAccount.create(
            vendor_id=vendor_id,
            country=vendor.country,
            state=AccountState.NEW,
            requirements=[],
            created_at=now,
            updated_at=now,
        )
        await keeping.keep(
            event="account.created",
            subject=Subject.ACCOUNT,
            subject_id=vendor_id,
            vendor_id=vendor_id,
            before=None,
            after=account.state,
            move=AccountMove.OPEN,
            actor=principal.key,
            now=now,
        )
    if account.provider_account_id is None:
        await operations.plan(
            kind=OperationKind.ACCOUNT,
            subject_id=vendor_id,
            key=await _key(vendor_id),
            params=_params(vendor),
            now=now,
        )
    return account


def _params(vendor: Vendor) -> dict[str, object]:
    return {
        "capabilities": {"transfers": {"requested": True}},
        "controller": {
            "fees": {"payer": "application"},
            "losses": {"payments": "application"},
            "stripe_dashboard": {"type": "express"},
        },
        "country": vendor.country,
        "email": vendor.email,
        "metadata": {"souk": f"account:{vendor.id}", "vendor_id": str(vendor.id)},
    }


async def _ask(operation: Operation, gateway: ConnectGateway) -> AccountSnapshot:
    if not operation.is_first_call:
        found = await gateway.find_account(
            operation.subject_id, created_from=operation.first_sent_at
        )
        if found is not None:
            return found
    return await gateway.create_account(operation.params, operation.key)


async def _opened(operation: Operation, snapshot: AccountSnapshot, *, now: datetime) -> None:
    vendor_id = operation.subject_id
    async with transaction(SYSTEM):
        await applying.apply_account(vendor_id=vendor_id, snapshot=snapshot, now=now)
        await polling.watch(snapshot.account_id, now=now)
        await operations.succeed(operation.key, result_id=snapshot.account_id)
        await _plan_settings(vendor_id, snapshot.account_id, at=now)


async def _plan_settings(vendor_id: UUID, account: str, *, at: datetime) -> None:
    await operations.plan(
        kind=OperationKind.BALANCE_SETTINGS,
        subject_id=vendor_id,
        key=await _settings_key(vendor_id),
        params=_MANUAL,
        account=account,
        now=at,
    )


async def _key(vendor_id: UUID) -> str:
    return await _next_key(OperationKind.ACCOUNT, vendor_id)


async def _settings_key(vendor_id: UUID) -> str:
    return await _next_key(OperationKind.BALANCE_SETTINGS, vendor_id)


async def _next_key(kind: OperationKind, vendor_id: UUID) -> str:
    """Of the generation after the refused ones."""
    async with transaction(SYSTEM) as connection:
        generation = await connection.fetchval(_GENERATION, vendor_id, kind)
    return operations.key_of(kind, vendor_id, generation)
