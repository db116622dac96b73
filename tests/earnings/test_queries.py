"""Where money is, what adds up to it, and when it comes."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money
from marketplace.kit.principal import SYSTEM, Kind, Principal, StaffRole
from marketplace.kit.transactions import transaction
from settlement import balances, chart, ledger
from settlement.earnings import holding, maturing, queries
from settlement.ledger import Entry, Posting, Purpose
from tests.conftest import Database
from tests.earnings.selling import delivered, sold
from tests.payouts.money import credit, staff
from tests.settlement.books import hear
from tests.settlement.rows import NOW
from tests.settlement.worked import refund
from tests.settlement.worked_parts import Worked

pytestmark = [pytest.mark.anyio]

MATURE = NOW + timedelta(days=30)
A_NET, A_RESERVE = 52_75, 5_28


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def member(vendor_id: UUID) -> Principal:
    return Principal(Kind.VENDOR, id=uuid4(), vendor_id=vendor_id)


async def move(vendor_id: UUID, kind: ledger.Kind, out_of: str, into: str, minor: int) -> None:
    """A step of a payout, as far as the vendor's accounts are concerned."""
    accounts = {
        "2120": chart.vendor_available(vendor_id),
        "2140": chart.vendor_in_progress(vendor_id),
        "1150": chart.vendor_in_transit(vendor_id),
    }
    payout_id = uuid4()
    posting = Posting(
        kind=kind, key=f"{kind}:{payout_id}", effective_date=NOW.date(), source_type="payout",
        source_id=payout_id, entries=[
            Entry(account=accounts[code], amount_minor=amount, currency="USD",
                purpose=Purpose.PAYOUT)
            for code, amount in ((out_of, minor), (into, -minor))
        ],
    )  # fmt: skip
    await ledger.post_all([posting], now=NOW)


@pytest.fixture
async def order(committed_db: Database) -> Worked:
    """A's money in every place it can be in; B's only pending."""
    async with transaction(SYSTEM):
        order = await sold("AB")
        vendor_id = order.parts["A"].vendor_id
        await hear(await refund(order, {"B": 1}), await delivered(order, "B"))
        await maturing.mature_due(now=MATURE - timedelta(days=20))
        await maturing.mature_due(now=MATURE, limit=2)
        await credit([vendor_id], 3_00)
        await holding.place(
            principal=staff(StaffRole.ACCOUNTANT), vendor_id=vendor_id, amount=usd(7_00),
            reason="Is this theirs?", now=NOW,
        )  # fmt: skip
        await move(vendor_id, ledger.Kind.PAYOUT_RESERVED, "2120", "2140", 30_00)
        await move(vendor_id, ledger.Kind.PAYOUT_PAID, "2140", "1150", 20_00)
    return order


async def test_money_is_in_its_places_and_the_story_adds_up_to_them(order: Worked) -> None:
    vendor_id = order.parts["A"].vendor_id
    me = member(vendor_id)

    [mine] = await queries.balances(principal=me, vendor_id=vendor_id)
    story = await balances.vendor_story(principal=me, vendor_id=vendor_id, currency="USD")

    assert mine == queries.Balance(
        currency="USD", pending=usd(0), available=usd(A_NET - A_RESERVE + 3_00 - 7_00 - 30_00),
        reserve=usd(A_RESERVE), on_hold=usd(7_00), in_progress=usd(10_00), paid=usd(20_00),
    )  # fmt: skip
    assert story.adjustments == usd(3_00)
    assert story.total == mine.total == usd(A_NET + 3_00)
    assert mine.kept == usd(A_NET + 3_00 - 20_00)


async def test_the_account_tells_what_came_and_went_and_not_what_only_moved(order: Worked) -> None:
    vendor_id = order.parts["A"].vendor_id

    page = await balances.vendor_entries(
        principal=member(vendor_id), vendor_id=vendor_id, currency="USD"
    )

    assert [(row.kind, row.amount, row.balance_after) for row in page.entries] == [
        ("payout_paid", usd(-20_00), usd(A_NET - 17_00)),
        ("adjustment", usd(3_00), usd(A_NET + 3_00)),
        ("earning", usd(-8_25), usd(A_NET)),
        ("earning", usd(61_00), usd(61_00)),
    ]
    assert page.entries[0].sub_order_number is None


async def test_what_is_coming_is_told_by_the_day(committed_db: Database) -> None:
    async with transaction(SYSTEM):
        order = await sold("A")
        vendor_id = order.parts["A"].vendor_id
        await hear(await delivered(order, "A"))
    me = member(vendor_id)

    coming = await queries.upcoming(
        principal=me, vendor_id=vendor_id, until=date(2026, 12, 31), now=NOW
    )

    # The wait ends with Tuesday in Berlin; the reserve 90 days after shipping.
    assert [(row.day, row.matures, row.released) for row in coming] == [
        (date(2026, 3, 18), usd(A_NET - A_RESERVE), usd(0)),
        (date(2026, 5, 31), usd(0), usd(A_RESERVE)),
    ]
    for day, expected in (
        (date(2026, 3, 17), 0),
        (date(2026, 3, 18), A_NET - A_RESERVE),
        (date(2026, 5, 31), A_NET),
    ):
        found = await queries.available_on(principal=me, vendor_id=vendor_id, day=day, now=NOW)
        assert found == {"USD": usd(expected)}, day


async def test_what_should_have_come_comes_today(db: None) -> None:
    order = await sold("A")
    vendor_id = order.parts["A"].vendor_id
    late = NOW + timedelta(days=200)

    found = await queries.available_on(
        principal=SYSTEM, vendor_id=vendor_id, day=late.date(), now=late
    )

    assert found == {"USD": usd(A_NET)}


async def test_another_vendors_money_does_not_exist(order: Worked) -> None:
    mine, theirs = order.parts["A"].vendor_id, order.parts["B"].vendor_id

    with pytest.raises(NotFound):
        await queries.balances(principal=member(mine), vendor_id=theirs)
    with pytest.raises(NotFound):
        await queries.available_on(
            principal=member(mine), vendor_id=theirs, day=NOW.date(), now=NOW
        )
