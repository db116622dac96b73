"""What shoppers see of the catalogue. Each read is one statement for any number of things."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marketplace.kit.errors import InvalidInput, NotFound
from marketplace.kit.money import Money
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection, transaction

LONGEST_SEARCH = 200  # characters


@dataclass(frozen=True, slots=True)
class ChannelView:
    id: UUID
    code: str
    name: str
    currency: str
    locale: str
    countries: Sequence[str]
    prices_include_tax: bool


@dataclass(frozen=True, slots=True)
class ProductView:
    id: UUID
    slug: str
    name: str
    description: str
    category: str


@dataclass(frozen=True, slots=True)
class VariantView:
    id: UUID
    product_id: UUID
    sku: str
    name: str


@dataclass(frozen=True, slots=True)
class OfferView:
    id: UUID
    variant_id: UUID
    vendor_id: UUID
    price: Money


@dataclass(frozen=True, slots=True)
class VendorView:
    """What anybody may know of a vendor."""

    id: UUID
    name: str


_CHANNELS = """
    SELECT id, code, name, currency, locale, countries, prices_include_tax FROM channel
"""
_PRODUCT = "SELECT id, slug, name, description, category FROM product"
# A product is listed while somebody offers it in the channel's currency.
_LISTED = f"""
    {_PRODUCT}
    WHERE EXISTS (
        SELECT 1 FROM variant JOIN offer ON offer.variant_id = variant.id
        WHERE variant.product_id = product.id AND offer.is_active AND offer.currency = $1
    )
    AND ($2::text IS NULL
        OR to_tsvector('simple', concat_ws(' ', name, category, description))
            @@ websearch_to_tsquery('simple', $2)
        OR position(lower($2) IN lower(name)) > 0
        OR EXISTS (SELECT 1 FROM variant WHERE variant.product_id = product.id AND sku = $2))
    AND ($3::uuid IS NULL OR id > $3)
    ORDER BY id LIMIT $4
"""
_VARIANT = "SELECT id, product_id, sku, name FROM variant"
# A vendor may have taken its offers off the shelf while it is away.
_OFFER = """
    SELECT id, variant_id, vendor_id, price_minor, currency FROM offer
    WHERE is_active AND {column} = ANY($1) AND NOT vendor_is_away(vendor_id, (
        SELECT coalesce(virtual_now, now()) FROM clock))
    ORDER BY price_minor, id
"""


async def channels(*, principal: Principal) -> list[ChannelView]:
    """Every way into the marketplace, by code."""
    async with transaction(principal, read_only=True):
        return [_channel(row) for row in await connection().fetch(f"{_CHANNELS} ORDER BY code")]


async def channels_by_id(*, principal: Principal, ids: Collection[UUID]) -> dict[UUID, ChannelView]:
    async with transaction(principal, read_only=True):
        rows = await connection().fetch(f"{_CHANNELS} WHERE id = ANY($1)", list(ids))
    return {row["id"]: _channel(row) for row in rows}


async def listed(
    *, principal: Principal, channel_code: str, search: str | None, after: UUID | None, most: int
) -> tuple[ChannelView, list[ProductView]]:
    """A channel and the products on sale in it, oldest first, from behind `after`.

    `search` finds whole words anywhere, a part of the name, or an exact SKU. Refuses an unknown
    channel and a search of more than 200 characters.
    """
    search = (search or "").strip() or None
    if search is not None and len(search) > LONGEST_SEARCH:
        raise InvalidInput("search", "it is too long", f"up to {LONGEST_SEARCH} characters")
    async with transaction(principal, read_only=True):
        channel = await _channel_by_code(channel_code)
        rows = await connection().fetch(_LISTED, channel.currency, search, after, most)
    return channel, [ProductView(**row) for row in rows]


async def product_by_slug(
    *, principal: Principal, slug: str, channel_code: str
) -> tuple[ChannelView, ProductView]:
    """Refuses an unknown channel or product; one that nobody offers now is still found."""
    async with transaction(principal, read_only=True):
        channel = await _channel_by_code(channel_code)
        row = await connection().fetchrow(f"{_PRODUCT} WHERE slug = $1", slug)
    return channel, _found(row)


async def product_by_id(
    *, principal: Principal, product_id: UUID, channel_code: str
) -> tuple[ChannelView, ProductView]:
    """Refuses as `product_by_slug` does."""
    async with transaction(principal, read_only=True):
        channel = await _channel_by_code(channel_code)
        row = await connection().fetchrow(f"{_PRODUCT} WHERE id = $1", product_id)
    return channel, _found(row)


async def products(*, principal: Principal, ids: Collection[UUID]) -> dict[UUID, ProductView]:
    async with transaction(principal, read_only=True):
        rows = await connection().fetch(f"{_PRODUCT} WHERE id = ANY($1)", list(ids))
    return {row["id"]: ProductView(**row) for row in rows}


async def variants(*, principal: Principal, ids: Collection[UUID]) -> dict[UUID, VariantView]:
    async with transaction(principal, read_only=True):
        rows = await connection().fetch(f"{_VARIANT} WHERE id = ANY($1)", list(ids))
    return {row["id"]: VariantView(**row) for row in rows}


async def variants_of(*, principal: Principal, product_ids: Collection[UUID]) -> list[VariantView]:
    async with transaction(principal, read_only=True):
        rows = await connection().fetch(
            f"{_VARIANT} WHERE product_id = ANY($1) ORDER BY id", list(product_ids)
        )
    return [VariantView(**row) for row in rows]


async def offers(*, principal: Principal, ids: Collection[UUID]) -> dict[UUID, OfferView]:
    """The offers that are for sale."""
    return {offer.id: offer for offer in await _offers(principal, "id", ids)}


async def offers_of(*, principal: Principal, variant_ids: Collection[UUID]) -> list[OfferView]:
    """The offers that are for sale, the cheapest first."""
    return await _offers(principal, "variant_id", variant_ids)


async def vendors(*, principal: Principal, ids: Collection[UUID]) -> dict[UUID, VendorView]:
    async with transaction(principal, read_only=True):
        rows = await connection().fetch("SELECT id, name FROM vendor WHERE id = ANY($1)", list(ids))
    return {row["id"]: VendorView(**row) for row in rows}


async def _offers(principal: Principal, column: str, ids: Collection[UUID]) -> list[OfferView]:
    async with transaction(principal, read_only=True):
        rows = await connection().fetch(_OFFER.format(column=column), list(ids))
    return [
        OfferView(
            id=row["id"],
            variant_id=row["variant_id"],
            vendor_id=row["vendor_id"],
            price=Money(row["price_minor"], row["currency"]),
        )
        for row in rows
    ]


async def _channel_by_code(code: str) -> ChannelView:
    row = await connection().fetchrow(f"{_CHANNELS} WHERE code = $1", code)
    if row is None:
        raise NotFound("channel")
    return _channel(row)


def _channel(row: Any) -> ChannelView:
    # The driver hands JSON over as text.
    return ChannelView(**{**row, "countries": json.loads(row["countries"])})


def _found(row: Any) -> ProductView:
    if row is None:
        raise NotFound("product")
    return ProductView(**row)
