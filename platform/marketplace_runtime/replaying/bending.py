"""Read what is dirty in a history so that it can have happened; say of each row what was bent."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from marketplace_runtime.replaying.rows import (
    CUSTOMERS,
    ITEMS,
    ORDERS,
    Ending,
    History,
    ItemRow,
    OrderRow,
)

ZONE = ZoneInfo("America/Sao_Paulo")


class Kind(StrEnum):
    """Each word is how the row was dirty; docs/replay.md says how it is read."""

    APPROVED_LATE = "payment approved after the carrier had it"
    HANDED_OVER_EARLY = "handed to the carrier before it was bought"
    DELIVERED_EARLY = "delivered before the carrier had it"
    APPROVED_EARLY = "payment approved before it was bought"
    CANCELED_AFTER_DELIVERY = "canceled, yet delivered"
    UNKNOWN_CUSTOMER = "customer without a row"
    TWO_PRICES = "one offer at two prices in one order"
    TIME_TWICE = "local time that happened twice"
    TIME_NEVER = "local time that the clocks skipped"


@dataclass(frozen=True, slots=True)
class Bent:
    """One row, and how it was read instead of what it says."""

    kind: Kind
    file: str
    line: int
    order_id: str
    says: str
    read_as: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """When an order's steps happened, in UTC and in an order that is possible."""

    purchased_at: datetime
    paid_at: datetime
    handed_over_at: datetime
    delivered_at: datetime


def times(order: OrderRow) -> tuple[Times, list[Bent]]:
    """Payment is the approval, or the hand-over where that is earlier, never before the purchase;
    the hand-over is never before the purchase, the delivery never before the hand-over."""
    handed_over = max(order.handed_over, order.purchased)
    paid = max(min(order.approved, handed_over), order.purchased)
    delivered = max(order.delivered, handed_over)
    read = Times(
        purchased_at=in_utc(order.purchased),
        paid_at=in_utc(paid),
        handed_over_at=in_utc(handed_over),
        delivered_at=in_utc(delivered),
    )
    bent = [
        _bent(kind, order, says, read_as)
        for kind, says, read_as in (
            (Kind.APPROVED_EARLY, order.approved, paid),
            (Kind.HANDED_OVER_EARLY, order.handed_over, handed_over),
            (Kind.APPROVED_LATE, order.approved, paid),
            (Kind.DELIVERED_EARLY, order.delivered, delivered),
        )
        if _is(kind, order)
    ]
    moments = (order.purchased, order.approved, order.handed_over, order.delivered)
    for local in dict.fromkeys(moments):
        bent += odd_time(local, file=ORDERS, line=order.line, order_id=order.id)
    return read, bent


def day_over(local: datetime) -> datetime:
    """When the day of a local time has passed, in UTC."""
    return in_utc(datetime.combine(local.date() + timedelta(days=1), time.min))


def _is(kind: Kind, order: OrderRow) -> bool:
    match kind:
        case Kind.APPROVED_EARLY:
            return order.approved < order.purchased
        case Kind.HANDED_OVER_EARLY:
            return order.handed_over < order.purchased
        case Kind.APPROVED_LATE:
            return order.handed_over < order.approved
        case _:
            return order.delivered < order.handed_over


def others(order: OrderRow, items: list[ItemRow], history: History) -> Iterator[Bent]:
    """What is dirty beside an order's own times."""
    if order.ending is Ending.CANCELED:
        yield _bent(
            Kind.CANCELED_AFTER_DELIVERY, order, order.delivered, "refunded in full on delivery"
        )
    if order.customer_id not in history.customers:
        says = f"{order.customer_id} is not in {CUSTOMERS}"
        yield Bent(
            Kind.UNKNOWN_CUSTOMER, ORDERS, order.line, order.id, says, "a customer without a place"
        )
    prices: dict[tuple[str, str], ItemRow] = {}
    for item in items:
        first = prices.setdefault((item.product_id, item.seller_id), item)
        if first.price_minor != item.price_minor:
            says = f"{item.price_minor / 100:.2f}, and {first.price_minor / 100:.2f} in line "
            yield Bent(
                Kind.TWO_PRICES, ITEMS, item.line, order.id, f"{says}{first.line}",
                "another variant of the product",
            )  # fmt: skip
        yield from odd_time(item.ship_by, file=ITEMS, line=item.line, order_id=order.id)


def in_utc(local: datetime) -> datetime:
    """The first of two moments that a clock shows twice; for a time that the clocks skipped, the
    moment when they were changed, so that later local times never come out earlier."""
    aware = local.replace(tzinfo=ZONE)
    found = aware.astimezone(UTC)
    if _offset(local, 0) >= _offset(local, 1):
        return found
    # The zone as it was before still counts the skipped time on; the change is a whole minute.
    before = found
    while before.astimezone(ZONE).utcoffset() != _offset(local, 0):
        before -= timedelta(minutes=1)
    return before.replace(second=0) + timedelta(minutes=1)


def odd_time(local: datetime, *, file: str, line: int, order_id: str) -> list[Bent]:
    before, after = _offset(local, 0), _offset(local, 1)
    if before == after:
        return []
    kind = Kind.TIME_TWICE if before > after else Kind.TIME_NEVER
    read_as = in_utc(local).astimezone(ZONE).isoformat(" ", "minutes")
    return [Bent(kind, file, line, order_id, f"{local:%Y-%m-%d %H:%M}", read_as)]


def _offset(local: datetime, fold: int) -> timedelta:
    offset = local.replace(tzinfo=ZONE, fold=fold).utcoffset()
    assert offset is not None
    return offset


def _bent(kind: Kind, order: OrderRow, says: datetime, read_as: datetime | str) -> Bent:
    as_text = read_as if isinstance(read_as, str) else f"{read_as:%Y-%m-%d %H:%M}"
    return Bent(kind, ORDERS, order.line, order.id, f"{says:%Y-%m-%d %H:%M}", as_text)
