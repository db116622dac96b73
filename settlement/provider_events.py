"""Act on what the provider told us of vendors' money, by asking how things stand now.

What an event says is never believed: its object is fetched and applied as it is today, so events
may come in any order, twice, or late. What is not ours is ignored.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from marketplace.kit.errors import NotFound
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from settlement.connected import applying
from settlement.connected.gateway import ConnectGateway
from settlement.connected.models import ConnectedAccount
from settlement.disputes import following as disputes
from settlement.payouts import cancelling, cooling, following, retrying, stopping, transferring

_READ = "SELECT type, object_id, account, payload FROM provider_event WHERE id = $1"


@dataclass(frozen=True, slots=True)
class Told:
    """A kept event; `account` is the connected account it happened at, None at the platform."""

    type: str
    object_id: str
    account: str | None
    payload: dict[str, Any]


Handler: TypeAlias = Callable[[Told, ConnectGateway, datetime], Awaitable[None]]


async def handle(*, provider_event_id: UUID, gateway: ConnectGateway, now: datetime) -> None:
    """Fetch the object an event is about and apply it; safe to repeat, in any order.

    Raises OutcomeUnknown while the provider does not answer: hand the event over again.
    """
    async with transaction(SYSTEM, read_only=True) as connection:
        row = await connection.fetchrow(_READ, provider_event_id)
    if row is None:
        raise NotFound("provider event")
    told = Told(row["type"], row["object_id"], row["account"], json.loads(row["payload"]))
    for kind, act in HANDLERS:
        if told.type.startswith(kind):
            await act(told, gateway, now)
            return


async def look_at_account(
    *, provider_account_id: str, gateway: ConnectGateway, now: datetime
) -> None:
    """Ask how an account stands and act on it, because the provider or the vendor says it changed.

    Raises OutcomeUnknown while the provider does not answer.
    """
    vendor_id = await applying.refresh(
        provider_account_id=provider_account_id, gateway=gateway, now=now
    )
    if vendor_id is not None:
        await _wake(vendor_id, now)


async def _on_payout(told: Told, gateway: ConnectGateway, now: datetime) -> None:
    if told.account is None:
        return  # ours to our own bank: reconciliation reads those
    await following.refresh(
        account=told.account, provider_payout_id=told.object_id, gateway=gateway, now=now
    )


async def _on_transfer(told: Told, gateway: ConnectGateway, now: datetime) -> None:
    snapshot = await gateway.retrieve_transfer(told.object_id)
    payout_id = await following.ours(snapshot.metadata.get("payout_id"))
    if payout_id is None:
        return
    await transferring.apply_transfer(payout_id=payout_id, snapshot=snapshot, now=now)
    if snapshot.reversed_minor > 0:
        ours = f"transfer_reversal:{payout_id}"
        reversal = await gateway.find_reversal(snapshot.transfer_id, souk=ours)
        if reversal is not None:
            await cancelling.apply_reversal(payout_id=payout_id, snapshot=reversal, now=now)


async def _on_account(told: Told, gateway: ConnectGateway, now: datetime) -> None:
    account_id = told.account or told.object_id
    await look_at_account(provider_account_id=account_id, gateway=gateway, now=now)


async def _on_deauthorized(told: Told, gateway: ConnectGateway, now: datetime) -> None:
    if told.account is not None:
        await applying.disconnect(provider_account_id=told.account, now=now)


async def _on_balance(told: Told, gateway: ConnectGateway, now: datetime) -> None:
    if told.account is None:
        await transferring.wake_waiting(now=now)


async def _on_dispute(told: Told, gateway: ConnectGateway, now: datetime) -> None:
    snapshot = await gateway.retrieve_dispute(told.object_id)
    await disputes.apply_dispute(snapshot=snapshot, now=now)


# The first whose name an event's type begins with.
HANDLERS: tuple[tuple[str, Handler], ...] = (
    ("payout.", _on_payout),
    ("transfer.", _on_transfer),
    ("account.application.deauthorized", _on_deauthorized),
    ("account.", _on_account),
    ("capability.", _on_account),
    ("balance.available", _on_balance),
    ("charge.dispute.", _on_dispute),
)


async def _wake(vendor_id: UUID, now: datetime) -> None:
    """What failed for an old bank account is tried when the new one's cooling-off is over.

    What waits for an account that can be paid looks at it again.
    """
    async with transaction(SYSTEM):
        account = await ConnectedAccount.get(vendor_id=vendor_id)
        at = await cooling.cools_until(account, now=now)
        await retrying.wake(vendor_id=vendor_id, at=at or now)
        await stopping.wake(vendor_id=vendor_id, at=now)
