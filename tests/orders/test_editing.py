"""Where an order goes can be corrected until one of its sellers has accepted it."""

from dataclasses import replace

import pytest

from marketplace.kit.errors import Forbidden, InvalidInput, NotFound
from marketplace.kit.principal import Kind, Principal, StaffRole
from marketplace.orders import editing
from marketplace.orders.editing import AddressFixed
from marketplace.orders.errors import NothingToDo, StaleVersion
from marketplace.orders.history_models import StateChange
from marketplace.orders.models import Order, SubOrder
from marketplace.outbox.models import OutboxEvent
from tests.factories import ADDRESS, NOON, make_paid_order, member, parts_of
from tests.orders.living import STAFF, accept, cancel, paid
from tests.orders.rerouting import refuse, two_sellers

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]
NEXT_DOOR = {**ADDRESS, "line1": "2 Kiln Lane"}
NAME = "Ana Pires"


async def change(
    part: SubOrder, by: Principal, address: dict[str, str] = NEXT_DOOR, *, version: int = 1
) -> editing.Edit:
    return await editing.change_address(
        principal=by, order_id=part.order_id, name=NAME, address=address,
        expected_version=version, now=NOON,
    )  # fmt: skip


def customer(part: SubOrder) -> Principal:
    return Principal(Kind.TOKEN, id=part.order_id)


async def test_a_customer_corrects_the_address_it_saw_first() -> None:
    part = await paid()

    seen = await editing.preview(
        principal=customer(part), order_id=part.order_id, name=NAME, address=NEXT_DOOR
    )
    await change(part, customer(part), version=seen.version)

    order = await Order.get(id=part.order_id)
    assert (seen.fields, order.version) == (["line1"], 2)
    assert order.address == NEXT_DOOR
    event = await OutboxEvent.get(name="order.address_changed")
    assert event.payload == {"order_id": str(order.id), "fields": ["line1"]}
    assert (await StateChange.get(event_id=event.id)).actor == customer(part).key


async def test_two_people_do_not_overwrite_each_other() -> None:
    part = await paid()
    await change(part, STAFF)

    with pytest.raises(StaleVersion):
        await change(part, customer(part), {**ADDRESS, "line1": "3 Kiln Lane"})
    with pytest.raises(NothingToDo):
        await change(part, STAFF, version=2)


@pytest.mark.parametrize("step", [accept, cancel])
async def test_what_was_accepted_or_is_over_keeps_its_address(step: object) -> None:
    part = await paid()
    await (accept if step is accept else cancel)(part)

    with pytest.raises(AddressFixed):
        await change(part, STAFF)


async def test_a_seller_that_was_replaced_fixes_no_address() -> None:
    mine, _ = await two_sellers()
    [part] = await parts_of(await make_paid_order({mine.id: 1}))
    await refuse(part)

    await change(part, customer(part))

    assert (await Order.get(id=part.order_id)).address == NEXT_DOOR


async def test_another_country_and_half_an_address_are_refused() -> None:
    part = await paid()

    for wrong in ({**ADDRESS, "country": "FR"}, {**ADDRESS, "country": "US"}, {"country": "DE"}):
        with pytest.raises(InvalidInput):
            await change(part, STAFF, wrong)


async def test_nobody_else_changes_it() -> None:
    part, theirs = await paid(), await paid()

    with pytest.raises(NotFound):
        await change(part, customer(theirs))
    with pytest.raises(NotFound):
        await change(part, member(part.vendor_id))
    with pytest.raises(Forbidden):
        await change(part, replace(STAFF, roles=frozenset({StaffRole.ACCOUNTANT})))
