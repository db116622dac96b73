"""A payout cycle, phase by phase, at the Stripe sandbox over HTTP, as a worker would drive it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import httpx

from marketplace.kit import clock
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM, Kind, Principal, StaffRole
from marketplace.kit.transactions import transaction
from marketplace_runtime.benching import vendors
from marketplace_runtime.benching.measuring import Measured, measured
from marketplace_runtime.replaying.stripe_process import KEY
from settlement.connected.stripe_connect import StripeConnect
from settlement.earnings import maturing
from settlement.payouts import approving, drafting, paying
from settlement.reconciliation import pulling, running
from settlement.reconciliation.stripe_books import StripeBooks

AT_ONCE = paying.AT_ONCE
ARRIVES_WITHIN = timedelta(days=7)

_TO_PAY = """
    SELECT id FROM payout WHERE batch_id = $1 AND provider_account_id = ANY($2) ORDER BY vendor_id
"""
# The provider knows the accounts of those alone who are paid: the others' books are not there.
_FORGET = "DELETE FROM connected_account WHERE NOT provider_account_id = ANY($1)"
_BY_OURS = """
    SELECT count(*) AS payouts, count(DISTINCT vendor_id) AS vendors FROM payout
    WHERE state = 'paid'
"""
_BY_THE_PROVIDER = """
    SELECT count(*) AS payouts, count(DISTINCT vendor_id) AS vendors FROM provider_payout
    WHERE vendor_id IS NOT NULL AND status = 'paid'
"""
_DIFFERENCES = "SELECT count(*) FROM reconciliation_break"


@dataclass(slots=True)
class Cycle:
    """`paid` and `paid_by_the_provider` count payouts and vendors in our books and in its."""

    vendors: int
    sample: int
    phases: list[Measured] = field(default_factory=list)
    paid: dict[str, int] = field(default_factory=dict)
    paid_by_the_provider: dict[str, int] = field(default_factory=dict)
    differences: int = 0


@dataclass(frozen=True, slots=True)
class Drive:
    """One cycle under way. `sandbox` is the provider's stand-in, for what others do there."""

    cycle: Cycle
    sandbox: httpx.AsyncClient
    connect: StripeConnect
    books: StripeBooks
    say: Callable[[str], None]

    async def run(self) -> None:
        now = await clock.now()
        accounts = await self._prepare(now)
        await self._mature(now)
        batch_id = await self._draft(now)
        await self._approve(batch_id, now)
        if self.cycle.sample == 0:
            return
        payouts = await self._pay(batch_id, accounts, now)
        now = await self._arrive(payouts, now)
        await self._reconcile(accounts, now)
        await self._count()

    async def _prepare(self, now: datetime) -> Sequence[str]:
        """The accounts that the provider knows too."""
        count = self.cycle.vendors
        self.say(f"{count:,} vendors are made")
        await vendors.agree(now)
        accounts = await vendors.add_vendors(count, now=now)
        known = list(accounts.values())[: self.cycle.sample]
        await vendors.enroll(known, self.sandbox)
        await vendors.charge_customers(count, self.sandbox, self.books, now=now)
        self.say(f"{count * vendors.SALES:,} sales are booked")
        await vendors.sell(list(accounts), now=now)
        return known

    async def _mature(self, now: datetime) -> None:
        count = self.cycle.vendors * vendors.SALES
        async with self._phase("mature", count, "earnings"):
            while await maturing.mature_due(now=now):
                pass

    async def _draft(self, now: datetime) -> UUID:
        async with self._phase("draft", self.cycle.vendors, "vendors"):
            batch_id = await drafting.draft_cycle(day=now.date(), principal=SYSTEM, now=now)
        assert batch_id is not None
        return batch_id

    async def _approve(self, batch_id: UUID, now: datetime) -> None:
        approver = Principal(Kind.STAFF, id=new_id(now), roles=frozenset({StaffRole.APPROVER}))
        async with transaction(SYSTEM, read_only=True):
            totals = await approving.totals_of(batch_id)
        async with self._phase("approve", self.cycle.vendors, "vendors"):
            await approving.approve(
                principal=approver, batch_id=batch_id, expected_totals=totals, now=now
            )

    async def _pay(self, batch_id: UUID, accounts: Sequence[str], now: datetime) -> Sequence[UUID]:
        async with transaction(SYSTEM, read_only=True) as connection:
            rows = await connection.fetch(_TO_PAY, batch_id, accounts)
        payouts = [row["id"] for row in rows]
        async with self._phase("pay", len(payouts), "vendors"):
            await self._carry_on(payouts, now)
        return payouts

    async def _arrive(self, payouts: Sequence[UUID], now: datetime) -> datetime:
        """Some days later the banks have it, and we ask about each."""
        later = await clock.advance(now + ARRIVES_WITHIN)
        (await self.sandbox.post("/_sandbox/deliveries/due")).raise_for_status()
        async with self._phase("arrive", len(payouts), "vendors"):
            await self._carry_on(payouts, later)
        return later

    async def _carry_on(self, payouts: Sequence[UUID], now: datetime) -> None:
        free = asyncio.Semaphore(AT_ONCE)

        async def one(payout_id: UUID) -> None:
            async with free:
                await paying.pay_payout(payout_id=payout_id, gateway=self.connect, now=now)

        async with asyncio.TaskGroup() as group:
            for payout_id in payouts:
                group.create_task(one(payout_id))

    async def _reconcile(self, accounts: Sequence[str], now: datetime) -> None:
        async with transaction(SYSTEM) as connection:
            await connection.execute(_FORGET, accounts)
        async with self._phase("read the provider's books", len(accounts), "vendors"):
            await pulling.pull(gateway=self.books, now=now)
        async with self._phase("reconcile", len(accounts), "vendors"):
            await running.run(principal=SYSTEM, until=now.date(), now=now)

    async def _count(self) -> None:
        async with transaction(SYSTEM, read_only=True) as connection:
            self.cycle.paid = dict(await connection.fetchrow(_BY_OURS))
            self.cycle.paid_by_the_provider = dict(await connection.fetchrow(_BY_THE_PROVIDER))
            self.cycle.differences = await connection.fetchval(_DIFFERENCES)

    @asynccontextmanager
    async def _phase(self, phase: str, items: int, of: str) -> AsyncIterator[None]:
        self.say(f"{self.cycle.vendors:,} vendors: {phase}")
        async with measured(phase, items, of) as found:
            yield
        self.cycle.phases.append(found)


async def drive(cycle: Cycle, *, stripe_url: str, say: Callable[[str], None]) -> None:
    """Prepare and drive one cycle in the connected, empty database."""
    connect = StripeConnect(api_key=KEY, api_base=stripe_url)
    books = StripeBooks(api_key=KEY, api_base=stripe_url)
    try:
        async with httpx.AsyncClient(base_url=stripe_url, timeout=30) as sandbox:
            await Drive(cycle, sandbox, connect, books, say).run()
    finally:
        await books.close()
        await connect.close()
