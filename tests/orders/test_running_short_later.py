"""Missing units that could not leave their line at once are looked at again when they can."""

import pytest

from marketplace.inventory.errors import NotOnTheShelf
from marketplace.orders import labelling, shipping
from marketplace.orders.models import SubOrder
from marketplace.orders.states import ShipmentState, SubOrderState
from marketplace.orders.tracks import TrackingStatus
from marketplace.payments.models import Refund
from tests.factories import NOON, make_offer, make_paid_order, member, parts_of, stock_of
from tests.inventory.shelves import violations
from tests.orders.parcelling import accepted, pack, parcel_of, tell
from tests.orders.test_running_short import count, hear
from tests.orders.test_substituting import propose, sold, withdraw

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def after(part: SubOrder) -> tuple[SubOrderState, int]:
    """The state, and what is still to be sent."""
    [now] = await parts_of(part.order_id)
    return now.state, now.lines[0].live


async def test_what_is_packed_is_given_up_when_its_parcel_is_taken_apart() -> None:
    part = await accepted(2, on_hand=2)
    [line] = (await parts_of(part.order_id))[0].lines
    parcel = await pack(part)
    await count(line.offer_id, to=1)
    await hear()
    assert (await after(part))[1] == 2, "it may be in the parcel"

    await labelling.unpack(principal=member(part.vendor_id), shipment_id=parcel, now=NOON)
    await hear()

    assert (await after(part))[1] == 1
    assert await Refund.all().count() == 1


async def test_what_its_customer_was_asked_about_is_given_up_when_the_question_is_taken_back() -> (
    None
):
    part, mine, other = await sold()
    asked = await propose(part, other)
    await count(mine.id, to=0)
    await hear()
    assert (await after(part))[1] == 2, "the customer may want the other one"

    await withdraw(asked, by=part.vendor_id)
    await hear()

    assert await after(part) == (SubOrderState.CANCELLED, 0)
    assert await Refund.all().count() == 1


async def test_what_was_miscounted_leaves_when_it_is_counted_again() -> None:
    part = await accepted(2, on_hand=2)
    [line] = (await parts_of(part.order_id))[0].lines
    vendor, parcel = member(part.vendor_id), await pack(part)
    await count(line.offer_id, to=0)  # without those in the parcel
    await hear()
    with pytest.raises(NotOnTheShelf):
        await shipping.hand_over(principal=vendor, shipment_id=parcel, now=NOON)

    await count(line.offer_id, to=2)
    await shipping.hand_over(principal=vendor, shipment_id=parcel, now=NOON)

    assert (await after(part))[0] is SubOrderState.SHIPPED
    assert await stock_of(line.offer_id) == (0, 0)
    assert await violations() == []


async def test_a_scan_of_what_the_books_do_not_have_is_kept_until_they_are_put_right() -> None:
    part = await accepted(2, on_hand=2)
    [line] = (await parts_of(part.order_id))[0].lines
    parcel = await pack(part)
    await count(line.offer_id, to=0)
    await hear()

    assert await tell(await parcel_of(parcel), TrackingStatus.IN_TRANSIT) == 1
    assert (await parcel_of(parcel)).state is ShipmentState.LABELLED

    await count(line.offer_id, to=2)
    await tell(await parcel_of(parcel), TrackingStatus.IN_TRANSIT, hours=2)
    assert (await parcel_of(parcel)).state is ShipmentState.IN_TRANSIT
    assert (await after(part))[0] is SubOrderState.SHIPPED
    assert await violations() == []


async def test_what_is_on_its_shelf_again_is_promised_to_the_line_that_missed_it() -> None:
    mine = await make_offer(on_hand=2)
    order_id = await make_paid_order({mine.id: 2})
    await count(mine.id, to=0)
    await count(mine.id, to=2)

    await hear()

    [part] = await parts_of(order_id)
    assert (part.state, part.lines[0].live) == (SubOrderState.AWAITING_ACCEPTANCE, 2)
    assert await stock_of(mine.id) == (2, 2)
    assert await violations() == []
