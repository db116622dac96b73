"""A few orders in each stage of their lives, by the operations that the faces call."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from marketplace.checkout import paying, placing
from marketplace.kit.principal import SYSTEM, Kind, Principal, VendorRole
from marketplace.kit.transactions import transaction
from marketplace.orders import accepting, delivering, shipping
from marketplace.orders.models import Shipment, SubOrder
from marketplace.payments.gateway import PaymentGateway
from marketplace.payments.models import AttemptState
from marketplace_runtime.benching.ordering import shop
from marketplace_runtime.benching.ordering.shop import Shop

OF_EACH = 4  # samples of each stage
GUEST = Principal(Kind.GUEST)
OWNER = frozenset({VendorRole.OWNER})


@dataclass(frozen=True, slots=True)
class Stage:
    """`share` of all orders are in it; copies of an open one are recent, of others months old."""

    name: str
    share: float
    is_open: bool
    steps: tuple["Step", ...]


@dataclass(frozen=True, slots=True)
class Sample:
    stage: Stage
    order_id: UUID


@dataclass(frozen=True, slots=True)
class At:
    order_id: UUID
    gateway: PaymentGateway
    now: datetime


Step = Callable[[At], Awaitable[None]]


async def pay(at: At) -> None:
    result = await paying.pay_order(
        principal=SYSTEM, order_id=at.order_id, payment_method="pm_card_visa",
        return_url="https://shop.invalid/back", key=f"pay-{at.order_id}", gateway=at.gateway,
        now=at.now,
    )  # fmt: skip
    assert result.state is AttemptState.CAPTURED, result


async def accept(at: At) -> None:
    for vendor, sub_order in await _parts(at.order_id):
        await accepting.accept(principal=vendor, sub_order_id=sub_order.id, now=at.now)


async def ship(at: At) -> None:
    for vendor, sub_order in await _parts(at.order_id):
        await shipping.ship(
            principal=vendor, sub_order_id=sub_order.id, carrier="DHL",
            tracking_number=sub_order.number, key=f"ship-{sub_order.id}", now=at.now,
        )  # fmt: skip


async def deliver(at: At) -> None:
    async with transaction(SYSTEM, read_only=True):
        under_way = await Shipment.filter(order_id=at.order_id)
    for shipment in under_way:
        await delivering.deliver(principal=SYSTEM, shipment_id=shipment.id, now=at.now)


STAGES = (
    Stage("delivered", 0.88, False, (pay, accept, ship, deliver)),
    Stage("shipped", 0.05, False, (pay, accept, ship)),
    Stage("accepted", 0.04, True, (pay, accept)),
    Stage("awaiting acceptance", 0.02, True, (pay,)),
    Stage("unpaid", 0.01, True, ()),
)


async def make(open_shop: Shop, gateway: PaymentGateway, now: datetime) -> list[Sample]:
    made = []
    for stage in STAGES:
        baskets = [open_shop.basket(lines=3, vendors=2) for _ in range(OF_EACH)]
        for nth, basket in enumerate(baskets):
            at = now - timedelta(minutes=nth)
            made.append(await make_one(open_shop, stage, basket, gateway, at))
    return made


async def make_one(
    open_shop: Shop, stage: Stage, basket: Sequence[UUID], gateway: PaymentGateway, now: datetime
) -> Sample:
    """An order of these offers, one piece each, led into a stage."""
    [token] = await shop.fill_carts(open_shop, [basket])
    order_id = await placing.place_order(principal=GUEST, token=token, key=token, now=now)
    for step in stage.steps:
        await step(At(order_id, gateway, now))
    return Sample(stage, order_id)


async def _parts(order_id: UUID) -> list[tuple[Principal, SubOrder]]:
    async with transaction(SYSTEM, read_only=True):
        parts = await SubOrder.filter(order_id=order_id)
    return [(Principal(Kind.VENDOR, part.vendor_id, part.vendor_id, OWNER), part) for part in parts]
