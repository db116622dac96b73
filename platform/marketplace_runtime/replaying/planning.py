"""What a replay will do: which offers there are, and which order takes which step when. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from hashlib import sha256

from marketplace_runtime.replaying import bending
from marketplace_runtime.replaying.bending import Bent, Times
from marketplace_runtime.replaying.rows import Ending, History, ItemRow, OrderRow, Place


class Step(IntEnum):
    """An order's steps in their order; its stage in the database is the number of those done."""

    PLACE = 0
    PAY = 1
    SHIP = 2
    DELIVER = 3
    REFUND = 4


@dataclass(frozen=True, slots=True, order=True)
class OfferKey:
    """One seller's price for one product. `variant` is above 1 where an order holds the product
    of this seller at more than one price: an offer has one price at a time."""

    product_id: str
    seller_id: str
    variant: int

    @property
    def sku(self) -> str:
        return self.product_id if self.variant == 1 else f"{self.product_id}-{self.variant}"


@dataclass(frozen=True, slots=True)
class Line:
    offer: OfferKey
    quantity: int
    price_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedOrder:
    """`freight_minor` and `ship_by` are by seller; `deliver_by` is what the customer was told."""

    id: str
    customer_id: str
    is_canceled: bool
    times: Times
    lines: tuple[Line, ...]
    freight_minor: Mapping[str, int]
    ship_by: Mapping[str, datetime]
    deliver_by: datetime

    @property
    def total_minor(self) -> int:
        items = sum(line.quantity * line.price_minor for line in self.lines)
        return items + sum(self.freight_minor.values())


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One step of one order, `number` being its place among the orders by purchase."""

    at: datetime
    number: int
    step: Step


@dataclass(frozen=True, slots=True)
class Plan:
    """`bent` tells of the planned orders' rows alone."""

    orders: Sequence[PlannedOrder]
    sellers: Mapping[str, Place]
    customers: Mapping[str, Place]
    bent: Sequence[Bent]

    @property
    def first_prices(self) -> dict[OfferKey, int]:
        """What each offer costs when it is first bought."""
        prices: dict[OfferKey, int] = {}
        for order in self.orders:
            for line in order.lines:
                prices.setdefault(line.offer, line.price_minor)
        return prices

    @property
    def units(self) -> Counter[OfferKey]:
        """How many pieces of each offer are ever bought."""
        counted: Counter[OfferKey] = Counter()
        for order in self.orders:
            for line in order.lines:
                counted[line.offer] += line.quantity
        return counted

    @property
    def fingerprint(self) -> str:
        """Differs for another history and for another part of it."""
        return sha256(repr(self.orders).encode()).hexdigest()[:16]

    def timeline(self) -> list[Entry]:
        """Every step of every order as time passed; an order's own steps keep their order."""
        return sorted(
            entry for number, order in enumerate(self.orders) for entry in _entries(number, order)
        )


def make_plan(history: History, *, limit: int | None = None) -> Plan:
    """Plan the first `limit` orders by purchase, or all; their sellers and customers only."""
    orders, bent = [], []
    for row in history.orders[:limit]:
        items = sorted(history.items[row.id], key=lambda item: item.number)
        times, bent_times = bending.times(row)
        bent += [*bent_times, *bending.others(row, items, history)]
        orders.append(_order(row, items, times))
    sellers = {seller_id for order in orders for seller_id in order.ship_by}
    customers = {order.customer_id for order in orders}
    return Plan(
        orders=orders,
        sellers={seller_id: history.sellers[seller_id] for seller_id in sorted(sellers)},
        customers={
            customer_id: history.customers.get(customer_id, _unknown(customer_id))
            for customer_id in sorted(customers)
        },
        bent=bent,
    )


def _order(row: OrderRow, items: Sequence[ItemRow], times: Times) -> PlannedOrder:
    freight: Counter[str] = Counter()
    for item in items:
        freight[item.seller_id] += item.freight_minor
    return PlannedOrder(
        id=row.id,
        customer_id=row.customer_id,
        is_canceled=row.ending is Ending.CANCELED,
        times=times,
        lines=_lines(items),
        freight_minor=dict(freight),
        ship_by={item.seller_id: bending.in_utc(item.ship_by) for item in items},
        deliver_by=bending.day_over(row.estimated),
    )


def _lines(items: Sequence[ItemRow]) -> tuple[Line, ...]:
    """Units of one product, seller and price are one line, in the order they were listed."""
    variants: dict[tuple[str, str], list[int]] = {}
    units: Counter[tuple[OfferKey, int]] = Counter()
    for item in items:
        prices = variants.setdefault((item.product_id, item.seller_id), [])
        if item.price_minor not in prices:
            prices.append(item.price_minor)
        variant = prices.index(item.price_minor) + 1
        units[OfferKey(item.product_id, item.seller_id, variant), item.price_minor] += 1
    return tuple(Line(offer, quantity, price) for (offer, price), quantity in units.items())


def _entries(number: int, order: PlannedOrder) -> Iterator[Entry]:
    yield Entry(order.times.purchased_at, number, Step.PLACE)
    yield Entry(order.times.paid_at, number, Step.PAY)
    yield Entry(order.times.handed_over_at, number, Step.SHIP)
    yield Entry(order.times.delivered_at, number, Step.DELIVER)
    if order.is_canceled:
        yield Entry(order.times.delivered_at, number, Step.REFUND)


def _unknown(customer_id: str) -> Place:
    return Place(line=0, id=customer_id, postal_code="unknown", city="unknown", state="")
