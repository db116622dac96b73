"""What units or an amount of a line give back, component by component: exact, never too much.

Units give back the difference of cumulative shares (docs/decisions/0003). An amount gives back of
each component what is left of it times amount / gross left, half up; from then on units of that
line take from what is left by the units left. Whoever takes the last, takes everything that is
left, so any mixture of the two that gives back everything gives back exactly everything.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from uuid import UUID

from marketplace.kit.errors import InvalidInput, NotFound
from marketplace.kit.money import Money, share_done
from marketplace.orders.errors import NothingToDo, TooManyUnits, TooMuchOfALine
from marketplace.orders.models import OrderLine, SubOrder
from marketplace.payments.refunds import RefundPart

# A line's counters, all of them zero when it is placed.
COUNTERS = (
    "refunded_minor", "refunded_by_amount_minor", "refunded_tax_minor", "refunded_funding_minor",
    "refunded_vendor_minor", "refunded_commission_minor", "refunded_commission_vat_minor",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Minor units of the components that are rounded by themselves; the vendor's is what they make.

    gross + funding = vendor + the tax the platform is liable for.
    """

    gross: int
    tax: int
    funding: int
    commission: int
    commission_vat: int


COMPONENTS = tuple(field.name for field in fields(Share))


def parts(
    sub_orders: Sequence[SubOrder],
    lines: Sequence[OrderLine],
    units: Mapping[UUID, int],
    shipping_of: Collection[UUID],
    amounts: Mapping[UUID, int] | None = None,
) -> list[RefundPart]:
    """Units and amounts by line, then shipping. The lines are as their order's lock shows them.

    Refuses more than is left, units and an amount of one line, and what is not of the order.
    """
    amounts = amounts or {}
    subs, by_id = {part.id: part for part in sub_orders}, {line.id: line for line in lines}
    if not units.keys() | amounts.keys() <= by_id.keys() or not set(shipping_of) <= subs.keys():
        raise NotFound("order line")
    made = []
    for line_id, count in sorted(units.items()):
        line = by_id[line_id]
        if not 0 <= count <= line.quantity - line.refunded:
            raise TooManyUnits(
                sku=line.sku, wanted=count, possible=line.quantity - line.refunded,
                action="refunded",
            )  # fmt: skip
        if count:
            share = of_units(line, count)
            made.append(_line_part(line, subs[line.sub_order_id], count, share))
    for line_id, minor in sorted(amounts.items()):
        line = by_id[line_id]
        beside = units.get(line_id, 0)
        made.append(_amount_part(line, subs[line.sub_order_id], minor, beside=beside))
    for sub_order_id in sorted(shipping_of):
        sub_order = subs[sub_order_id]
        if sub_order.shipping_refunded_minor:
            raise NothingToDo(action="refund of the shipping")
        if sub_order.shipping_gross_minor:
            made.append(_shipping_part(sub_order))
    return made


def _amount_part(line: OrderLine, sub_order: SubOrder, minor: int, *, beside: int) -> RefundPart:
    left = line.gross_minor - line.refunded_minor
    if beside:
        raise InvalidInput("amount", "units of this line are asked for as well", "one of the two")
    if not 0 < minor <= left:
        currency = sub_order.currency
        raise TooMuchOfALine(sku=line.sku, asked=Money(minor, currency), left=Money(left, currency))
    return _line_part(line, sub_order, 0, of_amount(line, minor))


def _line_part(line: OrderLine, sub_order: SubOrder, count: int, share: Share) -> RefundPart:
    platform_tax = share.tax if sub_order.tax_liable == "platform" else 0
    return RefundPart(
        sub_order_id=sub_order.id,
        line_id=line.id,
        quantity=count,
        is_earned=sub_order.is_earned,
        gross_minor=share.gross,
        tax_minor=share.tax,
        funding_minor=share.funding,
        vendor_minor=share.gross + share.funding - platform_tax,
        commission_minor=share.commission,
        commission_vat_minor=share.commission_vat,
    )


def _shipping_part(sub_order: SubOrder) -> RefundPart:
    return RefundPart(
        sub_order_id=sub_order.id,
        line_id=None,
        quantity=0,
        is_earned=sub_order.is_earned,
        gross_minor=sub_order.shipping_gross_minor,
        tax_minor=sub_order.shipping_tax_minor,
        funding_minor=sub_order.shipping_funding_minor,
        vendor_minor=sub_order.shipping_vendor_minor,
        commission_minor=0,
        commission_vat_minor=0,
    )


def of_units(line: OrderLine, units: int) -> Share:
    """What these units add to what was given back before; they are left of the line."""
    if line.refunded_by_amount_minor:
        return _of_the_rest(line, units, line.quantity - line.refunded)
    before, after = line.refunded, line.refunded + units
    return Share(**{
        name: share_done(_whole(line, name), after, line.quantity)
        - share_done(_whole(line, name), before, line.quantity)
        for name in COMPONENTS
    })  # fmt: skip


def of_amount(line: OrderLine, minor: int) -> Share:
    """What this much of the customer's gross takes with it; it is left of the line."""
    return _of_the_rest(line, minor, line.gross_minor - line.refunded_minor)


def _of_the_rest(line: OrderLine, part: int, rest: int) -> Share:
    return Share(**{name: share_done(_left(line, name), part, rest) for name in COMPONENTS})


def _whole(line: OrderLine, name: str) -> int:
    return int(getattr(line, f"{name}_minor"))


def _left(line: OrderLine, name: str) -> int:
    back = line.refunded_minor if name == "gross" else getattr(line, f"refunded_{name}_minor")
    return _whole(line, name) - int(back)
