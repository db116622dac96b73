"""Drafting a batch: who is in it, what is frozen, and that it happens once."""

import asyncio
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from marketplace.kit.errors import Forbidden, InvalidInput, NotFound
from marketplace.kit.principal import SYSTEM, Kind, Principal, StaffRole
from marketplace.kit.transactions import connection, transaction
from settlement.payouts import drafting
from settlement.payouts.eligibility import Reason
from settlement.payouts.errors import NotPayable, PaidOnSchedule
from settlement.payouts.models import Payout, PayoutBatch, SkippedPayout, Statement, StatementLine
from settlement.terms.models import Schedule
from tests.conftest import Database
from tests.counting import counted_statements
from tests.payouts.money import NOW, credit, make_vendor, make_vendors, staff
from tests.payouts.terms import agree

pytestmark = [pytest.mark.anyio]

MONDAY = NOW.date()
WEEK = timedelta(days=7)


async def draft(day: date = MONDAY, *, now: datetime = NOW) -> UUID | None:
    return await drafting.draft_cycle(day=day, principal=SYSTEM, now=now)


async def next_week(weeks: int = 1) -> UUID | None:
    return await draft(MONDAY + weeks * WEEK, now=NOW + weeks * WEEK)


async def skipped() -> list[tuple[str, int, str]]:
    return [(row.reason, row.available_minor, row.detail) for row in await SkippedPayout.all()]


async def pay_all() -> None:
    """As if every payout had been made: its money has left the available balance."""
    for payout in await Payout.filter(state="draft"):
        await credit([payout.vendor_id], -payout.amount_minor, currency=payout.currency)
    await connection().execute(
        "UPDATE payout SET state = 'paid', transfer_id = 'tr_' || id, paid_at = $1,"
        " provider_payout_id = 'po_' || id WHERE state = 'draft'",
        NOW,
    )


async def test_a_due_vendor_is_paid_its_available_balance(db: None) -> None:
    vendor = await make_vendor()
    await credit([vendor.id], 47_47)

    batch_id = await draft()

    batch = await PayoutBatch.get(id=batch_id)
    [payout] = await Payout.all()
    [statement] = await Statement.all()
    [line] = await StatementLine.all()
    assert (batch.number, batch.cycle, batch.state) == (1, "2026-11-23", "draft")
    assert (payout.batch_id, payout.vendor_id, payout.amount_minor) == (batch_id, vendor.id, 47_47)
    assert payout.state == "draft"
    assert payout.statement_id == statement.id == line.statement_id
    assert (statement.number, statement.opening_minor, statement.closing_minor) == (1, 0, 47_47)
    assert line.amount_minor == 47_47


async def test_each_statement_opens_with_what_the_last_one_closed_with(db: None) -> None:
    vendor = await make_vendor()
    await credit([vendor.id], 10_00)
    await draft()
    await pay_all()
    await credit([vendor.id], 3_00)

    await next_week()

    statements = await Statement.all().order_by("number")
    assert [(row.number, row.opening_minor, row.closing_minor) for row in statements] == [
        (1, 0, 10_00), (2, 10_00, 3_00),
    ]  # fmt: skip
    assert statements[1].opened_at == statements[0].cut_off
    second = await StatementLine.filter(statement_id=statements[1].id).order_by("entry_id")
    assert [line.amount_minor for line in second] == [-10_00, 3_00]


async def test_currencies_are_paid_apart(db: None) -> None:
    vendor = await make_vendor()
    await credit([vendor.id], 5_00, currency="EUR")
    await credit([vendor.id], 7_00, currency="USD")

    await draft()

    payouts = await Payout.all().order_by("currency")
    assert [(row.currency, row.amount_minor) for row in payouts] == [("EUR", 500), ("USD", 700)]


async def test_who_is_skipped_has_a_reason_and_a_statement_of_what_happened(db: None) -> None:
    vendor = await make_vendor(connected=False)
    await credit([vendor.id], 9_00)

    await draft()

    assert await skipped() == [("no_account", 9_00, "No account for payouts is set up.")]
    assert await Payout.all().count() == 0
    assert [row.closing_minor for row in await Statement.all()] == [9_00]


async def test_a_skipped_vendor_without_news_gets_no_further_statement(db: None) -> None:
    vendor = await make_vendor(connected=False)
    await credit([vendor.id], 9_00)
    await draft()

    await next_week()

    assert len(await skipped()) == 2
    assert await Statement.all().count() == 1


async def test_what_was_skipped_is_paid_once_nothing_is_in_the_way(db: None) -> None:
    vendor = await make_vendor()
    await agree(vendor.id, minimums={"USD": 10_00})
    await credit([vendor.id], 9_00)
    await draft()
    assert await skipped() == [("below_minimum", 9_00, "9.00 USD is less than 10.00 USD.")]
    await credit([vendor.id], 1_00)

    await next_week()

    [payout] = await Payout.all()
    assert payout.amount_minor == 10_00
    assert [row.opening_minor for row in await Statement.all().order_by("number")] == [0, 9_00]


async def test_a_payout_has_a_statement_of_its_own_although_nothing_happened(db: None) -> None:
    vendor = await make_vendor(connected=False)
    await credit([vendor.id], 9_00)
    await draft()
    await connection().execute(
        "INSERT INTO connected_account (vendor_id, provider_account_id, country, state,"
        " transfers_enabled, payouts_enabled, requirements, created_at, updated_at)"
        " VALUES ($1, 'acct_1', 'DE', 'enabled', true, true, '[]', $2, $2)",
        vendor.id,
        NOW,
    )

    await next_week()

    [payout] = await Payout.all()
    statement = await Statement.get(id=payout.statement_id)
    assert (statement.number, statement.opening_minor, statement.closing_minor) == (2, 900, 900)


async def test_the_next_payout_waits_for_the_last_to_end(db: None) -> None:
    vendor = await make_vendor()
    await credit([vendor.id], 9_00)
    await draft()

    await next_week()

    assert await Payout.all().count() == 1
    assert [reason for reason, _, _ in await skipped()] == [Reason.PAYOUT_UNDER_WAY]


async def test_only_who_is_due_is_in_it(db: None) -> None:
    weekly, first_of_month, on_demand = await make_vendors(3)
    await agree(first_of_month, schedule=Schedule.MONTH_DAYS, schedule_days=[1])
    await agree(on_demand, schedule=Schedule.ON_DEMAND, schedule_days=[])
    await credit([weekly, first_of_month, on_demand], 5_00)

    await draft()

    assert [row.vendor_id for row in await Payout.all()] == [weekly]


async def test_days_that_no_batch_was_made_on_are_made_up_for(db: None) -> None:
    early, weekly = await make_vendors(2)
    await agree(early, schedule=Schedule.DAILY, schedule_days=[])
    await credit([early], 5_00)
    friday = MONDAY - timedelta(days=3)
    await draft(friday)
    await credit([weekly], 5_00)

    await draft(MONDAY + timedelta(days=2), now=NOW + timedelta(days=2))

    assert {row.vendor_id for row in await Payout.all()} == {early, weekly}


async def test_a_day_on_which_nobody_has_money_needs_no_batch(db: None) -> None:
    await make_vendors(2)

    assert await draft() is None
    assert await PayoutBatch.all().count() == 0


async def test_a_batch_drafted_again_is_the_same(db: None) -> None:
    vendor = await make_vendor()
    await credit([vendor.id], 5_00)
    first = await draft()
    await credit([vendor.id], 1_00)

    assert await draft() == first
    assert [row.amount_minor for row in await Payout.all()] == [5_00]


async def test_two_at_once_make_one_batch(committed_db: Database) -> None:
    async with transaction(SYSTEM):
        vendors = await make_vendors(3)
        await credit(vendors, 5_00)

    answers = await asyncio.gather(*(draft() for _ in range(4)))

    assert len(set(answers)) == 1
    async with transaction(SYSTEM):
        assert await PayoutBatch.all().count() == 1
        assert await Payout.all().count() == 3
        assert await Statement.all().count() == 3


async def test_what_is_booked_meanwhile_is_in_this_statement_or_in_the_next(
    committed_db: Database,
) -> None:
    async with transaction(SYSTEM):
        [vendor] = await make_vendors(1)
        await credit([vendor], 5_00)

    async def book() -> None:
        async with transaction(SYSTEM):
            await credit([vendor], 1)

    await asyncio.gather(*(book() for _ in range(10)), draft(), *(book() for _ in range(10)))

    async with transaction(SYSTEM):
        [statement] = await Statement.all()
        lines = await StatementLine.all()
        assert statement.closing_minor == sum(line.amount_minor for line in lines)
        await pay_all()
        await next_week()
        assert await StatementLine.all().count() == 1 + 20 + 1


async def test_a_draft_that_dies_leaves_nothing_and_is_made_again(committed_db: Database) -> None:
    async with transaction(SYSTEM):
        vendors = await make_vendors(2)
        await credit(vendors, 5_00)

    def die(done: int, of: int) -> None:
        raise ConnectionAbortedError(f"{done} of {of}")

    with pytest.raises(ConnectionAbortedError):
        await drafting.draft_cycle(day=MONDAY, principal=SYSTEM, now=NOW, tell=die)
    async with transaction(SYSTEM):
        assert await Statement.all().count() == 0

    await draft()

    async with transaction(SYSTEM):
        [batch] = await PayoutBatch.all()
        assert batch.number == 1
        assert await Payout.all().count() == 2


async def test_a_thousand_vendors_take_as_many_statements_as_one(committed_db: Database) -> None:
    async with transaction(SYSTEM):
        many = await make_vendors(1000)
        await credit(many[:1], 5_00)
    async with counted_statements() as for_one:
        await draft()
    async with transaction(SYSTEM):
        await pay_all()
        await credit(many, 5_00)
    told = []

    async with counted_statements() as for_many:
        await drafting.draft_cycle(
            day=MONDAY + WEEK, principal=SYSTEM, now=NOW + WEEK,
            tell=lambda done, of: told.append((done, of)),
        )  # fmt: skip

    async with transaction(SYSTEM):
        assert await Payout.all().count() == 1001
    assert len(for_many) == len(for_one)
    assert told == [(1000, 1000)]


async def test_a_batch_of_nothing_to_pay_asks_nobody(db: None) -> None:
    vendor = await make_vendor(connected=False)
    await credit([vendor.id], 9_00)

    batch_id = await draft()

    assert (await PayoutBatch.get(id=batch_id)).state == "approved"


async def test_a_day_to_come_is_refused(db: None) -> None:
    with pytest.raises(InvalidInput, match="still to come"):
        await draft(MONDAY + timedelta(days=1))


async def test_an_approver_drafts_nothing(db: None) -> None:
    with pytest.raises(Forbidden):
        await drafting.draft_cycle(day=MONDAY, principal=staff(StaffRole.APPROVER), now=NOW)


def asking(vendor_id: UUID, role: str = "owner") -> Principal:
    return Principal(Kind.VENDOR, id=uuid4(), vendor_id=vendor_id, roles=frozenset({role}))


async def test_a_vendor_asks_for_its_money(committed_db: Database) -> None:
    async with transaction(SYSTEM):
        vendor = await make_vendor()
        await agree(vendor.id, schedule=Schedule.ON_DEMAND, schedule_days=[])
        await credit([vendor.id], 5_00)

    batch_id = await drafting.draft_on_demand(
        vendor_id=vendor.id, principal=asking(vendor.id), now=NOW
    )

    async with transaction(SYSTEM):
        batch = await PayoutBatch.get(id=batch_id)
        assert batch.cycle == f"vendor:{vendor.code}:2026-11-23T09:00:00+00:00"
        assert [row.amount_minor for row in await Payout.all()] == [5_00]
    with pytest.raises(NotPayable) as refused:
        await drafting.draft_on_demand(
            vendor_id=vendor.id, principal=asking(vendor.id), now=NOW + timedelta(seconds=1)
        )
    assert refused.value.reason is Reason.PAYOUT_UNDER_WAY
    async with transaction(SYSTEM):
        assert await PayoutBatch.all().count() == 1
        assert await Statement.all().count() == 1


async def test_a_vendor_paid_on_days_asks_in_vain_and_accounting_does_not(db: None) -> None:
    vendor = await make_vendor()
    await credit([vendor.id], 5_00)

    with pytest.raises(PaidOnSchedule):
        await drafting.draft_on_demand(vendor_id=vendor.id, principal=asking(vendor.id), now=NOW)
    await drafting.draft_on_demand(
        vendor_id=vendor.id, principal=staff(StaffRole.ACCOUNTANT), now=NOW
    )

    assert await Payout.all().count() == 1


async def test_only_owner_and_finance_ask_and_for_their_own(db: None) -> None:
    mine, theirs = await make_vendors(2)

    with pytest.raises(Forbidden):
        await drafting.draft_on_demand(
            vendor_id=mine, principal=asking(mine, "fulfilment"), now=NOW
        )
    with pytest.raises(NotFound):
        await drafting.draft_on_demand(vendor_id=theirs, principal=asking(mine), now=NOW)
    with pytest.raises(NotFound):
        await drafting.draft_on_demand(vendor_id=uuid4(), principal=SYSTEM, now=NOW)


async def test_without_money_on_demand_says_so(db: None) -> None:
    vendor = await make_vendor()

    with pytest.raises(NotPayable) as refused:
        await drafting.draft_on_demand(vendor_id=vendor.id, principal=SYSTEM, now=NOW)

    assert refused.value.reason is Reason.NOTHING_AVAILABLE
    assert refused.value.message == "Nothing is available yet."
