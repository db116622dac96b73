"""Drafting a batch: who is in it, who is not, and what is frozen."""

from datetime import timedelta

import pytest

from marketplace.kit.errors import Forbidden, InvalidInput
from marketplace.kit.principal import StaffRole
from marketplace.kit.transactions import connection
from settlement.payouts import drafting
from settlement.payouts.eligibility import Reason
from settlement.payouts.models import Payout, PayoutBatch, Statement, StatementLine
from settlement.terms.models import Schedule
from tests.payouts.drafts import MONDAY, draft, next_week, pay_all, skipped
from tests.payouts.money import NOW, credit, make_vendor, make_vendors, staff
from tests.payouts.terms import agree

pytestmark = [pytest.mark.anyio]


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
