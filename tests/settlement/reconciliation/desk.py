"""Finance's desk beside a marketplace and its provider: real books, real HTTP, one clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from marketplace.accounts.models import Vendor
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM, Principal
from marketplace.kit.transactions import transaction
from marketplace.outbox import draining
from marketplace_runtime.routes import ledger_routes
from settlement import chart, ledger
from settlement.chart import Account
from settlement.invariants import checking
from settlement.ledger import Entry, Kind, Purpose
from settlement.reconciliation import (
    bank_accounts,
    break_queries,
    breaks,
    importing,
    pulling,
    queries,
    running,
)
from settlement.reconciliation.break_queries import BreakFilter, BreakView
from settlement.reconciliation.importing import Imported
from settlement.reconciliation.queries import ProofView
from settlement.reconciliation.run_models import Remedy
from settlement.reconciliation.stripe_books import StripeBooks
from tests.factories import make_channel, make_offer, make_order
from tests.paying.world import Paying
from tests.payments.world import World
from tests.settlement.people import ACCOUNTANT, APPROVER
from tests.stripe_sandbox.connected import door
from tests.stripe_sandbox.running import KEY

IBAN = "DE89370400440532013000"  # the sandbox's own bank account


@dataclass
class Desk:
    world: World
    books: StripeBooks
    bank_id: UUID
    owner_url: str
    paying: Paying
    is_offline: bool = False
    run_ids: list[UUID] = field(default_factory=list)

    async def sell(
        self, *, price: int = 50_00, vendor: Vendor | None = None, card: str = "pm_card_visa"
    ) -> UUID:
        """An order that is paid, and that the ledger has heard of."""
        await make_channel()
        offer = await make_offer(price=price, vendor=vendor)
        order_id = await make_order({offer.id: 1}, now=self.world.now)
        await self.world.pay(order_id, card=card)
        await self.hear()
        return order_id

    async def hear(self) -> None:
        """The provider sends, the jobs apply, the ledger books."""
        await self.paying.hear()
        await self.world.webhooks()
        await self.book()

    async def earn(self, vendor_id: UUID, minor: int) -> None:
        """A customer pays, it is available at the provider, and it is all the vendor's."""
        paid = await self.world.sandbox.pay(2 * minor, expand=["latest_charge.balance_transaction"])
        await door(self.world.sandbox, "balance/mature")
        charge: Any = paid.latest_charge
        net, fee = charge.balance_transaction.net, charge.balance_transaction.fee
        moves = (
            (chart.PROVIDER_BALANCE, net),
            (chart.PROVIDER_FEES, fee),
            (chart.COMMISSION, -minor),
            (chart.vendor_available(vendor_id), -minor),
        )
        await self.post(f"balance_transaction:{charge.id}", dict(moves))

    async def pay_out(self, *, minor: int = 30_00) -> UUID:
        """A vendor is paid by today's batch; its id. The payout is on its way."""
        await self.paying.daily()
        vendor_id = await self.paying.vendor()
        await self.world.pass_time(days=3)
        await self.earn(vendor_id, minor)
        await self.paying.pay(await self.paying.batch())
        return vendor_id

    async def post(
        self,
        key: str,
        moves: Mapping[Account, int],
        *,
        kind: Kind = Kind.ADJUSTMENT,
        source: tuple[str, UUID] | None = None,
        currency: str = "EUR",
    ) -> UUID:
        """A posting as somebody with a mistake in mind would make it."""
        source_type, source_id = source or ("balance_transaction", new_id(self.world.now))
        async with transaction(SYSTEM):
            posted = await ledger.post(
                kind=kind, key=key, effective_date=self.world.now.date(),
                source_type=source_type, source_id=source_id, now=self.world.now,
                entries=[
                    Entry(account=account, amount_minor=amount, currency=currency,
                        purpose=Purpose.CORRECTION)
                    for account, amount in moves.items()
                ],
            )  # fmt: skip
        assert posted is not None
        return posted

    async def as_owner(self, sql: str, *values: object) -> None:
        """What only a hand in the database could do."""
        owner = await asyncpg.connect(self.owner_url)
        try:
            await owner.execute(sql, *values)
        finally:
            await owner.close()

    async def platform_payout(self, minor: int = 40_00) -> Any:
        """The platform draws its own money to its bank; it takes two business days."""
        return await self.world.sandbox.client.v1.payouts.create_async(
            {"amount": minor, "currency": "eur"}
        )

    async def settle(
        self, remedy: Remedy, *, against: str | None = None, by: Principal = ACCOUNTANT
    ) -> None:
        """The only live break is settled: proposed by one, agreed to by another if it is much."""
        [found] = await self.breaks()
        done = await breaks.propose(
            principal=by, break_id=found.id, remedy=remedy, against=against, note="as seen",
            now=self.world.now,
        )  # fmt: skip
        if not done:
            await breaks.approve(principal=APPROVER, break_id=found.id, now=self.world.now)

    async def book(self) -> None:
        await draining.drain(routes=ledger_routes(), now=self.world.now, consumers={"ledger"})

    async def pass_days(self, days: int) -> None:
        """Time passes a day at a time; what becomes due at the provider is done."""
        for _ in range(days):
            await self.world.pass_time(days=1)
            await self.world.sandbox.do_what_is_due()

    async def pull(self) -> int:
        return await pulling.pull(gateway=self.books, now=self.world.now)

    async def reconcile(self, *, until: date | None = None) -> list[BreakView]:
        """Pull and run; the live breaks, by code."""
        if not self.is_offline:
            await self.pull()
        run_id = await running.run(
            principal=ACCOUNTANT, until=until or self.world.now.date(), now=self.world.now
        )
        self.run_ids.append(run_id)
        return await self.breaks()

    async def breaks(self, *, is_live: bool | None = True) -> list[BreakView]:
        found = await break_queries.breaks(
            principal=ACCOUNTANT, wanted=BreakFilter(is_live=is_live), now=self.world.now
        )
        return sorted(found, key=lambda one: one.code)

    async def proofs(self, *, day: date | None = None) -> list[ProofView]:
        return await queries.proofs(principal=ACCOUNTANT, day=day or self.world.now.date())

    async def statement(self, *, days: int = 30) -> Imported:
        """Fetch the bank's file of the last days and import it."""
        today = self.world.now.date()
        answer = await self.world.sandbox.http.get(
            "/_sandbox/bank/statement",
            params={
                "format": "camt053",
                "from": str(today - timedelta(days=days)),
                "to": str(today),
            },
        )
        assert answer.status_code == 200, answer.text
        return await importing.import_bank_file(
            principal=ACCOUNTANT, bank_account_id=self.bank_id, data=answer.content,
            filename="statement.xml", now=self.world.now,
        )  # fmt: skip

    async def violations(self) -> str:
        """What of everything that must hold does not; empty where all does."""
        async with transaction(SYSTEM, isolation="REPEATABLE READ", read_only=True) as inside:
            report = await checking.check_all(inside)
        return "" if not report.violations else str(report)


async def a_desk(world: World, owner_url: str) -> Desk:
    bank_id = await bank_accounts.open_account(
        principal=SYSTEM, code="main", name="Main account", identification=IBAN, currency="EUR",
        now=world.now,
    )  # fmt: skip
    base = str(world.sandbox.http.base_url).rstrip("/")
    books = StripeBooks(api_key=KEY, api_base=base, timeout_seconds=5)
    return Desk(world, books, bank_id, owner_url, Paying(world))
