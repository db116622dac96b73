"""Vendors at the sandbox, money in both books, and batches to pay: over HTTP, as it runs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from marketplace.accounts.models import Vendor
from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.transactions import transaction
from marketplace.orders import accepting, shipping
from marketplace.outbox import draining
from marketplace.payments import polling
from marketplace_runtime.routes import LEDGER, ledger_routes
from settlement import provider_events
from settlement.connected import opening
from settlement.connected.models import ConnectedAccount
from settlement.earnings import maturing
from settlement.invariants import checking
from settlement.payouts import approving, drafting, paying
from settlement.payouts.models import Payout
from settlement.terms.models import Schedule
from tests.factories import make_offer, make_order, make_vendor, parts_of
from tests.payments.world import World
from tests.payouts.money import staff
from tests.payouts.terms import agree
from tests.stripe_sandbox.connected import acting_as, door

CURRENCY = "EUR"
_BALANCE = """
    SELECT coalesce(sum(entry.amount_minor), 0)::bigint FROM ledger_entry entry
    JOIN ledger_account account ON account.id = entry.account_id
    WHERE account.code = $1 AND account.vendor_id IS NOT DISTINCT FROM $2
"""


@dataclass
class Paying:
    """What a test does; each call is what a page, a job, a tick or a command does."""

    world: World
    handled: set[UUID] = field(default_factory=set)

    async def daily(self) -> None:
        """Everybody is paid every day, from the first cent, a day after shipping."""
        await agree(
            None,
            schedule=Schedule.DAILY,
            schedule_days=[],
            maturity_days=0,
            undelivered_days=1,
            bank_cooling_days=2,
        )

    async def vendor(self, *, bank: str | None = None) -> UUID:
        """One whose account the sandbox has enabled, and who has told us so."""
        vendor = await make_vendor()
        account = await opening.open_account(
            principal=SYSTEM, vendor_id=vendor.id, gateway=self.world.connect, now=self.world.now
        )
        told = {} if bank is None else {"account_number": bank}
        await door(self.world.sandbox, f"accounts/{account.provider_account_id}/onboard", told)
        await self.hear()
        return vendor.id

    async def earn(self, vendor_ids: Sequence[UUID]) -> int:
        """A customer buys from each of them, and two days later it is available.

        Answers with what each has then, minor units.
        """
        async with transaction(SYSTEM):
            vendors = await Vendor.filter(id__in=list(vendor_ids))
        offers = [await make_offer(vendor=vendor, price=50_00) for vendor in vendors]
        order_id = await make_order({offer.id: 1 for offer in offers}, now=self.world.now)
        await self.world.pay(order_id, key=str(order_id))
        for part in await parts_of(order_id):
            await accepting.accept(principal=SYSTEM, sub_order_id=part.id, now=self.world.now)
            await shipping.ship(
                principal=SYSTEM,
                sub_order_id=part.id,
                carrier="DHL",
                tracking_number=part.number,
                key=part.number,
                now=self.world.now,
            )
        await draining.drain(routes=ledger_routes(), now=self.world.now, consumers=[LEDGER])
        await self.world.pass_time(days=2)
        await door(self.world.sandbox, "balance/mature")
        assert await maturing.mature_due(now=self.world.now) == len(vendors)
        return -await self.ledger("2120", vendor_ids[0])

    async def batch(self) -> UUID:
        """Today's, drafted and approved."""
        day = self.world.now.date()
        batch_id = await drafting.draft_cycle(day=day, principal=SYSTEM, now=self.world.now)
        assert batch_id is not None
        async with transaction(SYSTEM):
            totals = await approving.totals_of(batch_id)
        await approving.approve(
            principal=staff(StaffRole.APPROVER),
            batch_id=batch_id,
            expected_totals=totals,
            now=self.world.now,
        )
        return batch_id

    async def pay(self, batch_id: UUID) -> dict[str, int]:
        ended = await paying.pay_batch(
            batch_id=batch_id, gateway=self.world.connect, now=self.world.now
        )
        return {state.value: count for state, count in ended.items()}

    async def tick(self, **later: float) -> int:
        """Time passes, then the tick runs once."""
        await self.world.pass_time(**later)
        return await paying.carry_on_due(gateway=self.world.connect, now=self.world.now)

    async def tick_one(self, **later: float) -> int:
        """Time passes, then the tick has room for a single payout."""
        await self.world.pass_time(**later)
        return await paying.carry_on_due(gateway=self.world.connect, now=self.world.now, limit=1)

    async def hear(self, *, newest_first: bool = False) -> int:
        """Let the provider send, then let the job act on what is new; how many that was."""
        await self.world.sandbox.do_what_is_due()
        await self.world.sandbox.flush()
        order = "DESC" if newest_first else "ASC"
        rows = await self.world.rows(f"SELECT id FROM provider_event ORDER BY id {order}")
        new = [row["id"] for row in rows if row["id"] not in self.handled]
        for provider_event_id in new:
            await provider_events.handle(
                provider_event_id=provider_event_id, gateway=self.world.connect, now=self.world.now
            )
        self.handled |= set(new)
        return len(new)

    async def poll(self) -> int:
        return await polling.poll_events(gateway=self.world.connect, now=self.world.now)

    async def payout(self, vendor_id: UUID) -> Payout:
        """The vendor's newest."""
        async with transaction(SYSTEM):
            newest = await Payout.filter(vendor_id=vendor_id).order_by("-created_at").first()
        assert newest is not None
        return newest

    async def account(self, vendor_id: UUID) -> ConnectedAccount:
        async with transaction(SYSTEM):
            return await ConnectedAccount.get(vendor_id=vendor_id)

    async def events(self, vendor_id: UUID) -> list[str]:
        """Where its payouts went, in order."""
        rows = await self.world.rows(
            "SELECT move FROM settlement_change WHERE vendor_id = $1 AND subject = 'payout'"
            " ORDER BY at, ctid",
            vendor_id,
        )
        return [row["move"] for row in rows]

    async def ledger(self, code: str, vendor_id: UUID | None = None) -> int:
        """Minor units, debits above zero."""
        found: int = await self.world.value(_BALANCE, code, vendor_id)
        return found

    async def at_provider(self, vendor_id: UUID | None = None) -> int:
        """Available and pending, of a vendor's account or of ours."""
        account = None
        if vendor_id is not None:
            account = (await self.account(vendor_id)).provider_account_id
        balance = await self.world.connect.retrieve_balance(account)
        return balance.total(CURRENCY)

    async def sent_to_bank(self, vendor_id: UUID) -> list[tuple[str, int]]:
        """Status and amount of each payout that the sandbox has for a vendor."""
        account = (await self.account(vendor_id)).provider_account_id
        assert account is not None
        found = await self.world.sandbox.client.v1.payouts.list_async(
            {"limit": 100}, acting_as(account)
        )
        return [(one.status, one.amount) for one in reversed(found.data)]

    async def transferred(self) -> int:
        """How many transfers the sandbox has."""
        found = await self.world.sandbox.client.v1.transfers.list_async({"limit": 100})
        return len(found.data)

    async def agree(self, vendor_ids: Sequence[UUID]) -> None:
        """Our books and the sandbox's say the same, and nothing in ours is wrong."""
        assert await self.ledger("1120") == await self.at_provider()
        for vendor_id in vendor_ids:
            assert await self.ledger("1140", vendor_id) == await self.at_provider(vendor_id)
        async with transaction(SYSTEM, isolation="REPEATABLE READ", read_only=True) as connection:
            report = await checking.check_all(connection)
        assert report.violations == (), str(report)
