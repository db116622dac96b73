"""Searching, paging and exporting; what a list costs; words that would like to be code."""

import httpx
import pytest

from marketplace.accounts.models import Vendor
from marketplace_web.paging import PAGE_SIZE
from tests.counting import counted_statements
from tests.marketplace_web.conftest import ManualClock
from tests.vendor_portal.desks import (
    PARCEL,
    book,
    line_of,
    order_for,
    page_of,
    parcels_of,
    post,
    rows_of,
    sign_in,
)

pytestmark = pytest.mark.anyio


async def reads(browser: httpx.AsyncClient, path: str) -> int:
    """How many statements the page reads with, once everything has been met before."""
    await browser.get(path)
    async with counted_statements() as statements:
        answer = await browser.get(path)
    assert answer.status_code == 200
    texts = [statement.strip() for statement in statements]
    return sum(text.startswith(("SELECT", "WITH")) and "pg_advisory" not in text for text in texts)


async def test_an_order_is_found_by_each_thing_a_vendor_knows(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    [wanted] = await order_for(mine, sku="teapot", name="Ida Holm", city="São Paulo")
    [other] = await order_for(mine)
    line = await line_of(wanted)
    await post(mara, wanted, "acceptance", answer="accept")
    await post(mara, wanted, "shipments", **PARCEL, **{f"send-{line.id}": 1})
    [parcel] = await parcels_of(wanted)
    number = rows_of(await mara.get("/portal/orders.csv?q=ida"))[0]["Order"]

    for words in (number, number[:-2], line.sku, "são p", "HOLM", parcel.tracking_number[2:]):
        page = (await mara.get("/portal/", params={"q": words})).text
        assert page_of(wanted) in page, words
        assert page_of(other) not in page, words


async def test_a_search_takes_words_as_they_are(mara: httpx.AsyncClient, mine: Vendor) -> None:
    await order_for(mine)

    for words in ("%", "_", "\\", "zzz", "' OR 1=1 --", "z\x00q"):
        answer = await mara.get("/portal/", params={"q": words})

        assert answer.status_code == 200, words
        assert "No order fits" in answer.text, words


async def test_an_address_that_makes_no_sense_is_refused(mara: httpx.AsyncClient) -> None:
    for query in ("tab=mine", "sort=total", "from=today", "to=0001-01-01", "after=x", "before=y.z"):
        answer = await mara.get(f"/portal/?{query}")

        assert answer.status_code == 422, query


async def test_orders_are_chosen_by_the_vendors_own_days(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    [part] = await order_for(mine)

    that_day = await mara.get("/portal/?from=2026-03-02&to=2026-03-02")
    the_next = await mara.get("/portal/?from=2026-03-03")

    assert page_of(part) in that_day.text
    assert page_of(part) not in the_next.text


async def test_pages_follow_each_other_without_gaps_and_lead_back(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    parts = [page_of((await order_for(mine))[0]) for _ in range(PAGE_SIZE + 2)]

    def on(page: httpx.Response) -> list[str]:
        return [part for part in parts if part in page.text]

    def link(page: httpx.Response, rel: str) -> str:
        tag = page.text.split(f'rel="{rel}" href="')[1]
        return tag.split('"')[0].replace("&amp;", "&")

    first = await mara.get("/portal/?tab=todo")
    second = await mara.get(link(first, "next"))
    back = await mara.get(link(second, "prev"))
    falling = await mara.get("/portal/?tab=todo&sort=-due")

    assert sorted(on(first) + on(second)) == sorted(parts)
    assert len(on(second)) == 2
    assert on(back) == on(first)
    assert set(on(second)) < set(on(falling))


async def test_an_order_past_its_deadline_is_late(
    mara: httpx.AsyncClient, mine: Vendor, clock: ManualClock
) -> None:
    [part] = await order_for(mine)
    in_time = await mara.get("/portal/?tab=late")
    clock.passes(days=3)
    await sign_in(mara, "mara@kiln.test")

    page = await mara.get("/portal/?tab=late")

    assert "Nothing is late" in in_time.text
    assert page_of(part) in page.text
    assert '<tr class="late">' in page.text
    assert "late</time>" in page.text


async def test_the_files_hold_what_the_filters_leave(mara: httpx.AsyncClient, mine: Vendor) -> None:
    await order_for(mine, name="=cmd|' /C calc'!A0", city="+49")
    await order_for(mine, name="Ida Holm", quantity=2)

    both = rows_of(await mara.get("/portal/orders.csv"))
    answer = await mara.get("/portal/orders.csv?q=holm")
    [one] = rows_of(answer)
    none = rows_of(await mara.get("/portal/orders.csv?tab=shipped"))

    assert {row["Recipient"]: row["City"] for row in both} == {
        "'=cmd|' /C calc'!A0": "'+49",
        "Ida Holm": "Berlin",
    }
    assert (one["Recipient"], one["Units"], one["Currency"]) == ("Ida Holm", "2", "EUR")
    # 2 x 10.00 and 4.00 shipping, with 19 % tax on top.
    assert one["Total"] == "28.56"
    assert none == []
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == (
        'attachment; filename="orders-todo-2026-03-02.csv"'
    )


async def test_the_balance_file_runs_from_nothing_to_the_balance(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    nothing = await mara.get("/portal/balance")
    empty = rows_of(await mara.get("/portal/balance.csv"))
    for _ in range(2):
        [part] = await order_for(mine, quantity=1)
        line = await line_of(part)
        await post(mara, part, "acceptance", answer="accept")
        await post(mara, part, "shipments", **PARCEL, **{f"send-{line.id}": 1})
    await book()

    rows = rows_of(await mara.get("/portal/balance.csv?currency=EUR"))
    unknown = await mara.get("/portal/balance?currency=USD")

    assert "Nothing earned yet" in nothing.text
    assert empty == []
    # Each: 10.00 and 4.00 shipping, less 1.50 commission and 0.30 tax on it.
    assert [(row["What for"], row["Amount"], row["Balance"]) for row in reversed(rows)] == [
        ("sale", "14.00", "14.00"),
        ("commission", "-1.50", "12.50"),
        ("commission_vat", "-0.30", "12.20"),
        ("sale", "14.00", "26.20"),
        ("commission", "-1.50", "24.70"),
        ("commission_vat", "-0.30", "24.40"),
    ]
    assert unknown.status_code == 422


async def test_words_that_look_like_code_are_shown_as_words(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    evil = "<script>alert(1)</script>"
    [part] = await order_for(mine, name=evil, city=f'{evil}" onload="x', sku="<b>mug</b>")
    line = await line_of(part)
    await post(
        mara, part, "acceptance", answer="accept", reason="Another reason", words=evil,
        **{f"refuse-{line.id}": 1},
    )  # fmt: skip
    await post(
        mara, part, "shipments", carrier="other", other_carrier=evil, tracking_number=evil,
        **{f"send-{line.id}": 1},
    )  # fmt: skip

    pages = [await mara.get(page_of(part)), await mara.get("/portal/", params={"q": evil})]

    assert len(await parcels_of(part)) == 1
    for page in pages:
        assert page.status_code == 200
        assert "&lt;script&gt;" in page.text
        assert "<script" not in page.text
        assert "<b>" not in page.text.lower()


async def test_more_orders_and_lines_cost_no_more_statements(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    async def shipped() -> str:
        [part] = await order_for(mine)
        line = await line_of(part)
        await post(mara, part, "acceptance", answer="accept")
        for units in (1, 2):
            await post(mara, part, "shipments", **PARCEL, **{f"send-{line.id}": units})
        await book()
        return page_of(part)

    await order_for(mine)
    await shipped()
    few = [await reads(mara, path) for path in ("/portal/?tab=all", "/portal/balance")]
    details = await shipped()
    for _ in range(4):
        await order_for(mine)
    many = [await reads(mara, path) for path in ("/portal/?tab=all", "/portal/balance")]

    # Beside its own: the session, and the number of orders that wait.
    assert few == many == [4, 17]
    assert await reads(mara, details) == 9
