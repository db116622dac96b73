"""Read everything a cart's price depends on, in one statement however many lines it has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from pydantic_core import from_json

from marketplace.catalog.errors import UnknownOffer
from marketplace.checkout import sending
from marketplace.checkout.errors import CartIncomplete
from marketplace.kit.errors import NotFound
from marketplace.kit.transactions import reading_alone
from marketplace.pricing.errors import UnusableDiscount
from marketplace.pricing.quoting import CommissionTerms, DiscountTerms, Item, Terms

# In one snapshot: the function that the migrations made.
READ = "read_cart($1, $2, $3)"
_READ = f"SELECT {READ}"
_CART_IDS = (
    "id", "channel_id", "customer_id", "order_id", "active_rules_id", "shadow_rules_id",
)  # fmt: skip
_LINE_IDS = ("offer_id", "vendor_id", "rule_id")
_NO_CANDIDATES = 0


@dataclass(frozen=True, slots=True)
class Read:
    """A cart as it was read: with its channel, the order it has become if any, and the rest."""

    cart: Mapping[str, Any]
    lines: Sequence[Mapping[str, Any]]
    taxes: Sequence[Mapping[str, Any]]
    discount: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Basket:
    """A cart read for pricing: its own columns, its items, the terms, and its lines as read."""

    cart: Mapping[str, Any]
    items: Sequence[Item]
    terms: Terms
    rows: Sequence[Mapping[str, Any]]


async def read(token: str, now: datetime) -> Read:
    """The cart behind a token, for a price. Refuses (NotFound) a token that nobody was given."""
    async with reading_alone() as connection:
        found = await connection.fetchval(_READ, hashed(token), now, _NO_CANDIDATES)
    return told(found)


def hashed(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def told(found: str | None) -> Read:
    """What the function answered; ids are ids again where somebody compares them."""
    if found is None:
        raise NotFound("cart")
    members = from_json(found)
    lines = members["lines"] or ()
    for row, names in ((members["cart"], _CART_IDS), *((line, _LINE_IDS) for line in lines)):
        for name in names:
            if row[name] is not None:
                row[name] = UUID(row[name])
    return Read(members["cart"], lines, members["taxes"] or (), members["discount"])


def basket(
    found: Read,
    *,
    now: datetime,
    shipping_minor: Mapping[UUID, int] | None = None,
    as_chosen: bool = False,
) -> Basket:
    """Everything a quote needs. `shipping_minor` by vendor replaces the vendors' own rates.

    Refuses a cart without lines or address, offers no longer sold, a vendor that does not ship
    there, and a discount that cannot be used; with `as_chosen` also a shipping method that was
    chosen and is no longer offered, where else another one takes its place.
    """
    cart, rows = found.cart, found.lines
    _refuse_incomplete(cart, rows)
    country = cart["address"]["country"]
    liable = {tax["liable"] for tax in found.taxes}
    assert len(liable) <= 1, f"{country}: one party owes a country's tax, not {liable}"
    terms = Terms(
        currency=cart["currency"],
        country=country,
        prices_include_tax=cart["prices_include_tax"],
        tax_ppm={tax["tax_category"]: tax["rate_ppm"] for tax in found.taxes},
        tax_liable=liable.pop() if liable else "platform",
        sending=sending.by_vendor(cart, rows, as_chosen=as_chosen)
        if shipping_minor is None
        else sending.agreed(shipping_minor),
        discount=_discount(found, now),
    )
    return Basket(cart, [_item(row) for row in rows], terms, rows)


def _refuse_incomplete(cart: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> None:
    missing = [
        name
        for name, value in {
            "an address": cart["address"],
            "an e-mail address": cart["email"],
            "at least one offer": rows,
        }.items()
        if not value
    ]
    if missing:
        raise CartIncomplete(missing)
    gone = [row["offer_id"] for row in rows if not row["is_active"]]
    if gone:
        raise UnknownOffer(gone)


def _item(row: Mapping[str, Any]) -> Item:
    assert row["rule_id"] is not None, "there is always a commission rule for everything"
    variant = f", {row['variant_name']}" if row["variant_name"] else ""
    return Item(
        offer_id=row["offer_id"],
        vendor_id=row["vendor_id"],
        sku=row["sku"],
        name=row["product_name"] + variant,
        tax_category=row["tax_category"],
        unit_price_minor=row["price_minor"],
        quantity=row["quantity"],
        commission=CommissionTerms(row["rule_id"], row["rate_ppm"], row["vat_ppm"]),
    )


def _discount(found: Read, now: datetime) -> DiscountTerms | None:
    code, discount = found.cart["discount_code"], found.discount
    if code is None:
        return None
    if discount is None:
        raise UnusableDiscount(discount_code=code, reason="there is no such code")
    if not _is_valid(discount, now):
        raise UnusableDiscount(discount_code=code, reason="it is not valid today")
    if discount["currency"] != found.cart["currency"]:
        reason = f"it is in {discount['currency']}, the cart in {found.cart['currency']}"
        raise UnusableDiscount(discount_code=code, reason=reason)
    vendor_id = discount["vendor_id"] and UUID(discount["vendor_id"])
    if vendor_id not in (None, *(row["vendor_id"] for row in found.lines)):
        raise UnusableDiscount(discount_code=code, reason="nothing in the cart is from its seller")
    return DiscountTerms(discount["amount_minor"], vendor_id)


def _is_valid(discount: Mapping[str, Any], now: datetime) -> bool:
    begin, end = discount["valid_from"], discount["valid_to"]
    return datetime.fromisoformat(begin) <= now and (
        end is None or now < datetime.fromisoformat(end)
    )
