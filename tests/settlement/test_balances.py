from uuid import uuid4

import pytest

from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money
from marketplace.kit.principal import SYSTEM, Kind, Principal
from marketplace.kit.transactions import transaction
from settlement import balances
from settlement.earnings import queries
from tests.conftest import Database
from tests.settlement.books import hear
from tests.settlement.worked import place, refund, ship
from tests.settlement.worked_parts import Worked

pytestmark = [pytest.mark.anyio]


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def member(order: Worked, letter: str) -> Principal:
    return Principal(Kind.VENDOR, id=uuid4(), vendor_id=order.parts[letter].vendor_id)


@pytest.fixture
async def order(committed_db: Database) -> Worked:
    """Both vendors have earned; a piece of B's came back."""
    async with transaction(SYSTEM):
        placed = await place()
        await ship(placed, "A")
        await ship(placed, "B")
        back = await refund(placed, {"B": 1})
        await hear(placed.captured(), placed.shipped("A"), placed.shipped("B"), back)
    return placed


async def test_a_balance_is_what_was_earned_less_commission_and_refunds(order: Worked) -> None:
    vendor_id = order.parts["B"].vendor_id

    found = await queries.balances(principal=member(order, "B"), vendor_id=vendor_id)

    assert [(balance.currency, balance.pending) for balance in found] == [
        ("USD", usd(4400 - 480 - 2001 + 240))
    ]


async def test_the_story_adds_up_to_the_balance(order: Worked) -> None:
    vendor_id = order.parts["B"].vendor_id

    story = await balances.vendor_story(
        principal=member(order, "B"), vendor_id=vendor_id, currency="USD"
    )

    assert story == balances.VendorStory(
        sales=usd(4400),
        commission=usd(-480),
        refunds=usd(-2001),
        commission_returned=usd(240),
        adjustments=usd(0),
    )
    assert story.total == usd(2159)


async def test_every_entry_names_its_sub_order_and_the_balance_after_it(order: Worked) -> None:
    vendor_id = order.parts["B"].vendor_id

    page = await balances.vendor_entries(
        principal=member(order, "B"), vendor_id=vendor_id, currency="USD"
    )

    assert [(row.kind, row.purpose, row.amount, row.balance_after) for row in page.entries] == [
        ("refund", "commission_vat", usd(40), usd(2159)),
        ("refund", "commission", usd(200), usd(2119)),
        ("refund", "sale", usd(-2001), usd(1919)),
        ("earning", "commission_vat", usd(-80), usd(3920)),
        ("earning", "commission", usd(-400), usd(4000)),
        ("earning", "sale", usd(4400), usd(4400)),
    ]
    assert {(row.order_number, row.sub_order_number) for row in page.entries} == {
        (order.number, order.parts["B"].number)
    }
    assert page.next_before is None


async def test_pages_follow_one_another_with_one_running_balance(order: Worked) -> None:
    vendor_id = order.parts["B"].vendor_id
    whole = await balances.vendor_entries(principal=SYSTEM, vendor_id=vendor_id, currency="USD")

    pages, before = [], None
    while True:
        page = await balances.vendor_entries(
            principal=SYSTEM, vendor_id=vendor_id, currency="USD", before=before, limit=4
        )
        pages.append(page.entries)
        before = page.next_before
        if before is None:
            break

    assert [len(entries) for entries in pages] == [4, 2]
    assert [entry for entries in pages for entry in entries] == list(whole.entries)


async def test_another_vendors_money_does_not_exist(order: Worked) -> None:
    theirs = order.parts["A"].vendor_id

    with pytest.raises(NotFound):
        await queries.balances(principal=member(order, "B"), vendor_id=theirs)
    with pytest.raises(NotFound):
        await balances.vendor_entries(
            principal=member(order, "B"), vendor_id=theirs, currency="USD"
        )
    with pytest.raises(NotFound):
        await balances.vendor_story(
            principal=Principal(Kind.GUEST), vendor_id=theirs, currency="USD"
        )


async def test_a_vendor_without_sales_has_no_balance(committed_db: Database) -> None:
    vendor_id = uuid4()
    mine = Principal(Kind.VENDOR, id=uuid4(), vendor_id=vendor_id)

    assert await queries.balances(principal=mine, vendor_id=vendor_id) == []
    page = await balances.vendor_entries(principal=mine, vendor_id=vendor_id, currency="USD")
    assert page == balances.EntryPage([], None)
