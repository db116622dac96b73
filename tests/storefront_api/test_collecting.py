"""What waits in a store: where, until when, and that it cannot be had while something is looked at.

And what a customer is not told: from which of its own places a seller sends.
"""

from datetime import timedelta

import httpx
import pytest

from marketplace.inventory.models import Location
from marketplace.kit.principal import SYSTEM
from marketplace.kit.signing import sign_order
from marketplace.kit.transactions import transaction
from marketplace.orders import collecting
from marketplace.orders.models import Shipment, SubOrder
from tests.back_office.stories import accept, two_vendors
from tests.factories import NOON, make_offer, make_paid_order, member, parts_of
from tests.holds.waiting import hold, release
from tests.inventory.shelves import add_shelf
from tests.orders.test_running_short import count, hear
from tests.storefront_api.following import read
from tests.storefront_api.shop import SECRET_KEY, Shop

pytestmark = pytest.mark.anyio
QUERY = """query ($token: String!) { orderByToken(token: $token) { ... on Order { subOrders {
    shipments { status collectBy pickupPlace pickupCode isOnHold } } } } }"""


async def laid_ready(part: SubOrder) -> Shipment:
    async with transaction(SYSTEM, read_only=True):
        place = await Location.get(vendor_id=part.vendor_id)
    shipment_id = await collecting.make_ready(
        principal=member(part.vendor_id), sub_order_id=part.id, location_id=place.id, key="a",
        now=NOON,
    )  # fmt: skip
    async with transaction(SYSTEM, read_only=True):
        return await Shipment.get(id=shipment_id)


async def test_a_customer_reads_where_and_until_when_and_that_a_hold_moves_it(
    browser: httpx.AsyncClient,
) -> None:
    order = await two_vendors()
    await accept(order.mugs, now=NOON)
    parcel = await laid_ready(order.mugs)

    ready = await read(browser, order.order_id)
    hold_id = await hold(order.order_id, sub_order_id=order.mugs.id)
    waiting = await read(browser, order.order_id)
    await release(hold_id, now=NOON + timedelta(days=2))
    free = await read(browser, order.order_id)

    # The channel's zone is Berlin's, an hour ahead.
    assert "It waits for you at Main until 9 Mar 2026, 13:00" in ready
    assert f"Say this code at the counter: {parcel.pickup_code}" in ready
    assert "Still to be sent 3" not in ready
    assert "eaves Kiln & Co by" not in ready
    assert "It is kept for you at Main, and cannot be collected just now" in waiting
    assert "Say this code" not in waiting
    assert "It waits for you at Main until 11 Mar 2026, 13:00" in free


async def test_a_shop_reads_the_same_by_graphql(shop: Shop) -> None:
    order = await two_vendors()
    await accept(order.mugs, now=NOON)
    parcel, token = await laid_ready(order.mugs), sign_order(SECRET_KEY, order.order_id)

    async def shown() -> dict[str, object]:
        parts = (await shop.ask(QUERY, token=token))["subOrders"]
        [found] = [one for part in parts for one in part["shipments"]]
        assert isinstance(found, dict)
        return found

    ready = await shown()
    await hold(order.order_id)
    waiting = await shown()

    assert ready == {
        "status": "READY_FOR_PICKUP", "collectBy": "2026-03-09T12:00:00+00:00",
        "pickupPlace": "Main", "pickupCode": parcel.pickup_code, "isOnHold": False,
    }  # fmt: skip
    assert waiting == ready | {"isOnHold": True}


async def test_another_shelf_of_the_same_seller_changes_nothing_on_the_page(
    browser: httpx.AsyncClient,
) -> None:
    mug = await make_offer(on_hand=3)
    order_id = await make_paid_order({mug.id: 3})
    [part] = await parts_of(order_id)
    await accept(part, now=NOON)
    before = await read(browser, order_id)
    async with transaction(SYSTEM):
        await add_shelf(mug.id, on_hand=3)

    await count(mug.id, to=0)
    await hear()

    assert "Leaves Kiln & Co by" in before
    assert await read(browser, order_id) == before
