"""One query a level: what the resolvers of one request ask for one by one is read together."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from strawberry.dataloader import DataLoader

from marketplace.catalog import queries as catalog
from marketplace.catalog.queries import (
    ChannelView,
    OfferView,
    ProductView,
    VariantView,
    VendorView,
)
from marketplace.checkout import queries as checkout
from marketplace.checkout.queries import CartLineView
from marketplace.inventory import promising
from marketplace.inventory import queries as inventory
from marketplace.inventory.promising import Promise
from marketplace.kit.principal import Kind, Principal
from marketplace.orders import timelines
from marketplace.orders.timelines import EventsAsked
from marketplace.orders.views import OrderEventView

ANYBODY = Principal(Kind.GUEST)
EventsKey = tuple[Principal, EventsAsked]
PromiseKey = tuple[UUID, str | None, datetime]  # the offer, the country it goes to, and when


async def _channels(ids: list[UUID]) -> list[ChannelView]:
    found = await catalog.channels_by_id(principal=ANYBODY, ids=ids)
    return [found[key] for key in ids]


async def _products(ids: list[UUID]) -> list[ProductView | None]:
    found = await catalog.products(principal=ANYBODY, ids=ids)
    return [found.get(key) for key in ids]


async def _variants(ids: list[UUID]) -> list[VariantView]:
    found = await catalog.variants(principal=ANYBODY, ids=ids)
    return [found[key] for key in ids]


async def _variants_of(product_ids: list[UUID]) -> list[list[VariantView]]:
    by_product: defaultdict[UUID, list[VariantView]] = defaultdict(list)
    for variant in await catalog.variants_of(principal=ANYBODY, product_ids=product_ids):
        by_product[variant.product_id].append(variant)
    return [by_product[key] for key in product_ids]


async def _offers(ids: list[UUID]) -> list[OfferView | None]:
    found = await catalog.offers(principal=ANYBODY, ids=ids)
    return [found.get(key) for key in ids]


async def _offers_of(variant_ids: list[UUID]) -> list[list[OfferView]]:
    by_variant: defaultdict[UUID, list[OfferView]] = defaultdict(list)
    for offer in await catalog.offers_of(principal=ANYBODY, variant_ids=variant_ids):
        by_variant[offer.variant_id].append(offer)
    return [by_variant[key] for key in variant_ids]


async def _vendors(ids: list[UUID]) -> list[VendorView]:
    found = await catalog.vendors(principal=ANYBODY, ids=ids)
    return [found[key] for key in ids]


async def _available(offer_ids: list[UUID]) -> list[int]:
    found = await inventory.available(principal=ANYBODY, offer_ids=offer_ids)
    return [found.get(key, 0) for key in offer_ids]


async def _promises(keys: list[PromiseKey]) -> list[Promise]:
    answers: dict[PromiseKey, Promise] = {}
    for destination, now in dict.fromkeys((place, moment) for _, place, moment in keys):
        offer_ids = [offer_id for offer_id, *where in keys if where == [destination, now]]
        found = await promising.promise(
            principal=ANYBODY, offer_ids=offer_ids, now=now, destination=destination
        )
        answers |= {(one, destination, now): promise for one, promise in found.items()}
    return [answers[key] for key in keys]


async def _cart_lines(cart_ids: list[UUID]) -> list[list[CartLineView]]:
    found = await checkout.lines_of(principal=ANYBODY, cart_ids=cart_ids)
    return [found.get(key, []) for key in cart_ids]


async def _order_events(keys: list[EventsKey]) -> Sequence[list[OrderEventView]]:
    answers: dict[EventsKey, list[OrderEventView]] = {}
    for principal in dict.fromkeys(principal for principal, _ in keys):
        asked = [one for who, one in keys if who == principal]
        found = await timelines.of_orders(principal=principal, asked=asked)
        answers |= {(principal, one): events for one, events in zip(asked, found, strict=True)}
    return [answers[key] for key in keys]


@dataclass(slots=True)
class Loaders:
    """Made for one request and gone with it; nothing is remembered beyond."""

    channels: DataLoader[UUID, ChannelView] = field(default_factory=lambda: DataLoader(_channels))
    products: DataLoader[UUID, ProductView | None] = field(
        default_factory=lambda: DataLoader(_products)
    )
    variants: DataLoader[UUID, VariantView] = field(default_factory=lambda: DataLoader(_variants))
    variants_of: DataLoader[UUID, list[VariantView]] = field(
        default_factory=lambda: DataLoader(_variants_of)
    )
    offers: DataLoader[UUID, OfferView | None] = field(default_factory=lambda: DataLoader(_offers))
    offers_of: DataLoader[UUID, list[OfferView]] = field(
        default_factory=lambda: DataLoader(_offers_of)
    )
    vendors: DataLoader[UUID, VendorView] = field(default_factory=lambda: DataLoader(_vendors))
    available: DataLoader[UUID, int] = field(default_factory=lambda: DataLoader(_available))
    promises: DataLoader[PromiseKey, Promise] = field(default_factory=lambda: DataLoader(_promises))
    cart_lines: DataLoader[UUID, list[CartLineView]] = field(
        default_factory=lambda: DataLoader(_cart_lines)
    )
    order_events: DataLoader[EventsKey, list[OrderEventView]] = field(
        default_factory=lambda: DataLoader(_order_events)
    )
