"""Finance's desk beside a marketplace and its provider: real books, real HTTP, one clock."""

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from marketplace.accounts.models import Vendor
from marketplace.kit.principal import SYSTEM
from marketplace.outbox import draining
from marketplace_runtime.routes import ledger_routes
from settlement.reconciliation import (
    bank_accounts,
    break_queries,
    importing,
    pulling,
    queries,
    running,
)
from settlement.reconciliation.break_queries import BreakFilter, BreakView
from settlement.reconciliation.importing import Imported
from settlement.reconciliation.queries import ProofView
from settlement.reconciliation.stripe_books import StripeBooks
from tests.factories import make_channel, make_offer, make_order
from tests.payments.world import World
from tests.settlement.people import ACCOUNTANT
from tests.stripe_sandbox.running import KEY

IBAN = "DE89370400440532013000"  # the sandbox's own bank account


@dataclass
class Desk:
    world: World
    books: StripeBooks
    bank_id: UUID
    run_ids: list[UUID] = field(default_factory=list)

    async def sell(self, *, price: int = 50_00, vendor: Vendor | None = None) -> UUID:
        """An order that is paid, and that the ledger has heard of."""
        await make_channel()
        offer = await make_offer(price=price, vendor=vendor)
        order_id = await make_order({offer.id: 1}, now=self.world.now)
        await self.world.pay(order_id)
        await self.hear()
        return order_id

    async def hear(self) -> None:
        """The provider sends, the job applies, the ledger books."""
        await self.world.webhooks()
        await self.book()

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

    async def events_asked(self) -> list[Any]:
        """What reconciliation asked for anew, as the inbox has it."""
        rows = await self.world.rows(
            "SELECT type, object_id, payload FROM provider_event WHERE event_id LIKE 'souk:%'"
        )
        return [json.loads(row["payload"]) for row in rows]


async def a_desk(world: World) -> Desk:
    bank_id = await bank_accounts.open_account(
        principal=SYSTEM, code="main", name="Main account", identification=IBAN, currency="EUR",
        now=world.now,
    )  # fmt: skip
    base = str(world.sandbox.http.base_url).rstrip("/")
    return Desk(world, StripeBooks(api_key=KEY, api_base=base, timeout_seconds=5), bank_id)
