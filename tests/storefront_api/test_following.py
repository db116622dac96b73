from uuid import UUID

import pytest

from marketplace.orders import accepting, delivering, shipping
from marketplace.orders.models import SubOrder
from storefront_api.ids import Of, decode
from tests.factories import NOON, make_channel, make_offer, make_vendor, member, parts_of, pay
from tests.storefront_api.shop import Shop

pytestmark = pytest.mark.anyio


async def ship(part: SubOrder, *, units: dict[UUID, int] | None = None, key: str = "a") -> UUID:
    return await shipping.ship(
        principal=member(part.vendor_id), sub_order_id=part.id, carrier="DHL",
        tracking_number=f"00{key}", key=key, units=units, now=NOON,
    )  # fmt: skip


async def accept(part: SubOrder, *, refused: dict[UUID, int] | None = None) -> None:
    await accepting.accept(
        principal=member(part.vendor_id), sub_order_id=part.id, refused=refused,
        reason="broken" if refused else None, now=NOON,
    )  # fmt: skip


async def test_a_shopper_follows_two_vendors_parcels_and_a_refund(shop: Shop) -> None:
    kiln, lux = await make_vendor(name="Kiln"), await make_vendor(name="Lux")
    mug = await make_offer(vendor=kiln, on_hand=9, price=12_00)
    lamp = await make_offer(vendor=lux, sku="lamp", price=80_00)
    await make_channel()
    placed = await shop.place(await shop.filled_cart({mug.id: 3, lamp.id: 1}))
    order_id = decode(placed["order"]["id"], Of.ORDER, field="id")
    await pay(order_id)
    by_vendor = {part.vendor_id: part for part in await parts_of(order_id)}
    mugs, lamps = by_vendor[kiln.id], by_vendor[lux.id]
    [mug_line] = mugs.lines
    await accept(mugs, refused={mug_line.id: 1})
    await accept(lamps)
    first = await ship(mugs, units={mug_line.id: 1}, key="1")
    await ship(mugs, key="2")
    await delivering.deliver(principal=member(kiln.id), shipment_id=first, now=NOON)

    order = await shop.do("FollowOrder", token=placed["token"])

    assert (order["status"], order["paymentStatus"]) == ("PARTLY_DELIVERED", "PAID")
    parts = {part["vendor"]["name"]: part for part in order["subOrders"]}
    assert parts["Kiln"]["status"] == "SHIPPED"
    assert parts["Lux"]["status"] == "ACCEPTED"
    [line] = parts["Kiln"]["lines"]
    counts = {key: line[key] for key in ("quantity", "shipped", "delivered", "refused")}
    assert counts == {"quantity": 3, "shipped": 2, "delivered": 1, "refused": 1}
    parcels = {parcel["trackingNumber"]: parcel for parcel in parts["Kiln"]["shipments"]}
    assert {number: parcel["status"] for number, parcel in parcels.items()} == {
        "001": "DELIVERED",
        "002": "HANDED_OVER",
    }
    assert parcels["001"]["deliveredAt"] == "2026-03-02T12:00:00+00:00"
    assert parts["Lux"]["shipments"] == []
    refund = {"status": "REQUESTED", "amount": {"amount": "14.28", "currency": "EUR"}}
    assert order["refunds"] == [refund]
    kinds = [edge["node"]["kind"] for edge in order["events"]["edges"]]
    assert kinds[:2] == ["PLACED", "PAID"]
    assert {"ACCEPTED", "PARTLY_SHIPPED", "SHIPPED", "PARCEL_DELIVERED"} <= set(kinds)


async def test_an_orders_story_is_paged_without_gaps(shop: Shop) -> None:
    mug = await make_offer()
    await make_channel()
    placed = await shop.place(await shop.filled_cart({mug.id: 1}))
    order_id = decode(placed["order"]["id"], Of.ORDER, field="id")
    await pay(order_id)
    [part] = await parts_of(order_id)
    await accept(part)
    await ship(part)
    query = """query ($token: String!, $after: String) { orderByToken(token: $token) {
        ... on Order { events(first: 2, after: $after) {
            edges { node { kind subOrderNumber } } pageInfo { hasNextPage endCursor } } } } }"""

    seen, after, is_more = [], None, True
    while is_more:
        page = (await shop.ask(query, token=placed["token"], after=after))["events"]
        seen += [edge["node"] for edge in page["edges"]]
        after, is_more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert [event["kind"] for event in seen] == ["PLACED", "PAID", "ACCEPTED", "SHIPPED"]
    assert [event["subOrderNumber"] for event in seen] == [None, None, part.number, part.number]
