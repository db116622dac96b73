"""A small marketplace with a bit of everything: three currencies, refunds, odd vendor codes."""

from dataclasses import dataclass
from uuid import UUID

from marketplace.accounts.models import Vendor
from marketplace.checkout import placing
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.orders import accepting, refunding
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
from tests.settlement.test_journeys import hear_all, settle_refunds, ship


@dataclass(frozen=True, slots=True)
class Mixed:
    """Kiln sells in euros and was refunded in part, Étoile in yen, `=1+1` in dinars."""

    kiln: Vendor
    etoile: Vendor
    formula: Vendor
    orders: dict[str, UUID]


async def vendor_called(code: str, name: str, currency: str) -> Vendor:
    vendor = await make_vendor(name=name, currency=currency, shipping=4_00)
    async with transaction(SYSTEM):
        await Vendor.filter(id=vendor.id).update(code=code)
        return await Vendor.get(id=vendor.id)


async def order_of(offers: dict[UUID, int], *, channel: str, fee: int | None) -> UUID:
    """Paid, accepted and shipped by everybody in it."""
    token = await make_cart(offers, channel=channel)
    order_id = await placing.place_order(principal=GUEST, token=token, key=token, now=NOON)
    await pay(order_id, fee=fee)
    for part in await parts_of(order_id):
        await accepting.accept(principal=member(part.vendor_id), sub_order_id=part.id, now=NOON)
        await ship(part.id, part.vendor_id)
    return order_id


async def mixed() -> Mixed:
    """Everything has happened and the ledger has heard of it."""
    for code, currency in (("eu", "EUR"), ("jp", "JPY"), ("kw", "KWD")):
        await make_channel(code=code, currency=currency)
    kiln = await vendor_called("kiln", "Kiln & Co", "EUR")
    etoile = await vendor_called("Étoile_du Nord", "Étoile", "JPY")
    formula = await vendor_called("=1+1", "=SUM(A1:A9)", "KWD")
    mugs = await make_offer(vendor=kiln, price=9_99, on_hand=9)
    stars = await make_offer(vendor=etoile, price=1_999, on_hand=9, currency="JPY")
    sums = await make_offer(vendor=formula, price=7_777, on_hand=9, currency="KWD")
    lamps = await make_offer(price=80_01)
    orders = {
        "EUR": await order_of({mugs.id: 3, lamps.id: 1}, channel="eu", fee=3_33),
        "JPY": await order_of({stars.id: 2}, channel="jp", fee=110),
        "KWD": await order_of({sums.id: 1}, channel="kw", fee=1_234),
    }
    [line] = [part.lines[0] for part in await parts_of(orders["EUR"]) if part.vendor_id == kiln.id]
    await refunding.request(
        principal=SYSTEM, order_id=orders["EUR"], units={line.id: 1}, shipping_of=[],
        reason="=cmd|' /C calc'!A0", key="r", now=NOON,
    )  # fmt: skip
    await settle_refunds()
    await hear_all()
    return Mixed(kiln, etoile, formula, orders)
