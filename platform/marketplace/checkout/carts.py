"""A cart before it is ordered: whoever holds its token may fill it."""

from datetime import datetime
from hashlib import sha256
from secrets import token_urlsafe
from uuid import UUID

from marketplace.accounts.addresses import email_address, one_line, postal_address
from marketplace.catalog.errors import CurrencyMismatch, UnknownOffer
from marketplace.catalog.models import Channel, Offer
from marketplace.checkout.errors import CartAlreadyOrdered, CartIncomplete
from marketplace.checkout.models import Cart, CartLine
from marketplace.kit.errors import InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import atomic, connection
from marketplace.orders.models import Order
from marketplace.pricing.errors import ShippingMethodUnavailable
from marketplace.routing.requests import Preference

MOST_PIECES = 999
MOST_LINES = 100

# Whose offers are in the cart, and by which methods they send to its country in its currency.
_SENDERS = """
    SELECT vendor.id, vendor.name, array(
        SELECT method FROM shipping_rate rate
        WHERE rate.vendor_id = vendor.id AND rate.country = $2 AND rate.currency = channel.currency
        ORDER BY rate.method <> 'standard', rate.method) AS methods
    FROM cart JOIN channel ON channel.id = cart.channel_id
    JOIN vendor ON vendor.id IN (
        SELECT offer.vendor_id FROM cart_line line JOIN offer ON offer.id = line.offer_id
        WHERE line.cart_id = cart.id)
    WHERE cart.id = $1
"""


@atomic()
async def create(*, principal: Principal, channel_code: str, now: datetime) -> tuple[Cart, str]:
    """An empty cart and the token that opens it; the token is not stored, only its hash."""
    channel = await Channel.get_or_none(code=channel_code)
    if channel is None:
        raise NotFound("channel")
    token = token_urlsafe(24)
    cart = await Cart.create(
        id=new_id(now),
        token_hash=_hash(token),
        channel_id=channel.id,
        customer_id=principal.id if principal.kind is Kind.CUSTOMER else None,
        created_at=now,
    )
    return cart, token


async def opened(token: str) -> Cart:
    """The cart behind a token, locked for this transaction; refuses one that was ordered."""
    cart = await Cart.filter(token_hash=_hash(token)).select_for_update().first()
    if cart is None:
        raise NotFound("cart")
    order = await Order.get_or_none(cart_id=cart.id).only("number")
    if order is not None:
        raise CartAlreadyOrdered(order_number=order.number)
    return cart


@atomic()
async def set_line(*, principal: Principal, token: str, offer_id: UUID, quantity: int) -> Cart:
    """Make the cart hold `quantity` of an offer; 0 takes it out.

    Refuses a quantity outside 0 to 999, an unknown offer, one in another currency, and more than
    100 different offers.
    """
    if not 0 <= quantity <= MOST_PIECES:
        raise InvalidInput("quantity", f"{quantity} is out of range", f"0 to {MOST_PIECES}")
    cart = await opened(token)
    if quantity == 0:
        await CartLine.filter(cart_id=cart.id, offer_id=offer_id).delete()
        return await _touched(cart)
    await _check_offer(cart, offer_id)
    line = await CartLine.get_or_none(cart_id=cart.id, offer_id=offer_id)
    if line is not None:
        await CartLine.filter(id=line.id).update(quantity=quantity)
        return await _touched(cart)
    if await CartLine.filter(cart_id=cart.id).count() >= MOST_LINES:
        raise InvalidInput("offerId", "the cart is full", f"at most {MOST_LINES} different offers")
    await CartLine.create(
        id=new_id(cart.created_at), cart_id=cart.id, offer_id=offer_id, quantity=quantity
    )
    return await _touched(cart)


@atomic()
async def set_details(
    *, principal: Principal, token: str, email: str, name: str, address: dict[str, str]
) -> Cart:
    """Who it is for and where it goes. Refuses what could not be delivered or written to."""
    cart = await opened(token)
    channel = await Channel.get(id=cart.channel_id)
    cart.email = email_address(email)
    cart.customer_name = one_line("name", name, most=120)
    cart.address = postal_address(address, countries=channel.countries)
    await cart.save(update_fields=["email", "customer_name", "address"])
    return await _touched(cart)


@atomic()
async def set_discount(*, principal: Principal, token: str, code: str | None) -> Cart:
    """The code to use, or None for none; whether it applies is the quote's to say."""
    cart = await opened(token)
    cart.discount_code = code.strip().upper()[:40] or None if code else None
    await cart.save(update_fields=["discount_code"])
    return await _touched(cart)


@atomic()
async def set_preference(*, principal: Principal, token: str, preference: str | None) -> Cart:
    """What to care for most when the places that send it are chosen; None for nothing.

    Refuses (InvalidInput) what is none of `Preference`.
    """
    if preference is not None and preference not in {*Preference}:
        accepted = ", ".join(Preference)
        raise InvalidInput("preference", f"{preference[:40]!r} is not one of them", accepted)
    cart = await opened(token)
    cart.update_from_dict({"preference": preference and Preference(preference)})
    await cart.save(update_fields=["preference"])
    return await _touched(cart)


@atomic()
async def set_shipping(
    *, principal: Principal, token: str, vendor_id: UUID, method: str | None
) -> Cart:
    """How one vendor is to send its part; None for its usual method.

    Refuses a cart without an address, a vendor of whom nothing is in the cart (InvalidInput), and
    a method by which it does not send there (ShippingMethodUnavailable).
    """
    cart = await opened(token)
    if not cart.address:
        raise CartIncomplete(["an address"])
    country = cart.address["country"]
    senders = {row["id"]: row for row in await connection().fetch(_SENDERS, cart.id, country)}
    sender = senders.get(vendor_id)
    if sender is None:
        raise InvalidInput("vendorId", "nothing in the cart is from it", "a vendor of the cart's")
    if method is not None and method not in sender["methods"]:
        raise ShippingMethodUnavailable(
            vendor=sender["name"], country=country, method=method, offered=sender["methods"]
        )
    # Of vendors that are not in the cart any more nothing has to be remembered.
    chosen = {**(cart.shipping_methods or {}), str(vendor_id): method}
    kept = {key: of for key, of in chosen.items() if of is not None and UUID(key) in senders}
    cart.shipping_methods = kept
    await cart.save(update_fields=["shipping_methods"])
    return await _touched(cart)


async def _check_offer(cart: Cart, offer_id: UUID) -> None:
    offer = await Offer.get_or_none(id=offer_id, is_active=True)
    if offer is None:
        raise UnknownOffer([offer_id])
    channel = await Channel.get(id=cart.channel_id)
    if offer.currency != channel.currency:
        raise CurrencyMismatch(offer_currency=offer.currency, cart_currency=channel.currency)


async def _touched(cart: Cart) -> Cart:
    cart.version += 1
    await cart.save(update_fields=["version"])
    return cart


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
