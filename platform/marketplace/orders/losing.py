"""Parcels that did not arrive: lost, or back at the sender. Somebody decides how it goes on."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from marketplace.inventory import recommitting
from marketplace.kit.errors import IllegalMove, InvalidInput
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import atomic, connection, elevated
from marketplace.orders import breaches, finishing, held, locking, moving, parcels, refunding
from marketplace.orders.events import (
    SubOrderCancelled,
    SubOrderEvent,
    SubOrderReplacing,
    SubOrderWrittenOff,
)
from marketplace.orders.models import OrderLine, Shipment, SubOrder
from marketplace.orders.states import GONE, ShipmentMove, ShipmentState, SubOrderMove, SubOrderState
from marketplace.orders.tracks import Resolution
from marketplace.sla import clocks, starting
from marketplace.sla.models import ClockKind
from marketplace.sla.starting import Wanted

LONGEST_REASON = 200

_RESOLVED = "UPDATE shipment SET resolution = $2 WHERE id = $1"
_BACK = """
    UPDATE order_line SET shipped = shipped - item.units,
        cancelled = cancelled + CASE WHEN $3 THEN item.units ELSE 0 END
    FROM unnest($1::uuid[], $2::int[]) AS item (id, units) WHERE order_line.id = item.id
"""


@atomic()
async def report(
    *,
    principal: Principal,
    shipment_id: UUID,
    came_back: bool,
    reason: str,
    now: datetime,
) -> None:
    """A vendor or staff says that a parcel is lost, or has come back, before its carrier does.

    Refuses parcels that are not on their way (IllegalMove), and no or a long reason.
    """
    locking.refuse_outsiders(principal)
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise InvalidInput("reason", "it is empty or too long", f"1 to {LONGEST_REASON} characters")
    found = await parcels.find(shipment_id, by=principal)
    await locking.lock_sub_order(found.sub_order_id, by=principal)
    shipment = await Shipment.get(id=shipment_id)
    step = ShipmentMove.SEND_BACK if came_back else ShipmentMove.LOSE
    await parcels.move(shipment, step, by=principal, now=now, reason=reason.strip())
    await await_answer(shipment, now=now)


async def await_answer(shipment: Shipment, *, now: datetime) -> None:
    """It will not arrive: from now on its vendor is to say how it goes on."""
    await clocks.void(subject_ids=[shipment.id], now=now)
    answer = Wanted(
        kind=ClockKind.ANSWER_BY,
        subject_id=shipment.id,
        sub_order_id=shipment.sub_order_id,
        order_id=shipment.order_id,
        vendor_id=shipment.vendor_id,
    )
    await starting.start([answer], now=now)


@atomic()
async def resolve(
    *,
    principal: Principal,
    shipment_id: UUID,
    wish: Resolution,
    now: datetime,
    is_sellable: bool = False,
) -> Resolution:
    """Send a lost or returned parcel's units again, or pay them back; answers with what it was.

    What came back `is_sellable` is on the shelf again before. Where too little is free to send
    again, or the customer has money back for it already, it is paid back. With the last live unit
    the shipping is paid back as well. Refuses parcels that are neither lost nor returned, and
    those decided before (IllegalMove).
    """
    locking.refuse_outsiders(principal)
    found = await parcels.find(shipment_id, by=principal)
    sub_order = await locking.lock_sub_order(found.sub_order_id, by=principal)
    shipment = await Shipment.get(id=shipment_id)
    if shipment.state not in GONE or shipment.resolution is not None:
        raise IllegalMove("shipment", shipment.resolution or shipment.state, wish)
    units = await parcels.contents(shipment.id)
    if is_sellable and shipment.state is ShipmentState.RETURNED_TO_SENDER:
        await recommitting.put_back(units, by=principal, now=now)
    lines = await OrderLine.filter(sub_order_id=sub_order.id).order_by("id")
    done = Resolution.REFUNDED
    if wish is Resolution.REPLACED and not _has_money_back(lines, units):
        short = await recommitting.recommit(units)
        done = Resolution.REFUNDED if short else Resolution.REPLACED
    await connection().execute(_RESOLVED, shipment.id, done)
    late = await clocks.meet(subject_ids=[shipment.id], kind=ClockKind.ANSWER_BY, now=now)
    await breaches.record(late, now=now)
    await _go_on(sub_order, shipment, lines, units, done, by=principal, now=now)
    return done


def _has_money_back(lines: Sequence[OrderLine], units: Mapping[UUID, int]) -> bool:
    return any(line.refunded > line.refused + line.cancelled for line in lines if line.id in units)


async def _go_on(
    sub_order: SubOrder,
    shipment: Shipment,
    lines: Sequence[OrderLine],
    units: Mapping[UUID, int],
    done: Resolution,
    *,
    by: Principal,
    now: datetime,
) -> None:
    """Count the units out of the parcel, give money back, and move the sub-order."""
    is_refund = done is Resolution.REFUNDED
    out = sum(line.shipped for line in lines) - sum(units.values())
    live = sum(line.live for line in lines) - (sum(units.values()) if is_refund else 0)
    step = _step(out=out, is_refund=is_refund)
    await connection().execute(_BACK, list(units), list(units.values()), is_refund)
    words = "lost" if shipment.state is ShipmentState.LOST else "returned"
    if is_refund:
        async with elevated():
            await refunding.give_back(
                sub_order=sub_order, units=units, with_shipping=live == 0,
                reason=f"The parcel was {words}", by=by, now=now,
            )  # fmt: skip
    # Partly shipped, its vendor is still held to the day that it has.
    is_due_again = not is_refund and sub_order.state is SubOrderState.SHIPPED
    event = _event(sub_order, shipment.id, is_refund=is_refund, is_over=live == 0)
    await moving.move(
        [sub_order], step, tell=lambda _: event, by=by, now=now, reason=f"parcel {words}"
    )
    if live == 0:
        await clocks.void(subject_ids=[sub_order.id], now=now)
        async with elevated():
            note = f"The parcel was {words}"
            await held.let_go(sub_order.order_id, note=note, by=by, now=now)
    elif is_due_again:
        ship = Wanted(
            kind=ClockKind.SHIP_BY,
            sub_order_id=sub_order.id,
            order_id=sub_order.order_id,
            vendor_id=sub_order.vendor_id,
        )
        await starting.start([ship], now=now, again=True)
    await finishing.finish(sub_order, by=by, now=now)


def _step(*, out: int, is_refund: bool) -> SubOrderMove:
    """`out` units are still out of the door, or have arrived."""
    if not is_refund:
        return SubOrderMove.RESHIP_PART if out else SubOrderMove.RESHIP
    return SubOrderMove.WRITE_OFF_PART if out else SubOrderMove.WRITE_OFF


def _event(
    sub_order: SubOrder, shipment_id: UUID, *, is_refund: bool, is_over: bool
) -> SubOrderEvent:
    order_id, sub_order_id = sub_order.order_id, sub_order.id
    if is_over:
        return SubOrderCancelled(order_id=order_id, sub_order_id=sub_order_id)
    kind = SubOrderWrittenOff if is_refund else SubOrderReplacing
    return kind(order_id=order_id, sub_order_id=sub_order_id, shipment_id=shipment_id)
