"""The money box adds up, however prices are shown and whoever pays for a discount."""

from datetime import timedelta

import pytest

from marketplace.checkout import carts, placing
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.orders import refunding, vendor_details
from marketplace.pricing.models import Discount
from tests.factories import (
    GUEST,
    NOON,
    make_cart,
    make_channel,
    make_offer,
    make_vendor,
    member,
    parts_of,
    pay,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


@pytest.mark.parametrize("prices_include_tax", [True, False])
@pytest.mark.parametrize("is_vendors", [True, False])
async def test_both_sums_add_up(prices_include_tax: bool, is_vendors: bool) -> None:
    await make_channel(code="shop", prices_include_tax=prices_include_tax)
    vendor = await make_vendor()
    mug = await make_offer(vendor=vendor, price=9_99, on_hand=9)
    tea = await make_offer(vendor=vendor, sku="tea", price=7_77, on_hand=9, tax_category="reduced")
    await Discount.create(
        id=new_id(NOON), code="LESS", amount_minor=3_01, currency="EUR",
        valid_from=NOON - timedelta(days=1), vendor=vendor if is_vendors else None,
    )  # fmt: skip
    token = await make_cart({mug.id: 3, tea.id: 2}, channel="shop")
    await carts.set_discount(principal=GUEST, token=token, code="LESS")
    order_id = await placing.place_order(principal=GUEST, token=token, key="key", now=NOON)
    await pay(order_id)
    [part] = await parts_of(order_id)

    whole = (await vendor_details.details(principal=member(vendor.id), sub_order_id=part.id)).money
    async with transaction(SYSTEM):
        [line, _] = sorted(part.lines, key=lambda line: line.position)
        await refunding.request(
            principal=SYSTEM, order_id=order_id, units={line.id: 1}, shipping_of=[part.id],
            reason="Broken", key="refund", now=NOON,
        )  # fmt: skip
    less = (await vendor_details.details(principal=member(vendor.id), sub_order_id=part.id)).money

    assert whole.vendor_discounts.minor == (3_01 if is_vendors else 0)
    assert whole.platform_discounts.minor == (0 if is_vendors else 3_01)
    assert whole.given_back.minor == 0
    for box in (whole, less):
        paid = box.items - box.vendor_discounts - box.platform_discounts + box.shipping
        assert box.customer_pays == (paid if box.tax_inclusive else paid + box.tax)
        kept = box.customer_pays + box.funding - box.tax_handed_on
        assert box.earns == kept - box.commission - box.commission_vat - box.given_back
    assert 0 < less.earns.minor < whole.earns.minor
