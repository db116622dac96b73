"""Cancel units of an order, after a look at what that gives back.

Customers, vendors and staff do the same, each as long as `orders.windows` lets them. Stock is free
and money on its way in the transaction that says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from marketplace.catalog.models import CancelUntil
from marketplace.kit import idempotency
from marketplace.kit.errors import DomainError, InvalidInput, NotFound
from marketplace.kit.money import Money
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import atomic, connection, elevated, transaction
from marketplace.orders import (
    finding,
    giving_up,
    locking,
    parcels,
    refunding,
    taking_off,
    windows,
)
from marketplace.orders.errors import NothingToDo, TooManyUnits
from marketplace.orders.models import OrderLine, SubOrder
from marketplace.orders.states import SubOrderMove
from marketplace.orders.windows import CancelWindowClosed
from marketplace.payments import cancelling as payments_cancelling
from marketplace.payments.locking import lock_payment
from marketplace.sla import clocks

OPERATION = "cancel"
LONGEST_REASON = 180  # characters; the history says a little more
REASON = "Cancelled: "  # what a refund, or another vendor's part, came from

_CHANNEL = """
    SELECT channel.cancel_until FROM orders JOIN channel ON channel.id = orders.channel_id
    WHERE orders.id = $1
"""
# Once nothing waits to be paid or confirmed, no time to do so runs.
_IS_WAITING = "SELECT EXISTS (SELECT 1 FROM sub_order WHERE order_id = $1 AND state = 'pending')"
# What costs nothing counts as paid when its customer has confirmed it.
_IS_PAID = """
    SELECT captured_minor > 0 OR amount_minor = 0 AND EXISTS (
        SELECT 1 FROM sla_clock WHERE subject_id = $1 AND kind = 'pay_by' AND met_at IS NOT NULL)
    FROM payment WHERE order_id = $1
"""


@dataclass(eq=False)
class RefundChanged(DomainError):
    """What would be given back is not any more what the caller was shown."""

    code: ClassVar[str] = "REFUND_CHANGED"
    field: ClassVar[str | None] = "expectedRefund"

    now: Money

    @property
    def message(self) -> str:
        return f"You would get {self.now} back now. Look at it again, then decide."


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Of one sub-order: units by line, and what their customer gets back, shipping included."""

    sub_order: SubOrder
    lines: Sequence[OrderLine]
    units: Mapping[UUID, int]
    step: SubOrderMove
    refund_minor: int
    shipping_minor: int

    @property
    def is_whole(self) -> bool:
        return self.step is SubOrderMove.CANCEL


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What cancelling does. `is_paid`: without a payment there is nothing to give back."""

    order_id: UUID
    currency: str
    is_paid: bool
    parts: Sequence[Part]

    @property
    def refund(self) -> Money:
        return Money(sum(part.refund_minor for part in self.parts), self.currency)


async def preview(
    *, principal: Principal, order_id: UUID, units: Mapping[UUID, int] | None = None
) -> Plan:
    """What `cancel` would do now, to the minor unit; changes nothing. Refuses what it refuses."""
    windows.check_canceller(principal)
    async with transaction(principal):
        await finding.check(order_id, by=principal)
        return await _plan(principal, order_id, units)


@atomic()
async def cancel(
    *,
    principal: Principal,
    order_id: UUID,
    reason: str,
    key: str,
    now: datetime,
    units: Mapping[UUID, int] | None = None,
    expected_refund: Money | None = None,
    elsewhere_first: bool = False,
) -> Plan | None:
    """Cancel units by line, or all that the caller may still cancel; None if the key did so before.

    What has left, or waits in a parcel for its carrier, stays. With the last unit the shipping is
    given back too; what is partly shipped becomes SHIPPED. An unpaid order is cancelled whole.
    `elsewhere_first`: of a paid order, what another vendor can send goes there and not back.
    Refuses other people's orders (NotFound), CancelWindowClosed, more units than are there, no
    units, an empty reason, and RefundChanged where `expected_refund` is not what is given back.
    """
    windows.check_canceller(principal)
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise InvalidInput("reason", "it is empty or too long", f"1 to {LONGEST_REASON} characters")
    await finding.check(order_id, by=principal)
    await locking.lock_order(order_id)
    asked = "all" if units is None else str(sorted(units.items()))
    made = await idempotency.claim(
        by=principal, operation=OPERATION, key=key, request=f"{order_id}:{asked}",
        result_id=order_id, now=now,
    )  # fmt: skip
    if made is not None:
        return None
    plan = await _plan(principal, order_id, units)
    if expected_refund not in (None, plan.refund):
        raise RefundChanged(plan.refund)
    async with elevated():
        await lock_payment(order_id)
        line_ids = [line_id for part in plan.parts for line_id in part.units]
        await taking_off.hold_shelves(line_ids, elsewhere=elsewhere_first and plan.is_paid)
    for part in plan.parts:
        off = _send_elsewhere if elsewhere_first and plan.is_paid else _take_off
        await off(part, plan, principal, reason, now)
    async with elevated():
        if not await connection().fetchval(_IS_WAITING, order_id):
            await clocks.void(subject_ids=[order_id], now=now)
        if not plan.is_paid:
            await payments_cancelling.plan_cancel(order_id=order_id, now=now)
    return plan


async def _take_off(part: Part, plan: Plan, by: Principal, reason: str, now: datetime) -> None:
    if plan.is_paid:
        async with elevated():
            await refunding.give_back(
                sub_order=part.sub_order, units=part.units, with_shipping=part.is_whole,
                reason=f"{REASON}{reason}", by=by, now=now,
            )  # fmt: skip
    await taking_off.take_off(part.sub_order, part.lines, part.units, by=by, now=now, reason=reason)


async def _send_elsewhere(
    part: Part, plan: Plan, by: Principal, reason: str, now: datetime
) -> None:
    async with elevated():
        await giving_up.give_up(
            part.sub_order, part.units, reason=f"{REASON}{reason}", by=by, now=now
        )


async def _plan(principal: Principal, order_id: UUID, units: Mapping[UUID, int] | None) -> Plan:
    """Under the order's lock, which a preview lets go of at once."""
    sub_orders = await locking.lock_sub_orders(order_id)
    sub_orders = [part for part in sub_orders if finding.is_theirs(part, principal)]
    lines = await OrderLine.filter(sub_order_id__in=[part.id for part in sub_orders]).order_by("id")
    free = taking_off.free_units(lines, await parcels.packed_units(order_id))
    until = CancelUntil(await connection().fetchval(_CHANNEL, order_id))
    chosen = _chosen(principal, sub_orders, lines, free, units, until)
    async with elevated():
        is_paid = bool(await connection().fetchval(_IS_PAID, order_id))
    if not is_paid and sum(chosen.values()) < sum(free.values()):
        raise InvalidInput("units", "an unpaid order cannot be cancelled in part", "all of it")
    parts = []
    for sub_order in sub_orders:
        mine = [line for line in lines if line.sub_order_id == sub_order.id]
        off = {line.id: chosen[line.id] for line in mine if chosen.get(line.id)}
        if off:
            parts.append(_part(sub_order, mine, off, is_paid=is_paid))
    if not parts:
        raise NothingToDo(action="cancel")
    return Plan(order_id=order_id, currency=sub_orders[0].currency, is_paid=is_paid, parts=parts)


def _part(
    sub_order: SubOrder, lines: Sequence[OrderLine], off: Mapping[UUID, int], *, is_paid: bool
) -> Part:
    step = taking_off.step_of(sub_order, lines, off)
    back = []
    if is_paid:
        back = refunding.parts_of(sub_order, lines, off, with_shipping=step is SubOrderMove.CANCEL)
    return Part(
        sub_order=sub_order,
        lines=lines,
        units=off,
        step=step,
        refund_minor=sum(part.gross_minor for part in back),
        shipping_minor=sum(part.gross_minor for part in back if part.line_id is None),
    )


def _chosen(
    by: Principal,
    sub_orders: Sequence[SubOrder],
    lines: Sequence[OrderLine],
    free: Mapping[UUID, int],
    units: Mapping[UUID, int] | None,
    until: CancelUntil,
) -> dict[UUID, int]:
    """Units by line; asked for all, those that the caller may still cancel."""
    by_id, subs = {line.id: line for line in lines}, {part.id: part for part in sub_orders}
    if units is None:
        return {
            line.id: free[line.id]
            for line in lines
            if windows.may_cancel(by, subs[line.sub_order_id].state, until)
        }
    for line_id, count in units.items():
        line = by_id.get(line_id)
        if line is None:
            raise NotFound("order line")
        sub_order = subs[line.sub_order_id]
        if count and not windows.may_cancel(by, sub_order.state, until):
            raise CancelWindowClosed(number=sub_order.number, state=sub_order.state)
        if not 0 <= count <= free[line_id]:
            raise TooManyUnits(
                sku=line.sku, wanted=count, possible=free[line_id], action="cancelled"
            )
    return {line_id: count for line_id, count in units.items() if count}
