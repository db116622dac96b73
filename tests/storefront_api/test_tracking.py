"""The page behind a signed link, read and used as a browser does."""

from datetime import timedelta

import httpx
import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.orders import deadlines, delivering, refunding
from marketplace.payments.states import RefundMove
from tests.back_office.stories import (
    LATER,
    accept,
    counts,
    finish_refund,
    send,
    ship,
    two_vendors,
)
from tests.counting import counted_statements
from tests.factories import NOON, pay
from tests.marketplace_web.conftest import ManualClock
from tests.storefront_api.following import DELIVERED, link, read, receipt, token_of

pytestmark = pytest.mark.anyio

TIMES = "\N{MULTIPLICATION SIGN}"


async def test_before_payment_it_says_until_when_to_pay(browser: httpx.AsyncClient) -> None:
    order = await two_vendors(paid=False)

    unpaid = await read(browser, order.order_id)
    await pay(order.order_id)
    paid = await read(browser, order.order_id)

    # The channel's zone is Berlin's, an hour ahead.
    assert "Pending payment" in unpaid
    assert "Not paid yet. Everything is kept for you until 2 Mar 2026, 13:30" in unpaid
    assert "To pay Items €66.00 Shipping €8.00 Tax €14.06 Total €88.06" in unpaid
    assert "Not paid yet" not in paid
    assert "What you paid Items €66.00" in paid
    assert "Kiln & Co has until 3 Mar 2026, 13:00 to confirm" in paid


async def test_it_shows_every_parcel_of_every_seller(browser: httpx.AsyncClient) -> None:
    order = await two_vendors()
    await accept(order.mugs, refused={order.mug.id: 1}, reason="One is cracked")
    await ship(order.mugs, units={order.mug.id: 1}, number="JD1")
    partly = await read(browser, order.order_id)
    await ship(order.mugs, number="JD2")
    last = await send(order.bowl, number="JD3")
    await delivering.deliver(principal=SYSTEM, shipment_id=last, now=LATER)

    words = await read(browser, order.order_id)

    assert "2 sellers, 1 parcel so far" in partly
    assert "Partly shipped (now)" in partly
    assert "The rest leaves Kiln & Co by 4 Mar 2026, 14:00" in partly
    assert f"Still to be sent 1 {TIMES} Mug" in partly
    assert "2 sellers, 3 parcels so far" in words
    for said in ("From Kiln & Co", "DHL JD1", "DHL JD2", "From Loom", "DHL JD3", f"1 {TIMES} Bowl"):
        assert said in words
    assert "received 2 Mar 2026, 14:00" in words
    assert f"1 {TIMES} Mug cannot be sent. You get back what you paid for it." in words
    assert "€14.28 on its way back to you. Refused: One is cracked" in words
    assert "Still to be sent" not in words


async def test_what_does_not_come_says_why_and_where_the_money_is(
    browser: httpx.AsyncClient, clock: ManualClock
) -> None:
    refused, unpaid = await two_vendors(), await two_vendors(paid=False)
    await accept(refused.bowl, refused={line.id: 1 for line in refused.bowl.lines}, reason="Gone")
    await finish_refund(refused.order_id, RefundMove.SUBMIT, RefundMove.PEND, RefundMove.SUCCEED)
    clock.passes(days=3)
    await deadlines.work_off(now=clock.moment)

    words = await read(browser, refused.order_id)
    cancelled = await read(browser, unpaid.order_id)

    assert "The seller cannot send this. You get back what you paid for it" in words
    assert "€40.46 sent back to you on 2 Mar 2026, 14:00. Refused: Gone" in words
    assert "The seller did not answer in time, so this is not sent." in words
    assert "€47.60 on its way back to you" in words
    assert "This is cancelled, so it is not sent. Nothing was charged." in cancelled
    assert "Not paid Items" in cancelled


async def test_a_refund_that_failed_is_not_promised(browser: httpx.AsyncClient) -> None:
    order = await two_vendors()
    await refunding.request_full(
        principal=SYSTEM, order_id=order.order_id, reason="Never came", key="k", now=LATER
    )
    await finish_refund(order.order_id, RefundMove.SUBMIT, RefundMove.FAIL, failure="card_closed")

    words = await read(browser, order.order_id)

    assert "€88.06 could not be sent back yet; we are looking into it. Never came" in words
    assert "card_closed" not in words


async def test_what_is_late_says_so_and_who_is_waited_for(
    browser: httpx.AsyncClient, clock: ManualClock
) -> None:
    order = await two_vendors()
    await accept(order.mugs)
    await accept(order.bowl)
    in_time = await read(browser, order.order_id)
    clock.passes(days=4)
    late = await read(browser, order.order_id)
    await ship(order.mugs, now=clock.moment)

    shipped_late = await read(browser, order.order_id)

    assert "Leaves Kiln & Co by 4 Mar 2026, 14:00." in in_time
    assert "late" not in in_time
    promised = "It was to leave Kiln & Co by 4 Mar 2026, 14:00"
    assert f"This is late, and we are sorry. {promised} and has not been handed" in late
    assert f"{promised}, and left later. We are sorry." in shipped_late
    assert shipped_late.count("This is late") == 1


async def test_the_customer_confirms_a_parcel_and_twice_is_harmless(
    browser: httpx.AsyncClient,
) -> None:
    order = await two_vendors()
    parcel = await send(order.mugs)
    form = await token_of(browser, order.order_id)

    first = await browser.post(receipt(order.order_id, parcel), data=form)
    thanked = await browser.get(first.headers["location"])
    second = await browser.post(receipt(order.order_id, parcel), data=form)
    reminded = await browser.get(second.headers["location"])

    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == link(order.order_id)
    assert "Thank you. The parcel is marked as received." in thanked.text
    assert "I have received it" not in thanked.text
    assert "was marked as received before" in reminded.text
    assert await counts(DELIVERED) == 1
    actor = "SELECT count(*) FROM state_change WHERE subject = 'shipment' AND actor = $1"
    assert await counts(actor, f"token:{order.order_id}") == 1


async def test_what_sellers_typed_is_shown_and_never_obeyed(browser: httpx.AsyncClient) -> None:
    hostile = "<b onclick=alert(1)>{{ 7 * 7 }}"
    order = await two_vendors(loom=hostile)
    await accept(order.bowl, refused={line.id: 1 for line in order.bowl.lines}, reason=hostile)
    await send(order.mugs, number=hostile)

    page = await browser.get(link(order.order_id))

    assert "<b onclick" not in page.text
    assert page.text.count("&lt;b onclick=alert(1)&gt;{{ 7 * 7 }}") >= 3


async def test_many_parcels_cost_as_many_statements_as_none(browser: httpx.AsyncClient) -> None:
    bare, busy = await two_vendors(), await two_vendors()
    await accept(busy.mugs, now=NOON + timedelta(minutes=1))
    for number in ("A", "B", "C"):
        await ship(busy.mugs, units={busy.mug.id: 1}, number=number)
    await read(browser, bare.order_id)

    async with counted_statements() as few:
        await read(browser, bare.order_id)
    async with counted_statements() as many:
        await read(browser, busy.order_id)

    assert len(many) == len(few)
