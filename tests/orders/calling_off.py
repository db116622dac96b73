"""Who calls an order off, and how much of it."""

from marketplace.kit.money import Money
from marketplace.kit.principal import Kind, Principal
from marketplace.orders import calling_off
from marketplace.orders.models import SubOrder
from tests.factories import NOON
from tests.orders.living import key, line_of


def customer(part: SubOrder) -> Principal:
    return Principal(Kind.TOKEN, id=part.order_id)


async def call_off(
    part: SubOrder, by: Principal, units: int | None = None, *, expected: Money | None = None
) -> calling_off.Plan | None:
    line = await line_of(part)
    return await calling_off.cancel(
        principal=by, order_id=part.order_id, reason="changed my mind", key=key(), now=NOON,
        units=None if units is None else {line.id: units}, expected_refund=expected,
    )  # fmt: skip
