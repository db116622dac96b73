"""What a replay tells of its database, where the history itself has no example of it."""

from datetime import timedelta

import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.orders import losing, shipping
from marketplace.orders.models import SubOrder
from marketplace.orders.staff_lists import Flag, orders
from marketplace.orders.tracks import Resolution
from marketplace.sla import clocks
from marketplace.sla.models import ClockKind
from marketplace_runtime.replaying import figures
from tests.factories import NOON, member
from tests.orders.living import STAFF
from tests.sla.clocked import accepted, clock_of

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]
LATE = NOON + timedelta(days=9)
MUCH_LATER = LATE + timedelta(days=30)


async def test_units_that_were_late_twice_are_late_once() -> None:
    part = await accepted(units=2)
    await lose(part)
    assert (await figures.compute())["late_items"] == 0

    await shipping.ship(
        principal=member(part.vendor_id), sub_order_id=part.id, carrier="Post",
        tracking_number="2", key="2", now=MUCH_LATER,
    )  # fmt: skip

    assert (await figures.compute())["late_items"] == 2


async def test_an_order_with_a_new_deadline_is_not_late_by_the_one_before() -> None:
    part = await accepted()
    missed = await clock_of(part)
    await clocks.breach(clock_ids=[missed.id], now=LATE)
    assert await late() == [part.order_id]

    again = clocks.Start(
        kind=ClockKind.SHIP_BY, subject_id=part.id, order_id=part.order_id, sub_order_id=part.id,
        vendor_id=part.vendor_id, started_at=LATE, due_at=MUCH_LATER,
    )  # fmt: skip
    await clocks.start([again], again=True)

    assert await late() == []


async def lose(part: SubOrder) -> None:
    """Shipped late, lost, and to be sent again in a time of its own."""
    shipment_id = await shipping.ship(
        principal=member(part.vendor_id), sub_order_id=part.id, carrier="Post",
        tracking_number="1", key="1", now=LATE,
    )  # fmt: skip
    await losing.report(
        principal=STAFF, shipment_id=shipment_id, came_back=False, reason="gone", now=LATE
    )
    done = await losing.resolve(
        principal=STAFF, shipment_id=shipment_id, wish=Resolution.REPLACED, now=LATE
    )
    assert done is Resolution.REPLACED


async def late() -> list[object]:
    found = await orders(
        principal=SYSTEM, search=None, flag=Flag.LATE, after=None, before=None, most=10
    )
    return [order.id for order in found]
