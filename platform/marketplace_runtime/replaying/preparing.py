"""Set the marketplace of a history up: its channel, terms, vendors, offers, stock and customers.

In sets and in one transaction, so that it is there whole or not at all. What the history does not
say is decided in docs/replay.md.
"""

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from holidays import country_holidays

from marketplace.catalog.models import Channel
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace_runtime.replaying import payout_terms, shelving
from marketplace_runtime.replaying.errors import ReplayRefused
from marketplace_runtime.replaying.planning import OfferKey, Plan
from marketplace_runtime.replaying.rows import Place
from marketplace_runtime.replaying.varying import Variation

CHANNEL, CURRENCY, COUNTRY, ZONE = "replay", "BRL", "BR", "America/Sao_Paulo"
COMMISSION_PPM, COMMISSION_VAT_PPM = 150_000, 50_000
OPENS_BEFORE = timedelta(days=1)  # the first purchase

_VENDORS = """
    INSERT INTO vendor (id, code, name, email, country, time_zone, created_at)
    SELECT item.*, $5, $6, $7 FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS item
"""
_RATES = """
    INSERT INTO shipping_rate (id, vendor_id, country, currency, base_minor, per_unit_minor)
    SELECT item.id, item.vendor_id, $4, $5, 0, item.minor
    FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS item (id, vendor_id, minor)
"""
_POLICIES = """
    INSERT INTO sla_policy (id, vendor_id, accept_hours, ship_hours, warn_hours, time_zone,
        working_days, opens, closes, holiday_country, holiday_region)
    SELECT item.id, item.vendor_id, 18, 45, 9, $4, '12345', '09:00', '18:00', $5, item.region
    FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS item (id, vendor_id, region)
"""
_PRODUCTS = """
    INSERT INTO product (id, slug, name, description, category, tax_category, created_at)
    SELECT item.id, item.code, 'Product ' || left(item.code, 8), '', 'general', 'standard', $3
    FROM unnest($1::uuid[], $2::text[]) AS item (id, code)
"""
_VARIANTS = """
    INSERT INTO variant (id, product_id, sku, name)
    SELECT item.* FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS item
"""
_OFFERS = """
    INSERT INTO offer (id, vendor_id, variant_id, price_minor, currency, is_active, created_at)
    SELECT item.*, $5, true, $6
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[]) AS item
"""
_CUSTOMERS = """
    INSERT INTO customer (id, email, name, created_at)
    SELECT item.*, $4 FROM unnest($1::uuid[], $2::text[], $3::text[]) AS item
"""
_CHANNEL = """
    INSERT INTO channel (id, code, name, currency, locale, time_zone, countries, prices_include_tax)
    VALUES ($1, $2, $3, $4, 'pt_BR', $5, jsonb_build_array($6::text), true)
"""
_TAX = """
    INSERT INTO tax_rate (id, country, tax_category, rate_ppm, liable)
    VALUES ($1, $2, 'standard', 0, 'vendor')
"""
_COMMISSION = """
    INSERT INTO commission_rule (id, version, rate_ppm, vat_ppm, valid_from)
    VALUES ($1, 1, $2, $3, $4)
"""


async def prepare(plan: Plan, varied: Variation) -> bool:
    """Set up what the plan needs, once; whether that was now.

    Refuses a database that holds anything else: another marketplace, another history, or another
    part of this one.
    """
    opened = opens_at(plan)
    async with transaction(SYSTEM):
        channels = await Channel.all()
        if channels:
            _check_ours(channels, plan, varied)
            return False
        ids = {seller_id: new_id(opened) for seller_id in plan.sellers}
        channel = await _add_terms(plan, varied, opened)
        await payout_terms.agree(currency=CURRENCY, now=opened)
        await _add_vendors(plan, ids, varied, opened)
        await _add_offers(plan, ids, varied, opened)
        await _add_customers(plan, opened)
        await varied.begin(channel, now=opened)
    return True


def opens_at(plan: Plan) -> datetime:
    """When the marketplace of a history opens: before its first purchase."""
    return plan.orders[0].times.purchased_at - OPENS_BEFORE


def customer_email(customer_id: str) -> str:
    """Nobody's: a replay writes to nobody, and neither can a mistake."""
    return f"{customer_id}@customer.invalid"


def _check_ours(channels: list[Channel], plan: Plan, varied: Variation) -> None:
    [first, *others] = channels
    if first.code == CHANNEL and not others:
        if first.name == _channel_name(plan, varied):
            return
        raise ReplayRefused(
            f"this database holds a replay of something else ({first.name}); `--fresh` starts "
            "over, and the same history with the same options goes on."
        )
    raise ReplayRefused(
        "this database holds a marketplace already; a replay needs an empty one of its own."
    )


def _channel_name(plan: Plan, varied: Variation) -> str:
    return f"Replay of {len(plan.orders)} orders, {plan.fingerprint}{varied}"


async def _add_terms(plan: Plan, varied: Variation, now: datetime) -> Channel:
    run = connection().execute
    name = _channel_name(plan, varied)
    await run(_CHANNEL, new_id(now), CHANNEL, name, CURRENCY, ZONE, COUNTRY)
    await run(_TAX, new_id(now), COUNTRY)
    await run(_COMMISSION, new_id(now), COMMISSION_PPM, COMMISSION_VAT_PPM, now)
    return await Channel.get(code=CHANNEL)


async def _add_vendors(plan: Plan, ids: dict[str, UUID], varied: Variation, now: datetime) -> None:
    run = connection().execute
    places = [plan.sellers[seller_id] for seller_id in ids]
    vendor_ids = list(ids.values())
    await run(
        _VENDORS,
        vendor_ids,
        list(ids),
        [f"Seller {place.id[:8]}, {place.city.title()}" for place in places],
        [f"{seller_id}@seller.invalid" for seller_id in ids],
        COUNTRY,
        ZONE,
        now,
    )
    await shelving.add_locations(
        vendor_ids, places, country=COUNTRY, twice=varied.two_places, at=now
    )
    freight = _usual_freight(plan)
    rates = [freight[seller_id] for seller_id in ids]
    await run(_RATES, _new_ids(ids, now), vendor_ids, rates, COUNTRY, CURRENCY)
    regions = [_region(place) for place in places]
    await run(_POLICIES, _new_ids(ids, now), vendor_ids, regions, ZONE, COUNTRY)


def _usual_freight(plan: Plan) -> dict[str, int]:
    """A seller's freight for one unit, on average: what a later buyer would be asked for."""
    freight: Counter[str] = Counter()
    units: Counter[str] = Counter()
    for order in plan.orders:
        freight.update(order.freight_minor)
        for line in order.lines:
            units[line.offer.seller_id] += line.quantity
    return {seller_id: freight[seller_id] // units[seller_id] for seller_id in units}


def _region(place: Place) -> str | None:
    """The state whose holidays count, if it is one of Brazil's."""
    return place.state if place.state in country_holidays(COUNTRY).subdivisions else None


async def _add_offers(
    plan: Plan, vendors: dict[str, UUID], varied: Variation, now: datetime
) -> None:
    run = connection().execute
    prices, units = plan.first_prices, plan.units
    products = {key.product_id: new_id(now) for key in prices}
    await run(_PRODUCTS, list(products.values()), list(products), now)
    variants: dict[str, OfferKey] = {key.sku: key for key in prices}
    variant_ids = {sku: new_id(now) for sku in variants}
    await run(
        _VARIANTS,
        list(variant_ids.values()),
        [products[key.product_id] for key in variants.values()],
        list(variants),
        ["" if key.variant == 1 else f"variant {key.variant}" for key in variants.values()],
    )
    offers = {key: new_id(now) for key in prices}
    await run(
        _OFFERS,
        list(offers.values()),
        [vendors[key.seller_id] for key in offers],
        [variant_ids[key.sku] for key in offers],
        list(prices.values()),
        CURRENCY,
        now,
    )
    stocked = [(offers[key], vendors[key.seller_id], units[key]) for key in offers]
    await shelving.add_stock(stocked, twice=varied.two_places, at=now)


async def _add_customers(plan: Plan, now: datetime) -> None:
    await connection().execute(
        _CUSTOMERS,
        _new_ids(plan.customers, now),
        [customer_email(customer_id) for customer_id in plan.customers],
        [f"Customer {customer_id[:8]}" for customer_id in plan.customers],
        now,
    )


def _new_ids(things: Collection[object], now: datetime) -> list[UUID]:
    return [new_id(now) for _ in things]
