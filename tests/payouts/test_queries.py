"""Batches and payouts as people see them: each only what is theirs to see."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from marketplace.kit.errors import Forbidden, NotFound
from marketplace.kit.money import Money
from marketplace.kit.principal import SYSTEM, Kind, Principal, StaffRole
from marketplace.kit.transactions import transaction
from settlement.payouts import approving, drafting, queries
from settlement.payouts.eligibility import Obstacle, Reason
from settlement.payouts.expecting import NextPayout
from settlement.payouts.models import BatchState
from settlement.terms.models import Schedule
from tests.conftest import Database
from tests.earnings.selling import sold
from tests.payouts.money import NOW, credit, make_vendors, staff
from tests.payouts.terms import agree

pytestmark = [pytest.mark.anyio]

VIEWER = staff(StaffRole.FINANCE_VIEWER)
WEEK = timedelta(days=7)


def member(vendor_id: UUID) -> Principal:
    return Principal(Kind.VENDOR, uuid4(), vendor_id, frozenset({"owner"}))


def usd(minor: int) -> Money:
    return Money(minor, "USD")


async def draft(weeks: int = 0) -> UUID:
    at = NOW + weeks * WEEK
    batch_id = await drafting.draft_cycle(day=at.date(), principal=SYSTEM, now=at)
    assert batch_id is not None
    return batch_id


async def test_batches_come_newest_first_with_their_totals(db: None) -> None:
    paid, skipped = await make_vendors(1), await make_vendors(1, connected=False)
    await credit([*paid, *skipped], 5_00)
    first = await draft()
    await credit(skipped, 1_00, currency="EUR")
    second = await draft(1)

    page = await queries.batches(principal=VIEWER, limit=1)
    rest = await queries.batches(principal=VIEWER, before=page[-1].number)

    assert [(batch.id, batch.number, batch.state) for batch in page] == [
        (second, 2, BatchState.APPROVED)
    ]
    assert [(batch.id, batch.totals) for batch in rest] == [
        (first, [queries.Total(amount=usd(5_00), payouts=1, paid=0, failed=0)])
    ]
    drafts = await queries.batches(principal=VIEWER, state=BatchState.DRAFT)
    assert [batch.id for batch in drafts] == [first]


async def test_a_batch_says_who_agreed_who_has_to_and_who_was_skipped(db: None) -> None:
    [paid], [skipped] = await make_vendors(1), await make_vendors(1, connected=False)
    await credit([paid, skipped], 20_000_00)
    batch_id = await draft()
    approver = staff(StaffRole.APPROVER)
    before = await queries.batch(principal=VIEWER, batch_id=batch_id)
    await approving.approve(
        principal=approver, batch_id=batch_id, expected_totals=before.expected_totals, now=NOW
    )

    whole = await queries.batch(principal=VIEWER, batch_id=batch_id)

    assert (before.needed, before.expected_totals) == (2, {"USD": 20_000_00})
    assert whole.approvals == [(approver.key, NOW)]
    assert whole.skipped == [
        queries.Skipped(
            vendor_id=skipped, vendor_name="Kiln", available=usd(20_000_00),
            reason=Reason.NO_ACCOUNT, detail="No account for payouts is set up.",
        )
    ]  # fmt: skip
    [payout] = await queries.payouts_of_batch(principal=VIEWER, batch_id=batch_id)
    assert (payout.vendor_name, payout.amount, payout.batch_number) == ("Kiln", usd(20_000_00), 1)


async def test_payouts_of_a_batch_come_page_by_page(db: None) -> None:
    await credit(await make_vendors(3), 5_00)
    batch_id = await draft()

    first = await queries.payouts_of_batch(principal=VIEWER, batch_id=batch_id, limit=2)
    rest = await queries.payouts_of_batch(
        principal=VIEWER, batch_id=batch_id, after=first[-1].id, limit=2
    )

    assert (len(first), len(rest)) == (2, 1)
    assert len({payout.id for payout in [*first, *rest]}) == 3


async def test_a_vendor_sees_its_own_payouts_and_no_batch(committed_db: Database) -> None:
    async with transaction(SYSTEM):
        mine, theirs = await make_vendors(2)
        await credit([mine, theirs], 5_00)
    batch_id = await draft()
    me = member(mine)

    [payout] = await queries.payouts_of_vendor(principal=me, vendor_id=mine)

    assert (payout.vendor_id, payout.amount, payout.batch_number) == (mine, usd(5_00), 1)
    with pytest.raises(NotFound):
        await queries.payouts_of_vendor(principal=me, vendor_id=theirs)
    for asked in (
        queries.batches(principal=me),
        queries.batch(principal=me, batch_id=batch_id),
        queries.payouts_of_batch(principal=me, batch_id=batch_id),
    ):
        with pytest.raises(Forbidden):
            await asked


async def test_there_is_no_such_batch(db: None) -> None:
    with pytest.raises(NotFound):
        await queries.batch(principal=VIEWER, batch_id=uuid4())


async def test_the_next_payout_has_a_day_an_amount_and_what_is_in_the_way(
    committed_db: Database,
) -> None:
    async with transaction(SYSTEM):
        order = await sold("A")  # early in March
        vendor_id = order.parts["A"].vendor_id
        await agree(vendor_id, schedule=Schedule.MONTH_DAYS, schedule_days=[15])
    me, march = member(vendor_id), NOW.replace(month=3, day=20)

    [expected] = await queries.next_payout(principal=me, vendor_id=vendor_id, now=march)

    assert expected == NextPayout(
        currency="USD", day=date(2026, 4, 15), estimate=usd(47_47),
        obstacle=Obstacle(Reason.NOTHING_AVAILABLE, "Nothing is available yet."),
        obstacle_then=Obstacle(Reason.NO_ACCOUNT, "No account for payouts is set up."),
    )  # fmt: skip


async def test_today_counts_until_its_batch_is_drafted(committed_db: Database) -> None:
    async with transaction(SYSTEM):
        [vendor_id] = await make_vendors(1)
        await credit([vendor_id], 5_00)
    me = member(vendor_id)

    [before] = await queries.next_payout(principal=me, vendor_id=vendor_id, now=NOW)
    await draft()
    [after] = await queries.next_payout(principal=me, vendor_id=vendor_id, now=NOW)

    assert (before.day, before.estimate, before.obstacle) == (NOW.date(), usd(5_00), None)
    assert after.day == NOW.date() + WEEK
    assert after.obstacle is not None
    assert after.obstacle.reason is Reason.PAYOUT_UNDER_WAY


async def test_on_demand_there_is_no_day(db: None) -> None:
    [vendor_id] = await make_vendors(1)
    await agree(vendor_id, schedule=Schedule.ON_DEMAND, schedule_days=[])
    await credit([vendor_id], 5_00)

    [expected] = await queries.next_payout(principal=SYSTEM, vendor_id=vendor_id, now=NOW)

    assert (expected.day, expected.estimate, expected.obstacle) == (None, usd(5_00), None)
