import pytest

from marketplace.accounts.models import Vendor
from marketplace.catalog.models import Offer
from marketplace.checkout import carts, placing, quoting
from marketplace.inventory.models import Inbound, Location, Stock
from marketplace.pricing.models import ShippingRate
from marketplace.sla.policy_models import PolicyVersion
from marketplace_runtime.seeding import demo, planting
from tests.factories import ADDRESS, GUEST, NOON

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def test_the_demo_marketplace_is_planted_once() -> None:
    first, again = await planting.plant(now=NOON), await planting.plant(now=NOON)

    assert (first.planted, again.planted) == (True, False)
    assert first.sign_ins == again.sign_ins
    assert await Vendor.all().count() == len(demo.VENDORS)
    assert await Location.all().count() == len(demo.VENDORS) + 1
    assert await Inbound.all().count() == len(demo.VENDORS)
    assert await Stock.filter(low_at=5).count() == len(demo.VENDORS)


async def test_the_demo_marketplace_can_be_bought_from() -> None:
    await planting.plant(now=NOON)
    offers = await Offer.filter(currency="EUR").order_by("price_minor").limit(3)
    _, token = await carts.create(principal=GUEST, channel_code="eu", now=NOON)
    for offer in offers:
        await carts.set_line(principal=GUEST, token=token, offer_id=offer.id, quantity=1)
    await carts.set_details(
        principal=GUEST, token=token, email="ana@example.com", name="Ana", address=ADDRESS
    )
    await carts.set_discount(principal=GUEST, token=token, code="welcome10")

    quote = await quoting.quote_cart(principal=GUEST, token=token, now=NOON)
    await placing.place_order(principal=GUEST, token=token, key="k", now=NOON)

    assert quote.discount_minor == 10_00
    assert await Stock.filter(reserved=1).count() == 3


async def test_two_of_its_sellers_send_by_express_which_is_due_sooner() -> None:
    await planting.plant(now=NOON)

    express = await ShippingRate.filter(method="express").distinct().values_list("vendor_id")
    policy = await PolicyVersion.get(state="active").prefetch_related("rules", "actions")

    assert len(express) == 2
    assert {rule.kind: rule.amount for rule in policy.rules} == demo.EXPRESS_HOURS
    assert {rule.shipping_method for rule in policy.rules} == {"express"}
    assert len(policy.actions) == 3, "as the first policy has them"
