"""Who sends in another one's place sends by the method that was chosen, at the price agreed."""

import pytest

from marketplace.catalog.models import Offer
from marketplace.orders.history_models import Reroute
from marketplace.orders.models import SubOrder
from tests.factories import make_paid_order, make_rate, parts_of
from tests.orders.rerouting import asks_again, refuse, two_sellers

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def sent_by_another(mine: Offer) -> tuple[SubOrder, SubOrder]:
    """Ordered by express for 9.00 of a vendor that then refuses it."""
    await make_rate(mine.vendor_id, "express", base=9_00)
    order_id = await make_paid_order({mine.id: 1}, methods={mine.vendor_id: "express"})
    [first] = await parts_of(order_id)
    await refuse(first)
    return first, await asks_again(order_id)


async def test_the_next_vendor_sends_by_the_same_method_if_it_has_it() -> None:
    mine, theirs = await two_sellers(other_shipping=1_00)
    await make_rate(theirs.vendor_id, "express", base=11_00)
    await make_rate(theirs.vendor_id, "courier", base=50)

    first, second = await sent_by_another(mine)

    assert (second.vendor_id, second.shipping_method) == (theirs.vendor_id, "express")
    assert (second.shipping_minor, second.shipping_funding_minor) == (9_00, 2_00)
    assert second.total_minor == first.total_minor
    [reroute] = await Reroute.all()
    assert reroute.difference_minor == 2_00


async def test_else_by_its_standard_and_the_customer_pays_what_was_agreed() -> None:
    mine, theirs = await two_sellers(other_shipping=5_00)
    await make_rate(theirs.vendor_id, "courier", base=50)

    first, second = await sent_by_another(mine)

    assert (second.vendor_id, second.shipping_method) == (theirs.vendor_id, "standard")
    assert (second.shipping_minor, second.shipping_funding_minor) == (9_00, -4_00)
    assert second.total_minor == first.total_minor
