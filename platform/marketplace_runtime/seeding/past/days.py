"""What each day of the demo's past brought beside its orders: money, and the bank's statements."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace_runtime.seeding.past.people import People
from marketplace_runtime.seeding.past.stand_in import StandIn
from marketplace_runtime.seeding.past.stories import CURRENCY
from settlement.adjustments import proposing
from settlement.adjustments.models import AdjustmentKind
from settlement.connected.gateway import ConnectGateway
from settlement.payouts import approving
from settlement.payouts.models import BatchState, PayoutBatch
from settlement.reconciliation import bank_accounts, importing, nightly
from settlement.reconciliation.provider_books import ProviderBooks
from settlement.terms import changing
from settlement.terms.changing import Agreed
from settlement.terms.models import Schedule

MORNING = time(6, tzinfo=UTC)
FRIDAY = 5
DRAWN_ON = 3  # ISO weekday on which the platform takes its share
RECONCILES_FOR = timedelta(days=9)
BANK = "main-eur"

# Lines on our bank's statement that nobody told us of, by how many days ago they were booked.
SURPRISES = {24: (-12_90, "ACCOUNT FEE"), 4: (36_00, "A. Smit, for the candles")}
# When statements are read, by how many days ago: each goes on where the one before ended.
STATEMENTS = (28, 14, 1)
GOODWILL_AGO, GOODWILL_MINOR = 2, 15_00

# Everything at the provider that is somebody else's: vendors', customers' and the state's.
_OWED = """
    SELECT coalesce(-sum(entry.amount_minor), 0)::bigint FROM ledger_entry entry
    JOIN ledger_account account ON account.id = entry.account_id
    WHERE account.code LIKE '2%' AND account.currency = $1
"""


async def agree(people: People, *, paid_on: int, now: datetime) -> None:
    """Paid once a week what arrived five working days ago; a twentieth of it a month later."""
    await changing.change(
        principal=people.staff["administrator"],
        vendor_id=None,
        agreed=Agreed(
            maturity_days=5,
            undelivered_days=30,
            reserve_bps=500,
            reserve_days=30,
            schedule=Schedule.WEEKLY,
            schedule_days=[paid_on],
            minimums={CURRENCY: 20_00},
            bank_cooling_days=0,
        ),
        note="Paid once a week",
        now=now,
    )


@dataclass(frozen=True, slots=True)
class Days:
    """`begins` and `ends` are the past's."""

    people: People
    stripe: StandIn
    connect: ConnectGateway
    books: ProviderBooks
    begins: datetime
    ends: datetime

    @property
    def paid_on(self) -> int:
        """The ISO weekday of payouts: yesterday's, so that the last batch is not old."""
        return min((self.ends - timedelta(days=1)).isoweekday(), FRIDAY)

    def mornings(self) -> list[datetime]:
        days = (self.ends - self.begins).days + 1
        first = datetime.combine(self.begins.date(), MORNING)
        every = [first + timedelta(days=number) for number in range(days + 1)]
        return [morning for morning in every if self.begins < morning <= self.ends]

    async def office(self, now: datetime) -> None:
        """What people do in an office on one day, after what is due by itself was done."""
        ago = (self.ends.date() - now.date()).days
        await self._approve(now)
        if now.isoweekday() == DRAWN_ON:
            await self._draw(now)
        if ago in SURPRISES:
            amount_minor, text = SURPRISES[ago]
            await self.stripe.book_at_bank(amount_minor=amount_minor, day=now.date(), text=text)
        if ago in STATEMENTS:
            await self._read_statement(now)
        if ago == GOODWILL_AGO:
            await self._propose_goodwill(now)
        if ago in STATEMENTS or self.ends - now < RECONCILES_FOR:
            await nightly.work_off(books=self.books, now=now)

    async def _approve(self, now: datetime) -> None:
        """Agree to the batches that wait, but for the last."""
        if self.ends - now < timedelta(days=5):
            return
        async with transaction(SYSTEM, read_only=True):
            waiting = await PayoutBatch.filter(state=BatchState.DRAFT).order_by("number")
        for batch in waiting:
            async with transaction(SYSTEM, read_only=True):
                totals = await approving.totals_of(batch.id)
            await approving.approve(
                principal=self.people.staff["approver"],
                batch_id=batch.id,
                expected_totals=totals,
                now=now,
            )

    async def _draw(self, now: datetime) -> None:
        """The platform's own share goes to its bank, as somebody would do in the dashboard."""
        balance = await self.connect.retrieve_balance(None)
        async with transaction(SYSTEM, read_only=True):
            owed = await connection().fetchval(_OWED, CURRENCY)
        ours = balance.available.get(CURRENCY, 0) - owed
        if ours > 0:
            params = {"amount": ours, "currency": CURRENCY.lower()}
            await self.connect.create_payout(None, params, f"past:platform:{now:%Y-%m-%d}")

    async def _read_statement(self, now: datetime) -> None:
        last = now.date() - timedelta(days=1)
        data = await self.stripe.statement(self._first_of_statement(now), last)
        async with transaction(SYSTEM, read_only=True):
            account_id: UUID = await bank_accounts.find(principal=SYSTEM, code=BANK)
        await importing.import_bank_file(
            principal=self.people.staff["accountant"],
            bank_account_id=account_id,
            data=data,
            filename=f"{BANK}-{last:%Y-%m-%d}.xml",
            now=now,
        )

    def _first_of_statement(self, now: datetime) -> date:
        ago = (self.ends.date() - now.date()).days
        earlier = [days for days in STATEMENTS if days > ago]
        if not earlier:
            return self.begins.date()
        return self.ends.date() - timedelta(days=min(earlier))

    async def _propose_goodwill(self, now: datetime) -> None:
        await proposing.propose(
            principal=self.people.staff["accountant"],
            kind=AdjustmentKind.GOODWILL,
            vendor_id=self.people.vendors["kiln"],
            currency=CURRENCY,
            amount_minor=GOODWILL_MINOR,
            note="For the crate that we lost in our own warehouse",
            key="past:goodwill",
            now=now,
        )
