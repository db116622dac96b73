"""What goes back to the customer, and out of whose pocket: exact to the minor unit.

Units, an amount of a line, or shipping: `orders.giving_back` says what each takes with it, so that
any slicing of a refund gives back exactly everything.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace.catalog.models import CancelUntil
from marketplace.kit import idempotency
from marketplace.kit.errors import Forbidden, InvalidInput
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM, Kind, Principal, StaffRole
from marketplace.kit.transactions import atomic, connection
from marketplace.orders import giving_back, locking, parcels, taking_off, windows
from marketplace.orders.errors import NothingToDo
from marketplace.orders.models import OrderLine, SubOrder
from marketplace.orders.states import SubOrderMove
from marketplace.payments import refunds
from marketplace.payments.refunds import RefundPart

OPERATION = "refund"
REFUNDERS = frozenset({StaffRole.SUPPORT, StaffRole.ADMINISTRATOR})

_COUNT_LINES = """
    UPDATE order_line SET refunded = refunded + item.units,
        refunded_minor = refunded_minor + item.gross,
        refunded_by_amount_minor = refunded_by_amount_minor
            + CASE item.units WHEN 0 THEN item.gross ELSE 0 END,
        refunded_tax_minor = refunded_tax_minor + item.tax,
        refunded_funding_minor = refunded_funding_minor + item.funding,
        refunded_vendor_minor = refunded_vendor_minor + item.vendor,
        refunded_commission_minor = refunded_commission_minor + item.commission,
        refunded_commission_vat_minor = refunded_commission_vat_minor + item.commission_vat
    FROM unnest($1::uuid[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
        $7::bigint[], $8::bigint[])
        AS item (id, units, gross, tax, funding, vendor, commission, commission_vat)
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
    amounts: Mapping[UUID, int] | None = None,
) -> UUID:
    """Ask for units by line, amounts by line and the shipping of sub-orders back; the refund's id.

    `amounts` are minor units of what the customer paid for a line, tax included. Support,
    administrators and the system may. The same key answers with the refund it made. Refuses other
    roles, more units or a larger amount than is left, units and an amount of one line, an amount
    of zero, shipping given back before, an empty request, and more than was captured. Units that
    have not left are not sent any more; of what nothing is left to send the shipping goes back too.
    """
    _check(principal, reason)
    sub_orders = await locking.lock_sub_orders(order_id)
    asked = f"{order_id}:{sorted(units.items())}:{sorted(shipping_of)}"
    if amounts:
        asked += f":{sorted(amounts.items())}"
    refund_id = new_id(now)
    made = await idempotency.claim(
        by=principal, operation=OPERATION, key=key, request=asked, result_id=refund_id, now=now
    )
    if made is not None:
        return made
    lines = await OrderLine.filter(order_id=order_id).order_by("id")
    unsent = await _unsent(sub_orders, lines, units)
    ending = [off.sub_order for off in unsent if off.ends]
    shipping_of = {*shipping_of, *_unrefunded_shipping(ending)}
    parts = giving_back.parts(sub_orders, lines, units, shipping_of, amounts)
    await _open(order_id, refund_id, _worth_something(parts), reason, principal, now)
    await _keep_back(unsent, reason, principal, now)
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
    parts = _worth_something(
        giving_back.parts(sub_orders, lines, units, _unrefunded_shipping(sub_orders))
    )
    await _open(order_id, refund_id, parts, reason, principal, now)
    await _keep_back(await _unsent(sub_orders, lines, units), reason, principal, now)
    return refund_id


@dataclass(frozen=True, slots=True)
class _Unsent:
    """Of one sub-order: its lines, and the units that come off them."""

    sub_order: SubOrder
    lines: Sequence[OrderLine]
    units: Mapping[UUID, int]

    @property
    def ends(self) -> bool:
        """Nothing was sent of it, and nothing is left to send."""
        step = taking_off.step_of(self.sub_order, self.lines, self.units)
        return step is SubOrderMove.CANCEL


async def _unsent(
    sub_orders: Sequence[SubOrder], lines: Sequence[OrderLine], units: Mapping[UUID, int]
) -> list[_Unsent]:
    """What has its money back is not sent any more: of a line, what has not left comes off first.

    What waits in a parcel for its carrier goes all the same.
    """
    free = taking_off.free_units(lines, await parcels.packed_units(sub_orders[0].order_id))
    found = []
    for sub_order in sub_orders:
        mine = [line for line in lines if line.sub_order_id == sub_order.id]
        off = {line.id: min(units.get(line.id, 0), free[line.id]) for line in mine}
        off = {line_id: count for line_id, count in off.items() if count > 0}
        if off and windows.may_cancel(SYSTEM, sub_order.state, CancelUntil.PREPARING):
            found.append(_Unsent(sub_order, mine, off))
    return found


async def _keep_back(unsent: Sequence[_Unsent], reason: str, by: Principal, now: datetime) -> None:
    await taking_off.hold_shelves([line_id for off in unsent for line_id in off.units])
    for off in unsent:
        await taking_off.take_off(
            off.sub_order, off.lines, off.units, by=by, now=now, reason=reason
        )


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
    parts = parts_of(sub_order, lines, units, with_shipping=with_shipping)
    if parts:
        await _open(sub_order.order_id, new_id(now), parts, reason, by, now, even_if_disputed=True)


def parts_of(
    sub_order: SubOrder,
    lines: Sequence[OrderLine],
    units: Mapping[UUID, int],
    *,
    with_shipping: bool,
) -> list[RefundPart]:
    """What `give_back` gives back, component by component."""
    left = {
        line.id: min(units[line.id], line.quantity - line.refunded)
        for line in lines
        if line.id in units
    }
    shipping_of = _unrefunded_shipping([sub_order]) if with_shipping else []
    return giving_back.parts([sub_order], lines, left, shipping_of)


async def _open(
    order_id: UUID,
    refund_id: UUID,
    parts: Sequence[RefundPart],
    reason: str,
    by: Principal,
    now: datetime,
    *,
    even_if_disputed: bool = False,
) -> None:
    of_lines = [(part.line_id, part) for part in parts if part.line_id is not None]
    await connection().execute(
        _COUNT_LINES,
        [line_id for line_id, _ in of_lines],
        [part.quantity for _, part in of_lines],
        *(
            [getattr(part, f"{name}_minor") for _, part in of_lines]
            for name in ("gross", "tax", "funding", "vendor", "commission", "commission_vat")
        ),
    )
    of_shipping = [part.sub_order_id for part in parts if part.line_id is None]
    await connection().execute(_COUNT_SHIPPING, of_shipping)
    await refunds.open_refund(
        refund_id=refund_id,
        order_id=order_id,
        parts=parts,
        reason=reason,
        by=by,
        now=now,
        even_if_disputed=even_if_disputed,
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
