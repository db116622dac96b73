"""A vendor asks another price from now on; what was ordered before keeps its own."""

from uuid import UUID

from marketplace.catalog.errors import CurrencyMismatch, UnknownOffer
from marketplace.catalog.models import Offer
from marketplace.kit.errors import Forbidden, InvalidInput
from marketplace.kit.money import Money
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import atomic

DEAREST_MINOR = 10**12


@atomic()
async def change_price(*, principal: Principal, offer_id: UUID, price: Money) -> Offer:
    """Set what one unit costs; the same price again changes nothing.

    The offer's vendor and the system may. Refuses an unknown or another vendor's offer
    (UnknownOffer), another currency than the offer's, and a price that is not above zero.
    """
    if principal.kind not in {Kind.VENDOR, Kind.SYSTEM}:
        raise Forbidden("change prices")
    if not 0 < price.minor <= DEAREST_MINOR:
        most = Money(DEAREST_MINOR, price.currency)
        raise InvalidInput("price", f"{price} is out of range", f"above zero, up to {most}")
    theirs = Offer.filter(id=offer_id)
    if principal.vendor_id is not None:
        theirs = theirs.filter(vendor_id=principal.vendor_id)
    # Held: a placement that read the old price waits here or is told that the price changed.
    offer = await theirs.select_for_update(no_key=True).first()
    if offer is None:
        raise UnknownOffer([offer_id])
    if offer.currency != price.currency:
        raise CurrencyMismatch(offer_currency=offer.currency, cart_currency=price.currency)
    offer.price_minor = price.minor
    await offer.save(update_fields=["price_minor"])
    return offer
