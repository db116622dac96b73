"""What a shopper is told of when pieces can leave."""

import pytest

from marketplace.inventory import receiving, selling_ahead
from marketplace.inventory.models import AheadKind, Stock
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from tests.factories import NOON, make_channel, make_offer
from tests.storefront_api.shop import Shop, offer_id

pytestmark = pytest.mark.anyio

OFFER = """
    query ($quantity: Int!, $country: String) { product(by: {slug: "SLUG"}, channel: "eu") {
        ... on Product { variants { offers {
            availability(quantity: $quantity, country: $country) { quantity kind leavesOn }
        } } } } }
"""
CART = """
    query ($token: String!) { cart(token: $token) { ... on Cart { lines {
        offerId quantity availability { quantity kind leavesOn } } } } }
"""


async def test_an_offer_says_when_each_quantity_can_leave(shop: Shop) -> None:
    mug = await make_offer(on_hand=2)
    await make_channel()
    async with transaction(SYSTEM, read_only=True):
        stock = await Stock.get(offer_id=mug.id)
        await mug.fetch_related("variant__product")
    await selling_ahead.allow(
        principal=SYSTEM, offer_id=mug.id, kind=AheadKind.BACKORDER, limit=8, lead_days=20, now=NOON
    )
    await receiving.announce(
        principal=SYSTEM, stock_id=stock.id, pieces=3, expected_on=NOON.date().replace(day=6),
        reference="PO", key="k", now=NOON,
    )  # fmt: skip

    async def told(quantity: int, country: str | None = None) -> tuple[int, str, str | None]:
        query = OFFER.replace("SLUG", mug.variant.product.slug)
        product = await shop.ask(query, quantity=quantity, country=country)
        found = product["variants"][0]["offers"][0]["availability"]
        return found["quantity"], found["kind"], found["leavesOn"]

    assert await told(2) == (10, "ON_HAND", "2026-03-02")
    assert await told(5, "DE") == (10, "INBOUND", "2026-03-06")
    assert await told(10) == (10, "BACKORDER", "2026-03-22")
    assert await told(11) == (10, "NONE", None)
    assert await told(1, "FR") == (0, "NONE", None)


async def test_a_cart_says_when_each_line_can_leave(shop: Shop) -> None:
    mug, lamp = await make_offer(on_hand=2), await make_offer(sku="lamp", on_hand=1)
    await make_channel()
    token = await shop.filled_cart({mug.id: 2, lamp.id: 3})

    cart = await shop.ask(CART, token=token)

    found = {line["offerId"]: line["availability"]["kind"] for line in cart["lines"]}
    assert found == {offer_id(mug.id): "ON_HAND", offer_id(lamp.id): "NONE"}
