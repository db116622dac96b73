"""A marketplace to order from, and carts that are ready to be ordered: made in sets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction

VENDORS, OFFERS_EACH = 60, 20
PLENTY = 1_000_000  # pieces of each offer
CHANNEL = "bench"
CHUNK = 2000  # carts in one transaction

_CHANNEL = """
    INSERT INTO channel (id, code, name, currency, locale, time_zone, countries, prices_include_tax)
    VALUES ($1, $2, 'Bench', 'EUR', 'de_DE', 'Europe/Berlin', '["DE"]', true)
"""
_TAX = """
    INSERT INTO tax_rate (id, country, tax_category, rate_ppm, liable)
    VALUES ($1, 'DE', 'standard', 190000, 'vendor')
"""
_COMMISSION = """
    INSERT INTO commission_rule (id, version, rate_ppm, vat_ppm, valid_from)
    VALUES ($1, 1, 120000, 190000, $2)
"""
_VENDORS = """
    INSERT INTO vendor (id, code, name, email, country, time_zone, created_at)
    SELECT id, 'bench-' || nth, 'Vendor ' || nth, nth || '@vendor.invalid', 'DE', 'Europe/Berlin',
        $2
    FROM unnest($1::uuid[]) WITH ORDINALITY AS item (id, nth)
"""
_LOCATIONS = """
    INSERT INTO location (id, vendor_id, code, name, country, priority)
    SELECT item.id, item.vendor_id, 'main', 'Main', 'DE', 1
    FROM unnest($1::uuid[], $2::uuid[]) AS item (id, vendor_id)
"""
_RATES = """
    INSERT INTO shipping_rate (id, vendor_id, country, currency, base_minor, per_unit_minor)
    SELECT item.id, item.vendor_id, 'DE', 'EUR', 390, 50
    FROM unnest($1::uuid[], $2::uuid[]) AS item (id, vendor_id)
"""
_POLICIES = """
    INSERT INTO sla_policy (id, vendor_id, accept_hours, ship_hours, warn_hours, time_zone,
        working_days, opens, closes, holiday_country)
    SELECT item.id, item.vendor_id, 16, 24, 4, 'Europe/Berlin', '12345', '09:00', '17:00', 'DE'
    FROM unnest($1::uuid[], $2::uuid[]) AS item (id, vendor_id)
"""
_PRODUCTS = """
    INSERT INTO product (id, slug, name, description, category, tax_category, created_at)
    SELECT id, 'bench-' || nth, 'Product ' || nth, '', 'general', 'standard', $2
    FROM unnest($1::uuid[]) WITH ORDINALITY AS item (id, nth)
"""
_VARIANTS = """
    INSERT INTO variant (id, product_id, sku, name)
    SELECT id, product_id, 'BENCH-' || nth, ''
    FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS item (id, product_id, nth)
"""
_OFFERS = """
    INSERT INTO offer (id, vendor_id, variant_id, price_minor, currency, is_active, created_at)
    SELECT id, vendor_id, variant_id, 1000 + nth, 'EUR', true, $4
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) WITH ORDINALITY
        AS item (id, vendor_id, variant_id, nth)
"""
_STOCK = """
    INSERT INTO stock (id, offer_id, location_id, vendor_id, on_hand, reserved)
    SELECT item.*, $5, 0 FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[]) AS item
"""
_CARTS = """
    INSERT INTO cart (id, token_hash, channel_id, email, customer_name, address, version,
        created_at)
    SELECT item.id, encode(sha256(convert_to(item.token, 'UTF8')), 'hex'), $3,
        'shopper@customer.invalid', 'A Shopper',
        '{"line1": "Marktstr. 1", "line2": "", "postal_code": "10115", "city": "Berlin",
            "country": "DE", "phone": ""}',
        1, $4
    FROM unnest($1::uuid[], $2::text[]) AS item (id, token)
"""
_LINES = """
    INSERT INTO cart_line (id, cart_id, offer_id, quantity)
    SELECT item.*, 1 FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS item
"""
_ON_SALE = "UPDATE stock SET on_hand = $2 WHERE offer_id = $1"
_SOLD = "SELECT on_hand, reserved FROM stock WHERE offer_id = $1"


@dataclass(frozen=True, slots=True)
class Shop:
    """The offers of each vendor; the choice of carts is the same in every run."""

    channel_id: UUID
    offers: Sequence[Sequence[UUID]]
    opened: datetime
    dice: Random

    def basket(self, *, lines: int, vendors: int) -> list[UUID]:
        """So many different offers of so many vendors, shared out as evenly as may be."""
        chosen = self.dice.sample(self.offers, vendors)
        each, more = divmod(lines, vendors)
        return [
            offer_id
            for nth, theirs in enumerate(chosen)
            for offer_id in self.dice.sample(theirs, each + (nth < more))
        ]


async def open_shop(now: datetime) -> Shop:
    ids = [new_id(now) for _ in range(VENDORS)]
    products = [new_id(now) for _ in range(VENDORS * OFFERS_EACH)]
    variants, offers = ([new_id(now) for _ in products] for _ in range(2))
    locations = [new_id(now) for _ in ids]
    owners = [owner for owner in ids for _ in range(OFFERS_EACH)]
    shelves = [shelf for shelf in locations for _ in range(OFFERS_EACH)]
    channel_id = new_id(now)
    async with transaction(SYSTEM):
        run = connection().execute
        await run(_CHANNEL, channel_id, CHANNEL)
        await run(_TAX, new_id(now))
        await run(_COMMISSION, new_id(now), now)
        await run(_VENDORS, ids, now)
        await run(_LOCATIONS, locations, ids)
        for sql in (_RATES, _POLICIES):
            await run(sql, [new_id(now) for _ in ids], ids)
        await run(_PRODUCTS, products, now)
        await run(_VARIANTS, variants, products)
        await run(_OFFERS, offers, owners, variants, now)
        await run(_STOCK, [new_id(now) for _ in offers], offers, shelves, owners, PLENTY)
    grouped = [offers[start : start + OFFERS_EACH] for start in range(0, len(offers), OFFERS_EACH)]
    return Shop(channel_id, grouped, now, Random(1))


async def fill_carts(shop: Shop, baskets: Sequence[Sequence[UUID]]) -> list[str]:
    """One cart for each basket, complete but for the order; answers with their tokens."""
    tokens = []
    for start in range(0, len(baskets), CHUNK):
        chunk = baskets[start : start + CHUNK]
        ids = [new_id(shop.opened) for _ in chunk]
        named = [f"bench-{cart_id.hex}" for cart_id in ids]
        lines = [(cart_id, offer) for cart_id, basket in zip(ids, chunk, strict=True)
                 for offer in basket]  # fmt: skip
        async with transaction(SYSTEM):
            await connection().execute(_CARTS, ids, named, shop.channel_id, shop.opened)
            await connection().execute(
                _LINES,
                [new_id(shop.opened) for _ in lines],
                [cart_id for cart_id, _ in lines],
                [offer_id for _, offer_id in lines],
            )
        tokens += named
    return tokens


async def limit_stock(offer_id: UUID, pieces: int) -> None:
    async with transaction(SYSTEM):
        await connection().execute(_ON_SALE, offer_id, pieces)


async def sold(offer_id: UUID) -> tuple[int, int]:
    """Pieces there are of an offer, and pieces promised to orders."""
    async with transaction(SYSTEM, read_only=True):
        row = await connection().fetchrow(_SOLD, offer_id)
    return row["on_hand"], row["reserved"]
