"""Orders that have come some way, made by the operations that the faces call."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from marketplace.accounts.models import Vendor
from marketplace.kit.principal import SYSTEM, Principal
from marketplace.kit.transactions import transaction
from marketplace.orders import accepting, shipping
from marketplace.orders.models import OrderLine, SubOrder
from marketplace.payments import refunds
from marketplace.payments.models import Refund
from marketplace.payments.states import RefundMove
from tests.factories import (
    NOON,
    make_offer,
    make_order,
    make_vendor,
    member,
    parts_of,
    pay,
)

LATER = NOON + timedelta(hours=1)


@dataclass(frozen=True)
class TwoVendors:
    """Three mugs of Kiln & Co at 12,00 and one bowl of Loom at 30,00, each with 4,00 shipping."""

    order_id: UUID
    kiln: Vendor
    loom: Vendor
    mugs: SubOrder
    bowl: SubOrder

    @property
    def mug(self) -> OrderLine:
        return next(iter(self.mugs.lines))


async def two_vendors(
    *, paid: bool = True, fee: int | None = None, loom: str = "Loom", now: datetime = NOON
) -> TwoVendors:
    kiln, weaver = await make_vendor(), await make_vendor(name=loom)
    mug = await make_offer(vendor=kiln, price=12_00)
    bowl = await make_offer(vendor=weaver, sku="bowl", price=30_00)
    basket = {mug.id: 3, bowl.id: 1}
    order_id = await make_order(basket, key=str(uuid4()), now=now)
    if paid:
        await pay(order_id, now=now, fee=fee)
    parts = {part.vendor_id: part for part in await parts_of(order_id)}
    return TwoVendors(order_id, kiln, weaver, parts[kiln.id], parts[weaver.id])


async def accept(
    part: SubOrder,
    *,
    by: Principal | None = None,
    refused: dict[UUID, int] | None = None,
    reason: str | None = None,
    now: datetime = LATER,
) -> None:
    await accepting.accept(
        principal=by or member(part.vendor_id),
        sub_order_id=part.id,
        refused=refused,
        reason=reason,
        now=now,
    )


async def ship(
    part: SubOrder,
    *,
    units: dict[UUID, int] | None = None,
    number: str = "JD014600003RT",
    now: datetime = LATER,
) -> UUID:
    return await shipping.ship(
        principal=member(part.vendor_id),
        sub_order_id=part.id,
        units=units,
        carrier="DHL",
        tracking_number=number,
        key=number,
        now=now,
    )


async def send(part: SubOrder, *, number: str = "JD014600003RT") -> UUID:
    """Accepted and shipped whole."""
    await accept(part)
    return await ship(part, number=number)


async def finish_refund(
    order_id: UUID, *moves: RefundMove, failure: str | None = None, now: datetime = LATER
) -> None:
    """What the provider says of the order's one refund."""
    async with transaction(SYSTEM):
        refund = await Refund.get(order_id=order_id)
        for step in moves:
            await refunds.move(
                refund, step, actor="provider", now=now,
                failure=failure if step is RefundMove.FAIL else None,
            )  # fmt: skip


async def counts(sql: str, *values: object) -> int:
    async with transaction(SYSTEM, read_only=True) as connected:
        found: int = await connected.fetchval(sql, *values)
        return found
