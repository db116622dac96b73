"""Pick-up in store: ready, collected with a code, or given up when nobody came."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from marketplace.inventory.models import Location
from marketplace.kit import idempotency, one_by_one
from marketplace.kit.errors import DomainError, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM, Principal
from marketplace.kit.transactions import atomic, connection, transaction
from marketplace.orders import (
    breaches,
    delivering,
    held,
    locking,
    packing,
    parcels,
    refunding,
    shipping,
    taking_off,
)
from marketplace.orders.models import OrderLine, Shipment
from marketplace.orders.states import (
    SHIPMENT,
    SUB_ORDER,
    ShipmentMove,
    ShipmentState,
    SubOrderMove,
)
from marketplace.sla import clocks, starting
from marketplace.sla.models import ClockKind
from marketplace.sla.starting import Wanted

OPERATION = "ready_for_pickup"
NOT_COLLECTED = "Not collected in time"
# Told at a counter: nothing that sounds or looks like something else.
ALPHABET = "ACDEFHJKLMNPRTUVWXY3479"
CODE_LENGTH = 6

_COLLECT_DAYS = """
    SELECT channel.collect_days FROM orders JOIN channel ON channel.id = orders.channel_id
    WHERE orders.id = $1
"""
# Nobody could collect it while its order stood still: that time comes on top.
_OVERDUE = f"""
    SELECT shipment.id FROM shipment {held.PICKUP_HELD}
    WHERE shipment.state = 'ready_for_pickup' AND shipment.collect_by < $1 AND NOT held.lasts
        AND {held.COLLECT_BY} < $1
    ORDER BY shipment.collect_by LIMIT $2
"""


@dataclass(eq=False)
class WrongPickupCode(DomainError):
    code: ClassVar[str] = "WRONG_PICKUP_CODE"
    field: ClassVar[str | None] = "code"

    typed: str

    @property
    def message(self) -> str:
        return "This is not the code of this order. Please ask the customer to read it once more."


@atomic()
async def make_ready(
    *,
    principal: Principal,
    sub_order_id: UUID,
    location_id: UUID,
    key: str,
    now: datetime,
    units: Mapping[UUID, int] | None = None,
) -> UUID:
    """Lay units by line, or all that is left, ready at one of the vendor's places; the parcel's id.

    The customer gets a code, and as many days as the channel gives. The same key answers with
    what it made. Refuses what `shipping.ship` refuses, and other vendors' places.
    """
    locking.refuse_outsiders(principal)
    sub_order = await locking.lock_sub_order(sub_order_id, by=principal)
    shipment_id = new_id(now)
    request = f"{sub_order_id}:{location_id}:{sorted((units or {}).items())}"
    made = await idempotency.claim(
        by=principal, operation=OPERATION, key=key, request=request, result_id=shipment_id, now=now
    )
    if made is not None:
        return made
    await held.refuse_held(sub_order)
    if not await Location.filter(id=location_id, vendor_id=sub_order.vendor_id).exists():
        raise NotFound("location")
    SUB_ORDER.after(sub_order.state, SubOrderMove.SHIP_REST)
    lines = await OrderLine.filter(sub_order_id=sub_order.id).order_by("position")
    contents = await packing.choose(sub_order, lines, units, action="laid ready")
    days: int = await connection().fetchval(_COLLECT_DAYS, sub_order.order_id)
    shipment = await packing.create(
        sub_order,
        contents,
        shipment_id=shipment_id,
        state=SHIPMENT.start,
        carrier="",
        tracking_number="",
        location_id=location_id,
        pickup_code="".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)),
        collect_by=now + timedelta(days=days),
        now=now,
    )
    await parcels.move(shipment, ShipmentMove.MAKE_READY, by=principal, now=now)
    wait = Wanted(
        kind=ClockKind.COLLECT_BY,
        subject_id=shipment_id,
        sub_order_id=sub_order.id,
        order_id=sub_order.order_id,
        vendor_id=sub_order.vendor_id,
        fixed_due_at=shipment.collect_by,
    )
    await starting.start([wait], now=now)
    return shipment_id


@atomic()
async def collect(*, principal: Principal, shipment_id: UUID, code: str, now: datetime) -> None:
    """The customer takes it along: shipped and delivered in one.

    Refuses another code (WrongPickupCode), what is on hold (OnHold), and what is not ready any
    more (IllegalMove).
    """
    locking.refuse_outsiders(principal)
    found = await parcels.find(shipment_id, by=principal)
    sub_order = await locking.lock_sub_order(found.sub_order_id, by=principal)
    await held.refuse_held(sub_order)
    shipment = await Shipment.get(id=shipment_id)
    SHIPMENT.after(shipment.state, ShipmentMove.COLLECT)
    typed = "".join(code.split()).upper()
    if not secrets.compare_digest(typed.encode(), (shipment.pickup_code or "").encode()):
        raise WrongPickupCode(code)
    contents = await parcels.contents(shipment.id)
    await parcels.move(shipment, ShipmentMove.COLLECT, by=principal, now=now)
    late = await clocks.meet(subject_ids=[shipment.id], kind=ClockKind.COLLECT_BY, now=now)
    await breaches.record(late, now=now)
    await shipping.send(sub_order, shipment.id, contents, by=principal, now=now)
    await delivering.count_delivered(sub_order, shipment, by=principal, now=now)


async def give_up_due(*, now: datetime, limit: int = 100) -> int:
    """What nobody collected in time is cancelled and paid back; how many parcels that was."""
    async with transaction(SYSTEM, read_only=True):
        rows = await connection().fetch(_OVERDUE, now, limit)

    async def give_up(shipment_id: UUID) -> bool:
        return await _give_up(shipment_id, now)

    return await one_by_one.each((row["id"] for row in rows), give_up, what="giving up the parcel")


async def _give_up(shipment_id: UUID, now: datetime) -> bool:
    async with transaction(SYSTEM):
        found = await parcels.find(shipment_id, by=SYSTEM)
        sub_order = await locking.lock_sub_order(found.sub_order_id, by=SYSTEM)
        shipment = await Shipment.get(id=shipment_id)
        if shipment.state is not ShipmentState.READY_FOR_PICKUP:
            return False  # collected meanwhile
        if await held.among([sub_order.id]):
            return False  # held meanwhile
        await parcels.move(shipment, ShipmentMove.CANCEL, by=SYSTEM, now=now, reason=NOT_COLLECTED)
        await clocks.void(subject_ids=[shipment.id], now=now)
        units = await parcels.contents(shipment.id)
        lines = await OrderLine.filter(sub_order_id=sub_order.id).order_by("id")
        whole = taking_off.step_of(sub_order, lines, units) is SubOrderMove.CANCEL
        await refunding.give_back(
            sub_order=sub_order, units=units, with_shipping=whole, reason=NOT_COLLECTED,
            by=SYSTEM, now=now,
        )  # fmt: skip
        await taking_off.take_off(sub_order, lines, units, by=SYSTEM, now=now, reason=NOT_COLLECTED)
    return True
