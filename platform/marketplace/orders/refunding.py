"""What goes back to the customer, and out of whose pocket: exact to the minor unit.

Every component of a line is given back by the share of its units, cumulatively rounded, so that
any slicing of a refund gives back exactly everything (docs/decisions/0003).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from marketplace.kit import idempotency
from marketplace.kit.errors import Forbidden, InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.money import share_done
from marketplace.kit.principal import Kind, Principal, StaffRole
from marketplace.kit.transactions import atomic, connection
from marketplace.orders import locking
from marketplace.orders.errors import NothingToDo, TooManyUnits
from marketplace.orders.models import OrderLine, SubOrder
from marketplace.orders.states import SubOrderState
from marketplace.payments import refunds
from marketplace.payments.refunds import RefundPart

OPERATION = "refund"
REFUNDERS = frozenset({StaffRole.SUPPORT, StaffRole.ADMINISTRATOR})

_EARNED = frozenset({SubOrderState.SHIPPED, SubOrderState.DELIVERED})
_COUNT_UNITS = """
    UPDATE order_line SET refunded = refunded + item.units,
        refunded_minor = refunded_minor + item.gross
    FROM unnest($1::uuid[], $2::int[], $3::bigint[]) AS item (id, units, gross)
    WHERE order_line.id = item.id
"""
_COUNT_SHIPPING = """
    UPDATE sub_order SET shipping_refunded_minor = shipping_gross_minor WHERE id = ANY($1)
"""


@atomic()
async def request(
    *,
    principal: Principal,
    order_id: UUID,
    units: Mapping[UUID, int],
    shipping_of: Collection[UUID],
    reason: str,
    key: str,
    now: datetime,
) -> UUID:
    """Ask for units by line, and for the shipping of sub-orders, back; answers with the refund.

    Support, administrators and the system may. The same key answers with the refund it made.
    Refuses other roles, more units than are left, shipping given back before, an empty request,
    and more than was captured.
    """
    _check(principal, reason)
    sub_orders = await locking.lock_sub_orders(order_id)
    asked = f"{order_id}:{sorted(units.items())}:{sorted(shipping_of)}"
    refund_id = new_id(now)
    made = await idempotency.claim(
        by=principal, operation=OPERATION, key=key, request=asked, result_id=refund_id, now=now
    )
    if made is not None:
        return made
    lines = await OrderLine.filter(order_id=order_id).order_by("id")
    parts = _worth_something(_parts(sub_orders, lines, units, shipping_of))
    await _open(order_id, refund_id, parts, reason, principal, now)
    return refund_id


@atomic()
async def request_full(
    *, principal: Principal, order_id: UUID, reason: str, key: str, now: datetime
) -> UUID:
    """Ask for everything that has not been asked back yet: all units, all shipping."""
    _check(principal, reason)
    sub_orders = await locking.lock_sub_orders(order_id)
    refund_id = new_id(now)
    made = await idempotency.claim(
        by=principal, operation=OPERATION, key=key, request=f"{order_id}:all",
        result_id=refund_id, now=now,
    )  # fmt: skip
    if made is not None:
        return made
    lines = await OrderLine.filter(order_id=order_id).order_by("id")
    units = {line.id: line.quantity - line.refunded for line in lines}
    parts = _worth_something(_parts(sub_orders, lines, units, _unrefunded_shipping(sub_orders)))
    await _open(order_id, refund_id, parts, reason, principal, now)
    return refund_id


async def give_back(
    *,
    sub_order: SubOrder,
    units: Mapping[UUID, int],
    with_shipping: bool,
    reason: str,
    by: Principal,
    now: datetime,
) -> None:
    """Refund what a vendor will not send. Call it, elevated, in the transaction that says so.

    Units that support had refunded before are not refunded again. What a discount had paid for is
    a refund of nothing: it costs nobody money, and the vendor does not earn it.
    """
    lines = await OrderLine.filter(sub_order_id=sub_order.id).order_by("id")
    left = {
        line.id: min(units[line.id], line.quantity - line.refunded)
        for line in lines
        if line.id in units
    }
    shipping_of = _unrefunded_shipping([sub_order]) if with_shipping else []
    parts = _parts([sub_order], lines, left, shipping_of)
    if parts:
        await _open(sub_order.order_id, new_id(now), parts, reason, by, now)


async def _open(
    order_id: UUID,
    refund_id: UUID,
    parts: Sequence[RefundPart],
    reason: str,
    by: Principal,
    now: datetime,
) -> None:
    of_lines = [(part.line_id, part) for part in parts if part.line_id is not None]
    await connection().execute(
        _COUNT_UNITS,
        [line_id for line_id, _ in of_lines],
        [part.quantity for _, part in of_lines],
        [part.gross_minor for _, part in of_lines],
    )
    of_shipping = [part.sub_order_id for part in parts if part.line_id is None]
    await connection().execute(_COUNT_SHIPPING, of_shipping)
    await refunds.open_refund(
        refund_id=refund_id, order_id=order_id, parts=parts, reason=reason, by=by, now=now
    )


def _worth_something(parts: list[RefundPart]) -> list[RefundPart]:
    if sum(part.gross_minor for part in parts) == 0:
        raise NothingToDo(action="refund")
    return parts


def _check(principal: Principal, reason: str) -> None:
    is_refunder = principal.kind is Kind.STAFF and principal.roles & REFUNDERS
    if principal.kind is not Kind.SYSTEM and not is_refunder:
        raise Forbidden("refund an order")
    if not 0 < len(reason.strip()) <= 200:
        raise InvalidInput("reason", "it is empty or too long", "1 to 200 characters")


def _unrefunded_shipping(sub_orders: Sequence[SubOrder]) -> list[UUID]:
    return [
        part.id for part in sub_orders if part.shipping_refunded_minor < part.shipping_gross_minor
    ]


def _parts(
    sub_orders: Sequence[SubOrder],
    lines: Sequence[OrderLine],
    units: Mapping[UUID, int],
    shipping_of: Collection[UUID],
) -> list[RefundPart]:
    subs, by_id = {part.id: part for part in sub_orders}, {line.id: line for line in lines}
    if not units.keys() <= by_id.keys() or not set(shipping_of) <= subs.keys():
        raise NotFound("order line")
    parts = []
    for line_id, count in sorted(units.items()):
        line = by_id[line_id]
        if not 0 <= count <= line.quantity - line.refunded:
            raise TooManyUnits(
                sku=line.sku, wanted=count, possible=line.quantity - line.refunded,
                action="refunded",
            )  # fmt: skip
        if count:
            parts.append(_line_part(line, subs[line.sub_order_id], count))
    for sub_order_id in sorted(shipping_of):
        sub_order = subs[sub_order_id]
        if sub_order.shipping_refunded_minor:
            raise NothingToDo(action="refund of the shipping")
        if sub_order.shipping_gross_minor:
            parts.append(_shipping_part(sub_order))
    return parts


def _line_part(line: OrderLine, sub_order: SubOrder, count: int) -> RefundPart:
    def share(minor: int) -> int:
        """What these units add to the share of `minor` that was given back before."""
        before = share_done(minor, line.refunded, line.quantity)
        return share_done(minor, line.refunded + count, line.quantity) - before

    gross, tax, funding = share(line.gross_minor), share(line.tax_minor), share(line.funding_minor)
    platform_tax = tax if sub_order.tax_liable == "platform" else 0
    return RefundPart(
        sub_order_id=sub_order.id,
        line_id=line.id,
        quantity=count,
        is_earned=sub_order.state in _EARNED,
        gross_minor=gross,
        tax_minor=tax,
        funding_minor=funding,
        vendor_minor=gross + funding - platform_tax,
        commission_minor=share(line.commission_minor),
        commission_vat_minor=share(line.commission_vat_minor),
    )


def _shipping_part(sub_order: SubOrder) -> RefundPart:
    return RefundPart(
        sub_order_id=sub_order.id,
        line_id=None,
        quantity=0,
        is_earned=sub_order.state in _EARNED,
        gross_minor=sub_order.shipping_gross_minor,
        tax_minor=sub_order.shipping_tax_minor,
        funding_minor=0,
        vendor_minor=sub_order.shipping_vendor_minor,
        commission_minor=0,
        commission_vat_minor=0,
    )
