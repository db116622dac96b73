"""A new bank account is not paid to for a while: whoever took an account over would name theirs."""

from datetime import datetime, timedelta

from marketplace.kit.principal import SYSTEM
from settlement.connected.models import ConnectedAccount
from settlement.terms import reading


async def cools_until(account: ConnectedAccount, *, now: datetime) -> datetime | None:
    """When payouts to the account begin again; None where nothing is in their way."""
    if account.bank_changed_at is None:
        return None
    terms = await reading.terms_of(account.vendor_id, now, principal=SYSTEM)
    until = account.bank_changed_at + timedelta(days=terms.bank_cooling_days)
    return until if now < until else None
