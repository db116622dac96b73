"""An order that costs nothing is not paid before its customer has confirmed it."""

from uuid import UUID

import pytest

from marketplace.kit.errors import InvalidInput
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace.orders.models import SubOrder
from marketplace.orders.states import SubOrderState
from marketplace.payments.models import Payment, Refund
from marketplace.pricing.models import Discount
from marketplace.risk import screening
from marketplace.sla.models import ClockState, SlaClock
from settlement.invariants.checking import check_all
from tests.factories import NOON, make_offer, make_order, make_vendor, parts_of, stock_of
from tests.orders.calling_off import call_off, customer

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]
S = SubOrderState


async def free_order() -> tuple[SubOrder, UUID]:
    """Three mugs that a discount pays for, not confirmed yet; and their offer."""
    mug = await make_offer(vendor=await make_vendor(shipping=0), on_hand=9)
    await Discount.create(
        id=new_id(NOON), code="GIFT", currency="EUR", amount_minor=999_00, vendor_id=None,
        valid_from=NOON,
    )  # fmt: skip
    order_id = await make_order({mug.id: 3}, discount="GIFT")
    assert (await Payment.get(order_id=order_id)).amount_minor == 0
    [part] = await parts_of(order_id)
    return part, mug.id


async def test_unconfirmed_it_is_cancelled_whole_and_nothing_is_given_back() -> None:
    part, offer_id = await free_order()

    with pytest.raises(InvalidInput):
        await call_off(part, customer(part), 1)

    await call_off(part, customer(part))

    await part.refresh_from_db()
    assert part.state is S.CANCELLED
    assert await stock_of(offer_id) == (9, 0)
    assert not await Refund.exists()
    assert (await SlaClock.get(subject_id=part.order_id)).state is ClockState.VOID
    assert (await check_all(connection())).violations == ()


async def test_confirmed_it_can_be_cancelled_in_part() -> None:
    part, offer_id = await free_order()
    async with transaction(SYSTEM):
        await screening.admit(order_id=part.order_id, now=NOON)

    await call_off(part, customer(part), 1)

    await part.refresh_from_db()
    assert part.state is S.AWAITING_ACCEPTANCE
    assert await stock_of(offer_id) == (9, 2)
    assert (await check_all(connection())).violations == ()
