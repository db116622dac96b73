import csv
import io
import re
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.orders import deadlines, staff_lists
from marketplace.orders.models import Order
from marketplace.orders.staff_lists import Flag
from marketplace.outbox.models import OutboxEvent
from marketplace.payments.states import RefundMove
from tests.back_office.stories import accept, counts, finish_refund, send, two_vendors
from tests.conftest import Database
from tests.counting import counted_statements
from tests.factories import NOON, make_offer, make_order

pytestmark = pytest.mark.anyio

LISTED = re.compile(r'class="reference" href="/back-office/orders/[0-9a-f-]{36}">(M-\d+)</a>')


def listed(page: httpx.Response) -> list[str]:
    assert page.status_code == 200, page.text
    return LISTED.findall(page.text)


async def number_of(order_id: UUID) -> str:
    async with transaction(SYSTEM, read_only=True):
        return (await Order.get(id=order_id)).number


async def rename(order_id: UUID, **columns: str) -> None:
    async with transaction(SYSTEM):
        await Order.filter(id=order_id).update(**columns)


async def set_aside(order_id: UUID) -> UUID:
    """The order's first event, given up for the mail."""
    delivery_id = new_id(NOON)
    async with transaction(SYSTEM) as connected:
        event = await OutboxEvent.get(stream_id=order_id, seq=1)
        await connected.execute(
            """INSERT INTO delivery (id, event_id, consumer, attempts, next_at, dead_at, last_error)
            VALUES ($1, $2, 'mail', 8, $3, $3, 'SMTPServerDisconnected: <gone>')""",
            delivery_id, event.id, NOON,
        )  # fmt: skip
    return delivery_id


async def test_an_empty_marketplace_says_what_will_appear(support: httpx.AsyncClient) -> None:
    page = await support.get("/back-office/")

    assert listed(page) == []
    assert "No orders yet" in page.text


async def test_each_order_shows_its_status_its_sellers_and_its_flags(
    support: httpx.AsyncClient,
) -> None:
    late = await two_vendors()
    await accept(late.mugs)
    await deadlines.work_off(now=NOON + timedelta(days=7))
    unpaid = await two_vendors(paid=False, now=NOON + timedelta(days=7))
    failed = await two_vendors(now=NOON + timedelta(days=7))
    await accept(failed.bowl, refused={line.id: 1 for line in failed.bowl.lines}, reason="Gone")
    await finish_refund(failed.order_id, RefundMove.SUBMIT, RefundMove.FAIL)
    stuck = await two_vendors(now=NOON + timedelta(days=7))
    await set_aside(stuck.order_id)

    async def found(flag: Flag) -> set[str]:
        return set(listed(await support.get("/back-office/", params={"flag": flag})))

    numbers = [await number_of(one.order_id) for one in (late, unpaid, failed, stuck)]
    assert set(listed(await support.get("/back-office/"))) == set(numbers)
    assert await found(Flag.LATE) == {numbers[0]}
    assert await found(Flag.UNPAID) == {numbers[1]}
    assert await found(Flag.REFUSED) == {numbers[0], numbers[2]}
    assert await found(Flag.REFUND_FAILED) == {numbers[2]}
    assert await found(Flag.REFUNDING) == {numbers[0]}
    assert await found(Flag.STUCK) == {numbers[3]}
    late_row = (await support.get("/back-office/", params={"flag": "late"})).text
    for words in ("Kiln &amp; Co", "Loom", "Processing", "Late", "Refund under way", "€88.06"):
        assert words in late_row


async def test_an_order_is_found_by_whatever_the_customer_can_say(
    support: httpx.AsyncClient,
) -> None:
    wanted = await two_vendors(loom="Şirin's 100% Wool")
    await send(wanted.bowl, number="JD01 4600 003RT")
    await rename(wanted.order_id, email="Zoe@Example.org", customer_name="Zoë Ødegård")
    await two_vendors(loom="Another")
    number = await number_of(wanted.order_id)
    sku = next(iter(wanted.bowl.lines)).sku
    said = [
        number, number.lower(), f" {number} ", number.removeprefix("M-"), wanted.bowl.number,
        "zoe@example.ORG", "zoë", "Ødegård", "şirin", "100%", "jd014600003rt", "JD01 4600 003RT",
        sku, sku.upper(),
    ]  # fmt: skip

    for words in said:
        assert listed(await support.get("/back-office/", params={"q": words})) == [number], words


async def test_what_fits_no_order_finds_none(support: httpx.AsyncClient) -> None:
    await two_vendors()

    for words in ("M-1", "%", "_", "'; DROP TABLE x; --", "no\x00body", "é" * 900):
        page = await support.get("/back-office/", params={"q": words})

        assert listed(page) == []
        assert "No order fits" in page.text


async def test_an_unknown_flag_is_refused(support: httpx.AsyncClient) -> None:
    page = await support.get("/back-office/", params={"flag": "pretty"})

    assert page.status_code == 422
    assert "there is no such flag" in page.text


async def test_search_and_flag_narrow_together(support: httpx.AsyncClient) -> None:
    await two_vendors()
    unpaid = await two_vendors(paid=False, loom="Weft")

    both = await support.get("/back-office/", params={"q": "kiln", "flag": "unpaid"})
    neither = await support.get("/back-office/", params={"q": "nobody", "flag": "unpaid"})

    assert listed(both) == [await number_of(unpaid.order_id)]
    assert listed(neither) == []


async def test_pages_go_forth_and_back_without_losing_or_repeating_an_order(
    support: httpx.AsyncClient,
) -> None:
    mug = await make_offer(on_hand=200)
    placed = [
        await make_order({mug.id: 1}, key=str(n), now=NOON + timedelta(seconds=n))
        for n in range(120)
    ]
    newest_first = [await number_of(order_id) for order_id in reversed(placed)]

    first = await support.get("/back-office/", params={"q": "mug"})
    second = await support.get(link(first, "next"))
    third = await support.get(link(second, "next"))
    back = await support.get(link(third, "prev"))
    start = await support.get(link(back, "prev"))

    assert listed(first) + listed(second) + listed(third) == newest_first
    assert (listed(back), listed(start)) == (listed(second), listed(first))
    assert 'rel="prev"' not in first.text + start.text
    assert 'rel="next"' not in third.text


def link(page: httpx.Response, which: str) -> str:
    found = re.search(rf'rel="{which}" href="([^"]+)"', page.text)
    assert found, page.text
    return found[1].replace("&amp;", "&")


async def test_the_csv_holds_exactly_what_the_filters_select(support: httpx.AsyncClient) -> None:
    wanted = await two_vendors(paid=False, loom="=HYPERLINK(1)")
    await rename(wanted.order_id, customer_name="@Ana, +1")
    await two_vendors(loom="Another")
    page = await support.get("/back-office/", params={"q": "hyperlink", "flag": "unpaid"})
    href = re.search(r'href="(/back-office/orders\.csv[^"]*)"', page.text)
    assert href

    answer = await support.get(href[1].replace("&amp;", "&"))

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="orders-2026-03-02.csv"' in answer.headers["content-disposition"]
    header, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    told = dict(zip(header, row, strict=True))
    assert told["Sellers"] in ("'=HYPERLINK(1); Kiln & Co", "Kiln & Co; =HYPERLINK(1)")
    assert told == {
        "Order": await number_of(wanted.order_id),
        "Placed": "2026-03-02T12:00:00Z",
        "Customer": "'@Ana, +1",
        "E-mail": "ana@example.com",
        "Sellers": told["Sellers"],
        "Total": "88.06",
        "Currency": "EUR",
        "Status": "pending_payment",
        "Payment": "unpaid",
        "Flags": "unpaid",
    }


@pytest.mark.parametrize("size", [2, 5])
async def test_a_list_in_batches_leaves_nothing_out(committed_db: Database, size: int) -> None:
    mug = await make_offer(on_hand=5)
    moments = [NOON + timedelta(seconds=n) for n in range(5)]
    placed = [await make_order({mug.id: 1}, key=str(now), now=now) for now in moments]

    batches = staff_lists.batches(principal=SYSTEM, search=None, flag=None, size=size)
    read = [order.id async for batch in batches for order in batch]

    assert read == placed[::-1]


async def test_a_long_list_costs_as_many_statements_as_a_short_one(
    support: httpx.AsyncClient,
) -> None:
    mug = await make_offer(on_hand=50)
    await make_order({mug.id: 1})
    await support.get("/back-office/")

    async with counted_statements() as short:
        await support.get("/back-office/")
    for n in range(20):
        await make_order({mug.id: 1}, key=str(n), now=NOON + timedelta(seconds=n))
    async with counted_statements() as long:
        await support.get("/back-office/")

    assert (len(long), await counts("SELECT count(*) FROM orders")) == (len(short), 21)


async def test_what_people_typed_is_shown_and_never_obeyed(support: httpx.AsyncClient) -> None:
    hostile = '<script>alert("x")</script>'
    order = await two_vendors(loom=hostile)
    await rename(order.order_id, customer_name=hostile)

    page = await support.get("/back-office/", params={"q": hostile})

    assert len(listed(page)) == 1
    assert "<script>alert" not in page.text
    assert page.text.count("&lt;script&gt;alert") >= 3
