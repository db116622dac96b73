"""The sellers' money in a replay: it matures, is paid out every week, and arrives.

What a worker does by the clock happens here once on each day of the history, and for a while
after its last order, so that most of what was earned is paid.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import httpx

from marketplace.kit import clock
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace_runtime.replaying.errors import ReplayRefused
from settlement.connected import applying, opening
from settlement.connected.gateway import ConnectGateway
from settlement.connected.models import AccountState
from settlement.payouts import daily, finalising, paying

OPENS_AT = time(6, tzinfo=UTC)  # when the day's money is looked at
GOES_ON_FOR = timedelta(days=28)
AT_ONCE = 8  # payouts beside each other: most of their time they wait for the provider

_UNCONNECTED = """
    SELECT vendor.id FROM vendor LEFT JOIN connected_account account
        ON account.vendor_id = vendor.id AND account.state = 'enabled'
    WHERE account.vendor_id IS NULL ORDER BY vendor.id
"""
_APPROVED = "SELECT DISTINCT batch_id FROM payout WHERE state = 'approved' ORDER BY batch_id"


@dataclass(slots=True)
class Treasury:
    """`sandbox` is the provider's stand-in itself, for what is done there by other people."""

    gateway: ConnectGateway
    sandbox: httpx.AsyncClient
    _next: datetime = field(default=datetime.max.replace(tzinfo=UTC), init=False)

    async def connect(self, *, now: datetime, advance: Callable[[int], None]) -> None:
        """Every seller has an account at the provider, and has answered its questions.

        The days begin with `now`, or with the last one that a broken-off replay had begun.
        """
        await clock.advance(now)
        self._next = _morning_after(await clock.now() - timedelta(days=1))
        async with transaction(SYSTEM, read_only=True):
            waiting = [row["id"] for row in await connection().fetch(_UNCONNECTED)]
            sellers = await connection().fetchval("SELECT count(*) FROM vendor")
        advance(sellers - len(waiting))
        for vendor_id in waiting:
            await self._connect(vendor_id, now)
            advance(1)

    async def until(self, now: datetime) -> None:
        """Work off every day that has begun since the last look, each under its own morning."""
        while self._next <= now:
            await self._day(self._next)
            self._next += timedelta(days=1)

    async def _day(self, now: datetime) -> None:
        await clock.advance(now)
        await self._let_the_provider_work()
        while await daily.work_off(now=now):
            pass
        async with transaction(SYSTEM, read_only=True):
            approved = [row["batch_id"] for row in await connection().fetch(_APPROVED)]
        for batch_id in approved:
            await paying.pay_batch(
                batch_id=batch_id, gateway=self.gateway, now=now, at_once=AT_ONCE
            )
        while await paying.carry_on_due(gateway=self.gateway, now=now):
            pass
        while await finalising.finalise_due(now=now):
            pass

    async def _let_the_provider_work(self) -> None:
        """Payouts arrive by the clock: before anybody asks whether they have."""
        worked = True
        while worked:
            answer = await self.sandbox.post("/_sandbox/deliveries/due")
            if answer.is_server_error:
                # It reads its time from our database: where that is gone, that is what to say.
                await clock.now()
            answer.raise_for_status()
            worked = bool(answer.json()["worked"])

    async def _connect(self, vendor_id: UUID, now: datetime) -> None:
        opened = await opening.open_account(
            principal=SYSTEM, vendor_id=vendor_id, gateway=self.gateway, now=now
        )
        account = opened.provider_account_id
        if account is None:
            raise ReplayRefused(
                "the payment provider did not open a seller's account. "
                "Run the same command again to go on."
            )
        answer = await self.sandbox.post(f"/_sandbox/accounts/{account}/onboard", json={})
        answer.raise_for_status()
        await applying.refresh(provider_account_id=account, gateway=self.gateway, now=now)
        async with transaction(SYSTEM, read_only=True) as connected:
            state = await connected.fetchval(
                "SELECT state FROM connected_account WHERE vendor_id = $1", vendor_id
            )
        assert state == AccountState.ENABLED, state


def _morning_after(moment: datetime) -> datetime:
    morning = datetime.combine(moment.astimezone(UTC).date(), OPENS_AT)
    return morning if morning > moment else morning + timedelta(days=1)
