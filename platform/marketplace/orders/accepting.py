"""A vendor says what it can send. What it refuses is given back to the shelf and the customer."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from marketplace.inventory import reserving
from marketplace.kit.errors import InvalidInput, NotFound
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import atomic, connection, elevated
from marketplace.orders import breaches, held, locking, moving, refunding, rerouting
from marketplace.orders.errors import StaleVersion, TooManyUnits
from marketplace.orders.events import SubOrderAccepted, SubOrderRefused
from marketplace.orders.models import OrderLine, SubOrder
from marketplace.orders.states import SUB_ORDER, SubOrderMove
from marketplace.sla import clocks, starting
from marketplace.sla.models import ClockKind
from marketplace.sla.starting import Wanted

LONGEST_REASON = 180  # characters; the history and the refund say a little more

_REFUSE_UNITS = """
    UPDATE order_line SET refused = refused + item.units
    FROM unnest($1::uuid[], $2::int[]) AS item (id, units) WHERE order_line.id = item.id
"""


@atomic()
async def accept(
    *,
    principal: Principal,
    sub_order_id: UUID,
    now: datetime,
    refused: Mapping[UUID, int] | None = None,
    reason: str | None = None,
    expected_version: int | None = None,
) -> SubOrder:
    """Accept a sub-order, less the units refused by line; refusing all of them refuses it whole.

    Accepting starts the ship-by clock. Refused units go to another vendor that has them; else they
    are refunded to the customer at once, with the shipping if nothing is left.
    Refuses (IllegalMove) what is not awaiting acceptance, more units than ordered, and a refusal
    without a reason.
    """
    locking.refuse_outsiders(principal)
    sub_order = await locking.lock_sub_order(sub_order_id, by=principal)
    if expected_version not in (None, sub_order.version):
        raise StaleVersion(thing="sub-order", current=sub_order.version)
    lines = await OrderLine.filter(sub_order_id=sub_order.id).order_by("position")
    units = _checked(lines, refused or {}, reason)
    whole = sum(units.values()) == sum(line.live for line in lines)
    step = SubOrderMove.REFUSE if whole else SubOrderMove.ACCEPT
    SUB_ORDER.after(sub_order.state, step)

    # First: what an answer that is late costs is a share of all that was waited for.
    late = await clocks.meet(subject_ids=[sub_order.id], kind=ClockKind.ACCEPT_BY, now=now)
    await breaches.record(late, now=now)
    note = f"Refused: {reason}"
    if units:
        async with elevated():
            units = await rerouting.send_elsewhere(
                sub_order=sub_order, units=units, whole=whole, reason=note, now=now
            )
    await _give_back(units)
    event = SubOrderRefused if whole else SubOrderAccepted
    await moving.move(
        [sub_order], step, by=principal, now=now, reason=reason,
        tell=lambda part: event(order_id=part.order_id, sub_order_id=part.id),
    )  # fmt: skip
    if not whole:
        await _start_shipping(sub_order, now)
    if units:
        async with elevated():
            await refunding.give_back(
                sub_order=sub_order, units=units, with_shipping=whole, reason=note, by=principal,
                now=now,
            )  # fmt: skip
    if whole:
        async with elevated():
            await held.let_go(sub_order.order_id, note=note, by=principal, now=now)
    return sub_order


def _checked(
    lines: list[OrderLine], refused: Mapping[UUID, int], reason: str | None
) -> dict[UUID, int]:
    by_id = {line.id: line for line in lines}
    for line_id, count in refused.items():
        line = by_id.get(line_id)
        if line is None:
            raise NotFound("order line")
        if not 0 <= count <= line.live:
            raise TooManyUnits(sku=line.sku, wanted=count, possible=line.live, action="refused")
    units = {line_id: count for line_id, count in refused.items() if count}
    if units and not 0 < len((reason or "").strip()) <= LONGEST_REASON:
        accepted = f"1 to {LONGEST_REASON} characters for the customer"
        raise InvalidInput("reason", "a refusal needs a short one", accepted)
    return units


async def _start_shipping(sub_order: SubOrder, now: datetime) -> None:
    ship = Wanted(
        kind=ClockKind.SHIP_BY, sub_order_id=sub_order.id, order_id=sub_order.order_id,
        vendor_id=sub_order.vendor_id, fixed_due_at=sub_order.fixed_ship_by,
    )  # fmt: skip
    await starting.start([ship], now=now)


async def _give_back(units: Mapping[UUID, int]) -> None:
    if units:
        await connection().execute(_REFUSE_UNITS, list(units), list(units.values()))
        await reserving.release(units)
