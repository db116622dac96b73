"""Steps of customers and vendors: orders, parcels, refunds."""

from uuid import UUID

from marketplace.checkout import carts, placing
from marketplace.kit.errors import DomainError
from marketplace.kit.principal import SYSTEM
from marketplace.orders import accepting, delivering, placing_hold, refunding, shipping
from marketplace.payments import resending
from tests.factories import ADDRESS, GUEST, make_cart, member
from tests.settlement.people import ADMINISTRATOR, SUPPORT
from tests.settlement.simulation.cast import CODES
from tests.settlement.simulation.play import Play
from tests.settlement.simulation.story import Picks

CARDS = ("visa", "visa", "bypassPending", "refundFail", "pendingRefund", "createDispute")
_PARTS = """
    SELECT id, vendor_id, number, state FROM sub_order WHERE state = ANY($1)
    ORDER BY order_id, number
"""
_LINES = """
    SELECT order_line.id, sub_order.number, order_line.order_id, gross_minor, refunded_minor
    FROM order_line JOIN sub_order ON sub_order.id = order_line.sub_order_id
    ORDER BY sub_order.order_id, sub_order.number, position
"""
_LEFT = "SELECT id FROM order_line WHERE sub_order_id = $1 AND quantity > refused + shipped"
_PARCELS = """
    SELECT shipment.id, shipment.vendor_id, sub_order.number FROM shipment
    JOIN sub_order ON sub_order.id = sub_order_id WHERE shipment.delivered_at IS NULL
    ORDER BY sub_order.order_id, sub_order.number, shipment.id
"""
_FAILED = "SELECT id, amount_minor FROM refund WHERE state = 'failed' ORDER BY id"


async def buy(play: Play, picks: Picks) -> str:
    """1 to 3 vendors, with a discount or none, to Germany or France, with some card."""
    vendors, pieces, more, card = picks
    offers = [
        play.cast.offers[2 * number + (more >> number) % 2]
        for number in range(3)
        if (vendors % 7 + 1) >> number & 1
    ]
    token = await make_cart(dict.fromkeys(offers, 1 + pieces % 3))
    country = "FR" if more % 5 == 0 else "DE"
    code = ("", "", *CODES)[more // 5 % 4]
    await carts.set_details(
        principal=GUEST, token=token, email="ana@example.com", name="Ana Pires",
        address=ADDRESS | {"country": country},
    )  # fmt: skip
    await carts.set_discount(principal=GUEST, token=token, code=code or None)
    paid_by = CARDS[card % len(CARDS)]
    what = f"{len(offers)} vendors, {1 + pieces % 3} of each, to {country}, {code or 'no code'}"
    try:
        order_id = await placing.place_order(principal=GUEST, token=token, key=token, now=play.now)
    except DomainError as refused:
        return f"{what}: refused, {refused.code}"
    play.orders.append(order_id)
    return f"order {len(play.orders)}: {what}; {await _pay(play, order_id, paid_by)}"


async def pay_again(play: Play, picks: Picks) -> str | None:
    if not play.orders:
        return None
    number = picks[0] % len(play.orders)
    return f"order {number + 1} {await _pay(play, play.orders[number], 'visa')}"


async def _pay(play: Play, order_id: UUID, card: str) -> str:
    try:
        await play.world.pay(order_id, card=f"pm_card_{card}", key=f"{order_id}:{card}")
    except DomainError as refused:
        return f"paid by {card}: refused, {refused.code}"
    return f"paid by {card}"


async def sell(play: Play, picks: Picks) -> str:
    """An order, all of it sent and delivered at once."""
    bought = await buy(play, picks)
    await _let_go_on(play)
    for state in ("awaiting_acceptance", "accepted"):
        for part in await play.fetch(_PARTS, [state]):
            if state == "accepted":
                await shipping.ship(
                    principal=member(part["vendor_id"]), sub_order_id=part["id"], carrier="DHL",
                    tracking_number="T", key=f"all:{part['id']}", now=play.now,
                )  # fmt: skip
            else:
                await accepting.accept(
                    principal=member(part["vendor_id"]), sub_order_id=part["id"], now=play.now
                )
    for parcel in await play.fetch(_PARCELS):
        await delivering.deliver(principal=SYSTEM, shipment_id=parcel["id"], now=play.now)
    return f"{bought}; everything that was paid for is sent and delivered"


async def accept(play: Play, picks: Picks) -> str | None:
    """All of it, or less one unit of its first line."""
    part = await play.one(picks[0], _PARTS, ["awaiting_acceptance"])
    if part is None:
        return None
    [line, *_] = await play.fetch(_LEFT, part["id"])
    refused = {line["id"]: 1} if picks[1] % 3 == 0 else None
    return await play.attempt(
        f"{part['number']} accepted{' less one unit' if refused else ''}",
        lambda: accepting.accept(
            principal=member(part["vendor_id"]), sub_order_id=part["id"], now=play.now,
            refused=refused, reason="Broken" if refused else None,
        ),
    )  # fmt: skip


async def _let_go_on(play: Play) -> None:
    """Support has asked the customers: what a bank questions goes out all the same."""
    for hold in await play.fetch("SELECT id FROM order_hold WHERE released_at IS NULL"):
        await placing_hold.release(
            principal=SUPPORT, hold_id=hold["id"], note="A mistake, they say", now=play.now
        )


async def ship(play: Play, picks: Picks) -> str | None:
    """All that is left, or one unit."""
    if picks[2] % 2:
        await _let_go_on(play)
    part = await play.one(picks[0], _PARTS, ["accepted", "partly_shipped", "shipped"])
    if part is None:
        return None
    left = await play.fetch(_LEFT, part["id"])
    units = {left[0]["id"]: 1} if left and picks[1] % 2 else None
    return await play.attempt(
        f"{part['number']} sends {'one unit' if units else 'what is left'}",
        lambda: shipping.ship(
            principal=member(part["vendor_id"]), sub_order_id=part["id"], carrier="DHL",
            tracking_number="T", key=f"{play.now}", now=play.now, units=units,
        ),
    )  # fmt: skip


async def deliver(play: Play, picks: Picks) -> str | None:
    parcel = await play.one(picks[0], _PARCELS)
    if parcel is None:
        return None
    return await play.attempt(
        f"a parcel of {parcel['number']} arrives",
        lambda: delivering.deliver(principal=SYSTEM, shipment_id=parcel["id"], now=play.now),
    )


async def refund(play: Play, picks: Picks) -> str | None:
    """Units or an amount of a line, with the shipping of its sub-order or without."""
    line = await play.one(picks[0], _LINES)
    if line is None:
        return None
    units, amounts = {line["id"]: 1 + picks[1] % 2}, None
    if picks[2] % 2:
        most = max(line["gross_minor"] - line["refunded_minor"], 1)
        units, amounts = {}, {line["id"]: (most, most + 1, 1 + picks[1] % most)[picks[3] % 3]}
    parts = await play.fetch("SELECT id FROM sub_order WHERE number = $1", line["number"])
    shipping_of = [parts[0]["id"]] if picks[2] % 3 == 0 else []
    asked = f"{amounts[line['id']]} minor" if amounts else f"{units[line['id']]} units"
    return await play.attempt(
        f"refund of {asked}{' and shipping' if shipping_of else ''} of {line['number']}",
        lambda: refunding.request(
            principal=SUPPORT, order_id=line["order_id"], units=units, shipping_of=shipping_of,
            amounts=amounts, reason="Broken", key=f"{play.now}", now=play.now,
        ),
    )  # fmt: skip


async def refund_all(play: Play, picks: Picks) -> str | None:
    if not play.orders:
        return None
    number = picks[0] % len(play.orders)
    return await play.attempt(
        f"refund of all that is left of order {number + 1}",
        lambda: refunding.request_full(
            principal=ADMINISTRATOR, order_id=play.orders[number], reason="Sorry",
            key=f"{play.now}", now=play.now,
        ),
    )  # fmt: skip


async def resend(play: Play, picks: Picks) -> str | None:
    failed = await play.one(picks[0], _FAILED)
    if failed is None:
        return None
    return await play.attempt(
        f"the failed refund of {failed['amount_minor']} is sent again",
        lambda: resending.resend(principal=SUPPORT, refund_id=failed["id"], now=play.now),
    )
