"""Read everything a cart's price depends on, in a number of statements that never grows."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from marketplace.catalog.errors import UnknownOffer
from marketplace.checkout.errors import CartIncomplete
from marketplace.kit.errors import NotFound
from marketplace.kit.transactions import connection
from marketplace.pricing.errors import NotShippedThere, UnusableDiscount
from marketplace.pricing.quoting import CommissionTerms, DiscountTerms, Item, Terms
from marketplace.routing import choosing, snapshots

_CART = f"""
    SELECT cart.*, channel.currency, channel.prices_include_tax, channel.countries,
        channel.time_zone, orders.id AS order_id, orders.number AS order_number,
        {choosing.COLUMNS}
    FROM cart JOIN channel ON channel.id = cart.channel_id
    LEFT JOIN orders ON orders.cart_id = cart.id
    {choosing.JOINS.format(channel="channel.id")}
    WHERE cart.token_hash = $1
"""
_CANDIDATES = snapshots.CANDIDATES.format(
    wanted="other.variant_id = offer.variant_id AND other.currency = offer.currency",
    first="other.id <> offer.id,", country="$2::text", postcode="$4::text", now="$3::timestamptz",
)  # fmt: skip
# Each line with its offer, its vendor's shipping rate and the most specific commission rule; and
# who could serve it, which routing decides by.
_LINES = f"""
    SELECT line.offer_id, line.quantity, offer.vendor_id, offer.price_minor, offer.currency,
        offer.is_active AND NOT vendor_is_away(offer.vendor_id, $3) AS is_active, variant.sku,
        variant.name AS variant_name, product.name AS product_name, product.tax_category,
        product.category, offer.variant_id, vendor.name AS vendor_name,
        rate.base_minor, rate.per_unit_minor, rate.free_from_minor,
        rule.id AS rule_id, rule.rate_ppm, rule.vat_ppm, routed.candidates
    FROM cart_line line
    LEFT JOIN offer ON offer.id = line.offer_id
    LEFT JOIN variant ON variant.id = offer.variant_id
    LEFT JOIN product ON product.id = variant.product_id
    LEFT JOIN vendor ON vendor.id = offer.vendor_id
    LEFT JOIN shipping_rate rate ON rate.vendor_id = offer.vendor_id
        AND rate.country = $2 AND rate.currency = offer.currency
    LEFT JOIN LATERAL (
        SELECT * FROM commission_rule
        WHERE (commission_rule.vendor_id = offer.vendor_id OR commission_rule.vendor_id IS NULL)
            AND (commission_rule.category = product.category OR commission_rule.category IS NULL)
            AND valid_from <= $3 AND (valid_to IS NULL OR valid_to > $3)
        ORDER BY commission_rule.vendor_id IS NOT NULL DESC,
            commission_rule.category IS NOT NULL DESC, version DESC
        LIMIT 1
    ) rule ON true
    LEFT JOIN LATERAL (
        SELECT jsonb_agg(to_jsonb(candidate)) AS candidates FROM ({_CANDIDATES}) candidate
    ) routed ON $5
    WHERE line.cart_id = $1 ORDER BY line.offer_id
"""
_TAXES = "SELECT tax_category, rate_ppm, liable FROM tax_rate WHERE country = $1"
_DISCOUNT = "SELECT * FROM discount WHERE code = $1"


@dataclass(frozen=True, slots=True)
class Basket:
    """A cart read for pricing: its own columns, its items, the terms, and its lines as read."""

    cart: Mapping[str, Any]
    items: Sequence[Item]
    terms: Terms
    rows: Sequence[Mapping[str, Any]]


async def find_cart(token: str) -> Mapping[str, Any]:
    """The cart behind a token, with its channel and the order it has become, if any."""
    row = await connection().fetchrow(_CART, sha256(token.encode()).hexdigest())
    if row is None:
        raise NotFound("cart")
    # The driver hands JSON over as text.
    return {**row, "address": json.loads(row["address"]) if row["address"] else None}


async def load(
    cart: Mapping[str, Any],
    *,
    now: datetime,
    shipping_minor: Mapping[UUID, int] | None = None,
    with_candidates: bool = False,
) -> Basket:
    """Everything a quote needs. `shipping_minor` by vendor replaces the vendors' own rates.

    `with_candidates`: who could serve each line is read in the same statement, for routing.
    Refuses a cart without lines or address, offers no longer sold, a vendor that does not ship
    there, and a discount that cannot be used.
    """
    rows = await _lines(cart, now, with_candidates)
    country = _address(cart)["country"]
    taxes = await connection().fetch(_TAXES, country)
    liable = {tax["liable"] for tax in taxes}
    assert len(liable) <= 1, f"{country}: one party owes a country's tax, not {liable}"
    terms = Terms(
        currency=cart["currency"],
        country=country,
        prices_include_tax=cart["prices_include_tax"],
        tax_ppm={tax["tax_category"]: tax["rate_ppm"] for tax in taxes},
        tax_liable=liable.pop() if liable else "platform",
        shipping_minor=shipping_minor if shipping_minor is not None else _shipping(rows, country),
        discount=await _discount(cart, rows, now),
    )
    return Basket(cart, [_item(row) for row in rows], terms, rows)


async def _lines(
    cart: Mapping[str, Any], now: datetime, with_candidates: bool
) -> Sequence[Mapping[str, Any]]:
    missing = [
        name
        for name, value in {
            "an address": cart["address"],
            "an e-mail address": cart["email"],
        }.items()
        if not value
    ]
    rows: Sequence[Mapping[str, Any]] = await connection().fetch(
        _LINES, cart["id"], _address(cart).get("country"), now,
        _address(cart).get("postal_code", ""), with_candidates,
    )  # fmt: skip
    if not rows:
        missing.append("at least one offer")
    if missing:
        raise CartIncomplete(missing)
    gone = [row["offer_id"] for row in rows if not row["is_active"]]
    if gone:
        raise UnknownOffer(gone)
    return rows


def _address(cart: Mapping[str, Any]) -> Mapping[str, str]:
    address: Mapping[str, str] = cart["address"] or {}
    return address


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


def _shipping(rows: Sequence[Mapping[str, Any]], country: str) -> dict[UUID, int]:
    by_vendor: defaultdict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        by_vendor[row["vendor_id"]].append(row)
    return {vendor_id: _vendor_shipping(theirs, country) for vendor_id, theirs in by_vendor.items()}


def _vendor_shipping(rows: Sequence[Mapping[str, Any]], country: str) -> int:
    rate = rows[0]
    if rate["base_minor"] is None:
        raise NotShippedThere(vendor=rate["vendor_name"], country=country)
    items_minor = sum(row["price_minor"] * row["quantity"] for row in rows)
    if rate["free_from_minor"] is not None and items_minor >= rate["free_from_minor"]:
        return 0
    units = sum(row["quantity"] for row in rows)
    shipping: int = rate["base_minor"] + rate["per_unit_minor"] * units
    return shipping


async def _discount(
    cart: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], now: datetime
) -> DiscountTerms | None:
    code = cart["discount_code"]
    if code is None:
        return None
    discount = await connection().fetchrow(_DISCOUNT, code)
    if discount is None:
        raise UnusableDiscount(discount_code=code, reason="there is no such code")
    if discount["valid_from"] > now or (discount["valid_to"] and discount["valid_to"] <= now):
        raise UnusableDiscount(discount_code=code, reason="it is not valid today")
    if discount["currency"] != cart["currency"]:
        reason = f"it is in {discount['currency']}, the cart in {cart['currency']}"
        raise UnusableDiscount(discount_code=code, reason=reason)
    if discount["vendor_id"] not in (None, *(row["vendor_id"] for row in rows)):
        raise UnusableDiscount(discount_code=code, reason="nothing in the cart is from its seller")
    return DiscountTerms(discount["amount_minor"], discount["vendor_id"])
