"""Demo vendors get accounts at the Stripe sandbox, so that they can be paid from the first day."""

from datetime import datetime

import httpx

from marketplace.accounts.models import Vendor
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace_runtime.settings import Settings
from settlement.connected import applying, opening
from settlement.connected.stripe_connect import StripeConnect

# The sandbox may still be starting; its socket listens and holds us until then.
PATIENCE_SECONDS = 20.0
CURRENCY = "eur"
ACCOUNT_NUMBER = "DE89370400440532013000"  # the one that works, of Stripe's documentation


async def enroll(settings: Settings, *, now: datetime) -> int:
    """Open and onboard an account for each vendor; how many can be paid. 0 without a sandbox."""
    base = settings.stripe_api_base
    async with httpx.AsyncClient(base_url=base, timeout=PATIENCE_SECONDS) as sandbox:
        if not await _is_sandbox(sandbox):
            return 0
        gateway = StripeConnect(api_key=settings.stripe_api_key.get_secret_value(), api_base=base)
        try:
            async with transaction(SYSTEM, read_only=True):
                vendors = await Vendor.all().order_by("code")
            for vendor in vendors:
                await _enroll(vendor, sandbox, gateway, now)
        finally:
            await gateway.close()
    return len(vendors)


async def _is_sandbox(sandbox: httpx.AsyncClient) -> bool:
    """Never the real Stripe, which has no such door."""
    try:
        return (await sandbox.get("/_sandbox/")).is_success
    except httpx.TransportError:
        return False


async def _enroll(
    vendor: Vendor, sandbox: httpx.AsyncClient, gateway: StripeConnect, now: datetime
) -> None:
    account = await opening.open_account(
        principal=SYSTEM, vendor_id=vendor.id, gateway=gateway, now=now
    )
    if account.provider_account_id is None:
        return  # nobody knows what became of the call; the worker carries on
    told = {"account_number": ACCOUNT_NUMBER, "currency": CURRENCY}
    done = await sandbox.post(
        f"/_sandbox/accounts/{account.provider_account_id}/onboard", json=told
    )
    done.raise_for_status()
    await applying.refresh(
        provider_account_id=account.provider_account_id, gateway=gateway, now=now
    )
