"""What a vendor asks for sending: its owner sets and ends methods, country by country.

Amounts are in minor units, with or without tax as the channel of their currency shows prices. A
cart is priced by the rates of its moment; what was ordered before keeps what it cost.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace.catalog.models import Channel
from marketplace.kit.errors import Forbidden, InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import Principal, VendorRole
from marketplace.kit.transactions import atomic, connection, transaction
from marketplace.pricing.models import ShippingRate
from marketplace.pricing.shipping import LONGEST_METHOD, STANDARD, Rate

MOST_MINOR = 1_000_000_00
MOST_RATES = 500  # of one vendor
METHOD = re.compile(r"[a-z][a-z0-9_-]*")

# Set twice at once, it is one rate, and the later prices count.
_SET = """
    INSERT INTO shipping_rate
        (id, vendor_id, country, currency, method, base_minor, per_unit_minor, free_from_minor)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (vendor_id, country, currency, method) DO UPDATE
        SET base_minor = $6, per_unit_minor = $7, free_from_minor = $8
"""


@dataclass(frozen=True, slots=True)
class Destination:
    """A country that a channel ships to, and the currency it sells in there."""

    country: str
    currency: str


async def of_vendor(*, principal: Principal) -> Sequence[ShippingRate]:
    """The vendor's own, by country; standard comes first."""
    async with transaction(principal, read_only=True):
        found = await ShippingRate.filter(vendor_id=principal.vendor_id)
    return sorted(
        found, key=lambda rate: (rate.country, rate.currency, rate.method != STANDARD, rate.method)
    )


async def destinations(*, principal: Principal) -> Sequence[Destination]:
    """Where the marketplace sells, each country with each currency once."""
    async with transaction(principal, read_only=True):
        return await _destinations()


@atomic()
async def set_rate(
    *, principal: Principal, destination: Destination, rate: Rate, now: datetime
) -> None:
    """Ask this for sending there by this method, instead of what was asked for it before.

    The vendor's owner may. Refuses (InvalidInput) a country that no channel of this currency ships
    to, a method that is no short code, amounts below zero or very large, and more than 500 rates.
    """
    vendor_id = _owned(principal)
    if destination not in await _destinations():
        raise InvalidInput(
            "destination",
            f"nothing is sold in {destination.currency[:3]} to {destination.country[:2]} here",
            "a country and the currency of its channel",
        )
    if len(rate.method) > LONGEST_METHOD or not METHOD.fullmatch(rate.method):
        raise InvalidInput("method", "this is no short code", "such as express or next-day")
    amounts = {"base": rate.base_minor, "per_unit": rate.per_unit_minor}
    if rate.free_from_minor is not None:
        amounts["free_from"] = rate.free_from_minor
    for name, minor in amounts.items():
        if not 0 <= minor <= MOST_MINOR:
            raise InvalidInput(name, "the amount is out of range", "not below zero, nor very large")
    others = ShippingRate.filter(vendor_id=vendor_id).exclude(
        country=destination.country, currency=destination.currency, method=rate.method
    )
    if await others.count() >= MOST_RATES:
        raise InvalidInput("method", "there are very many rates already", f"at most {MOST_RATES}")
    await connection().execute(
        _SET, new_id(now), vendor_id, destination.country, destination.currency, rate.method,
        rate.base_minor, rate.per_unit_minor, rate.free_from_minor,
    )  # fmt: skip


@atomic()
async def end(*, principal: Principal, rate_id: UUID) -> None:
    """Do not send there by this method any more; carts that chose it say so.

    The last one of a country may go: then nothing is sold there. NotFound for another vendor's.
    """
    vendor_id = _owned(principal)
    if not await ShippingRate.filter(id=rate_id, vendor_id=vendor_id).delete():
        raise NotFound("shipping rate")


def may_change(principal: Principal) -> bool:
    return VendorRole.OWNER in principal.roles


def _owned(principal: Principal) -> UUID:
    if principal.vendor_id is None or not may_change(principal):
        raise Forbidden("change what sending costs")
    return principal.vendor_id


async def _destinations() -> list[Destination]:
    return sorted(
        {
            Destination(country, channel.currency)
            for channel in await Channel.all()
            for country in channel.countries
        },
        key=lambda there: (there.country, there.currency),
    )
