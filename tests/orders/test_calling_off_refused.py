"""Who may cancel until when, and what nobody may."""

import pytest

from marketplace.catalog.models import CancelUntil, Channel
from marketplace.kit.errors import Forbidden, InvalidInput, NotFound
from marketplace.kit.principal import Kind, Principal, StaffRole
from marketplace.kit.transactions import connection
from marketplace.orders import calling_off
from marketplace.orders.calling_off import RefundChanged
from marketplace.orders.errors import NothingToDo, TooManyUnits
from marketplace.orders.models import OrderLine
from marketplace.orders.states import SubOrderState
from marketplace.orders.windows import CancelWindowClosed
from marketplace.payments.models import Refund
from settlement.invariants.checking import check_all
from tests.factories import NOON, euros, make_offer, make_paid_order, member, parts_of
from tests.orders.calling_off import call_off, customer
from tests.orders.living import STAFF, accept, key, lead, line_of, paid

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]
S = SubOrderState


@pytest.mark.parametrize(
    ("until", "state", "may"),
    [
        (CancelUntil.PREPARING, S.ACCEPTED, True),
        (CancelUntil.PREPARING, S.PREPARING, False),
        (CancelUntil.PREPARING, S.READY, False),
        (CancelUntil.PREPARING, S.PARTLY_SHIPPED, False),
        (CancelUntil.ACCEPTANCE, S.AWAITING_ACCEPTANCE, True),
        (CancelUntil.ACCEPTANCE, S.ACCEPTED, False),
    ],
)
async def test_a_customer_may_cancel_until_the_step_that_its_channel_names(
    until: CancelUntil, state: SubOrderState, may: bool
) -> None:
    part = await lead(state)
    await Channel.all().update(cancel_until=until)

    if may:
        await call_off(part, customer(part), 1)
    else:
        with pytest.raises(CancelWindowClosed):
            await call_off(part, customer(part), 1)
    assert await Refund.filter(order_id=part.order_id).count() == may


@pytest.mark.parametrize("state", [S.ACCEPTED, S.PREPARING, S.READY, S.PARTLY_SHIPPED])
async def test_a_vendor_and_the_marketplace_may_cancel_until_it_has_left(
    state: SubOrderState,
) -> None:
    part = await lead(state)

    await call_off(part, member(part.vendor_id), 1)
    await call_off(part, STAFF)

    await part.refresh_from_db()
    assert part.state is (S.SHIPPED if state is S.PARTLY_SHIPPED else S.CANCELLED)
    assert (await check_all(connection())).violations == ()


async def test_a_vendor_refuses_what_is_new_and_does_not_cancel_it() -> None:
    part = await paid()

    with pytest.raises(CancelWindowClosed):
        await call_off(part, member(part.vendor_id), 1)


async def test_what_others_may_not_touch_does_not_exist_for_them() -> None:
    part, theirs = await paid(), await paid()
    line = await line_of(part)

    for outsider in (
        customer(theirs),
        Principal(Kind.CUSTOMER, id=theirs.id),
        Principal(Kind.GUEST),
    ):
        with pytest.raises(NotFound):
            await call_off(part, outsider, 1)
    with pytest.raises(NotFound):
        await call_off(part, member(theirs.vendor_id), 1)
    with pytest.raises(Forbidden):
        await call_off(
            part, Principal(Kind.STAFF, id=theirs.id, roles=frozenset({StaffRole.APPROVER}))
        )
    with pytest.raises(NotFound):
        await calling_off.preview(
            principal=customer(theirs), order_id=theirs.order_id, units={line.id: 1}
        )
    assert not await Refund.exists()


async def test_a_vendor_cancels_its_own_part_only() -> None:
    mug, lamp = await make_offer(), await make_offer(sku="lamp")
    mine, theirs = await parts_of(await make_paid_order({mug.id: 1, lamp.id: 1}))
    await accept(mine)
    await accept(theirs)

    await call_off(mine, member(mine.vendor_id))

    await mine.refresh_from_db()
    await theirs.refresh_from_db()
    assert (mine.state, theirs.state) == (S.CANCELLED, S.ACCEPTED)
    their_line = await OrderLine.get(sub_order_id=theirs.id)
    with pytest.raises(NotFound):
        await calling_off.preview(
            principal=member(mine.vendor_id), order_id=mine.order_id, units={their_line.id: 1}
        )


async def test_more_than_there_is_nothing_and_another_amount_are_refused() -> None:
    part = await paid(quantity=2)

    with pytest.raises(TooManyUnits):
        await call_off(part, STAFF, 3)
    with pytest.raises(NothingToDo):
        await call_off(part, STAFF, 0)
    with pytest.raises(RefundChanged):
        await call_off(part, STAFF, 1, expected=euros(1))
    with pytest.raises(InvalidInput):
        await calling_off.cancel(
            principal=STAFF, order_id=part.order_id, reason=" ", key=key(), now=NOON
        )
    assert not await Refund.exists()
