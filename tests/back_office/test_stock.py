"""Staff find any seller's stock, and put it right for a seller that calls."""

import re
from uuid import uuid4

import pytest

from marketplace.catalog.models import Offer, Variant
from marketplace.inventory import shelf_queries
from marketplace.inventory.models import Location, MovementKind, Reservation, StockMovement
from marketplace.kit.errors import NotFound
from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.transactions import transaction
from tests.back_office.conftest import SignedIn
from tests.factories import (
    GUEST,
    make_channel,
    make_offer,
    make_paid_order,
    make_vendor,
    member,
    stock_of,
)
from tests.marketplace_web.doors import token_in
from tests.vendor_portal.shelves import send, shelf_of, sku_of

pytestmark = pytest.mark.anyio
LIST = "/back-office/stock"
# Fifty more shelves of one vendor, made at once.
_MORE = """
    WITH more AS (
        INSERT INTO variant (id, product_id, sku, name)
        SELECT uuidv7(), $1, 'zinc-' || lpad(number::text, 2, '0'), ''
        FROM generate_series(1, 50) number RETURNING id
    ), offered AS (
        INSERT INTO offer (id, vendor_id, variant_id, price_minor, currency, is_active, created_at)
        SELECT uuidv7(), $2, id, 100, 'EUR', true, now() FROM more RETURNING id
    )
    INSERT INTO stock (id, offer_id, location_id, vendor_id, on_hand, reserved)
    SELECT uuidv7(), id, $3, $2, 7, 0 FROM offered
"""


async def stock_up(offer: Offer) -> None:
    async with transaction(SYSTEM) as connected:
        variant = await Variant.get(id=offer.variant_id)
        location = await Location.get(vendor_id=offer.vendor_id)
        await connected.execute(_MORE, variant.product_id, offer.vendor_id, location.id)


async def page_of(offer: Offer) -> str:
    return f"{LIST}/{(await shelf_of(offer)).id}"


async def test_a_shelf_is_found_by_its_sku_its_seller_and_its_state(signed_in: SignedIn) -> None:
    browser = await signed_in(StaffRole.SUPPORT)
    nothing_yet = await browser.get(LIST)
    loom = await make_vendor(name="Loom")
    mug = await make_offer()
    bowl = await make_offer(vendor=loom, sku="bowl", on_hand=0)
    sku = await sku_of(mug)

    everything = await browser.get(LIST)
    by_sku = await browser.get(LIST, params={"q": sku.upper()})
    by_seller = await browser.get(LIST, params={"seller": str(loom.id)})
    sold_out = await browser.get(LIST, params={"state": "out"})
    nobody = await browser.get(LIST, params={"q": "mu%", "seller": str(uuid4())})
    wrong = [await browser.get(LIST, params=asked) for asked in ({"state": "x"}, {"seller": "x"})]

    assert "No stock yet" in nothing_yet.text
    both = [f'href="{page}"' for page in (await page_of(mug), await page_of(bowl))]
    assert [each in everything.text for each in both] == [True, True]
    assert [each in by_sku.text for each in both] == [True, False]
    assert [each in by_seller.text for each in both] == [False, True]
    assert [each in sold_out.text for each in both] == [False, True]
    assert "No stock item fits" in nobody.text
    assert [answer.status_code for answer in wrong] == [422, 422]


async def test_long_lists_come_in_pages_by_sku(signed_in: SignedIn) -> None:
    browser = await signed_in(StaffRole.SUPPORT)
    await stock_up(await make_offer())

    first = await browser.get(LIST)
    [after] = re.findall(r'rel="next" href="([^"]+)"', first.text)
    second = await browser.get(after.replace("&amp;", "&"))
    [before] = re.findall(r'rel="prev" href="([^"]+)"', second.text)

    assert [page.text.count('<a class="reference"') for page in (first, second)] == [50, 1]
    assert "zinc-50" in second.text
    assert (await browser.get(before.replace("&amp;", "&"))).text.count('class="reference"') == 50


async def test_what_is_on_hand_is_put_right_and_the_movement_says_who_and_why(
    signed_in: SignedIn,
) -> None:
    ola = await signed_in(StaffRole.OPERATIONS)
    mug = await make_offer()
    page = await page_of(mug)

    seen = await ola.get(page)
    done = await send(ola, page, "/adjustments", to=3, how="other", reason="Two broke, Kiln calls")
    stale = {"csrf_token": token_in(seen), "change_from": 5, "to": 4, "how": "other", "reason": "x"}
    late = await ola.post(f"{page}/adjustments", data=stale)
    wordless = await send(ola, page, "/adjustments", to=4, how="counted", reason=" ")

    assert [answer.status_code for answer in (done, late, wordless)] == [303, 409, 422]
    assert "not 5. Nothing was changed. Look again, then decide." in late.text
    assert await stock_of(mug.id) == (3, 0)
    async with transaction(SYSTEM, read_only=True):
        moved = await StockMovement.filter(kind="adjusted").get()
    assert (moved.delta, moved.reason) == (-2, "Two broke, Kiln calls")
    assert moved.actor.startswith("staff:")
    shown = (await ola.get(page)).text
    assert "Two broke, Kiln calls" in shown
    assert "<bdi>Ola Nyman</bdi>" in shown
    assert (await ola.get(f"{page}/adjustments")).headers["location"] == page


async def test_only_a_count_may_find_fewer_than_were_sold(signed_in: SignedIn) -> None:
    ada = await signed_in(StaffRole.ADMINISTRATOR)
    mug = await make_offer()
    await make_channel()
    order_id = await make_paid_order({mug.id: 4})
    page = await page_of(mug)

    refused = await send(ada, page, "/adjustments", to=1, how="other", reason="Lost")
    counted = await send(ada, page, "/adjustments", to=1, how="counted", reason="Kiln counted")

    assert (refused.status_code, counted.status_code) == (409, 303)
    assert "4 are promised to customers" in refused.text
    async with transaction(SYSTEM, read_only=True):
        assert (await Reservation.get(order_id=order_id)).short == 3
    shown = (await ada.get(page)).text
    assert "3 sold pieces are not there" in shown
    assert "Kiln counted" in shown


@pytest.mark.parametrize("role", [StaffRole.SUPPORT, StaffRole.ACCOUNTANT])
async def test_others_of_the_staff_look_and_change_nothing(
    signed_in: SignedIn, role: StaffRole
) -> None:
    browser = await signed_in(role)
    mug = await make_offer()
    page = await page_of(mug)

    shown = await browser.get(page)
    form = {"csrf_token": token_in(await browser.get(LIST)), "to": "1", "how": "counted"}
    answer = await browser.post(f"{page}/adjustments", data=form)
    nowhere = await browser.get(f"{LIST}/{uuid4()}")

    assert "Put it right" not in shown.text
    assert (answer.status_code, nowhere.status_code) == (403, 404)
    assert await stock_of(mug.id) == (5, 0)


async def test_a_seller_reads_that_it_was_the_marketplace_and_why_but_not_who(
    signed_in: SignedIn,
) -> None:
    ola, mug = await signed_in(StaffRole.OPERATIONS), await make_offer()
    await send(ola, await page_of(mug), "/adjustments", to=9, how="counted", reason="Four more")

    theirs = await shelf_queries.shelf(
        principal=member(mug.vendor_id), stock_id=(await shelf_of(mug)).id
    )

    told = {moved.kind: (moved.who, moved.reason) for moved in theirs.movements}
    assert told[MovementKind.COUNTED] == ("Marketplace staff", "Four more")
    with pytest.raises(NotFound):
        await shelf_queries.shelf(principal=GUEST, stock_id=theirs.shelf.id)
