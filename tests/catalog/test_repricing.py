from uuid import uuid4

import pytest

from marketplace.catalog import repricing
from marketplace.catalog.errors import CurrencyMismatch, UnknownOffer
from marketplace.catalog.models import Offer
from marketplace.checkout import quoting
from marketplace.kit.errors import Forbidden, InvalidInput
from marketplace.kit.money import Money
from marketplace.kit.principal import Kind, Principal
from marketplace.orders.models import OrderLine
from tests.factories import GUEST, NOON, euros, make_cart, make_offer, make_order, make_vendor

pytestmark = pytest.mark.anyio


def of(offer: Offer) -> Principal:
    return Principal(Kind.VENDOR, id=uuid4(), vendor_id=offer.vendor_id)


async def test_a_new_price_holds_from_now_on_and_what_was_ordered_keeps_its_own(db: None) -> None:
    offer = await make_offer(price=12_00)
    order_id = await make_order({offer.id: 1})
    token = await make_cart({offer.id: 1})

    await repricing.change_price(principal=of(offer), offer_id=offer.id, price=euros(9_50))

    line = await OrderLine.get(order_id=order_id)
    quote = await quoting.quote_cart(principal=GUEST, token=token, now=NOON)
    assert line.unit_price_minor == 12_00
    assert quote.items_minor == 9_50


@pytest.mark.parametrize("minor", [0, -1, 10**12 + 1])
async def test_a_price_that_is_none_is_refused(db: None, minor: int) -> None:
    offer = await make_offer(price=12_00)

    with pytest.raises(InvalidInput):
        await repricing.change_price(principal=of(offer), offer_id=offer.id, price=euros(minor))

    assert (await Offer.get(id=offer.id)).price_minor == 12_00


async def test_another_currency_than_the_offers_is_refused(db: None) -> None:
    offer = await make_offer(price=12_00)

    with pytest.raises(CurrencyMismatch):
        await repricing.change_price(
            principal=of(offer), offer_id=offer.id, price=Money(9_00, "BRL")
        )

    assert (await Offer.get(id=offer.id)).price_minor == 12_00


async def test_another_vendors_offer_does_not_exist(db: None) -> None:
    offer = await make_offer(price=12_00)
    stranger = Principal(Kind.VENDOR, id=uuid4(), vendor_id=(await make_vendor()).id)

    for offer_id in (offer.id, uuid4()):
        with pytest.raises(UnknownOffer):
            await repricing.change_price(principal=stranger, offer_id=offer_id, price=euros(1))

    assert (await Offer.get(id=offer.id)).price_minor == 12_00


async def test_a_shopper_cannot_change_prices(db: None) -> None:
    offer = await make_offer(price=12_00)

    with pytest.raises(Forbidden):
        await repricing.change_price(principal=GUEST, offer_id=offer.id, price=euros(1))

    assert (await Offer.get(id=offer.id)).price_minor == 12_00
