"""From which of its vendor's places a line is sent that was placed otherwise."""

import pytest

from marketplace.inventory.models import Stock
from marketplace.kit.principal import SYSTEM
from marketplace.routing import closing
from tests.factories import make_offer, make_paid_order, parts_of
from tests.inventory.shelves import add_shelf, violations
from tests.orders.test_running_short import count, hear
from tests.orders.test_substituting import answer, propose, sold

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def test_missing_pieces_come_from_a_place_that_has_them_and_sends_there() -> None:
    mine = await make_offer(on_hand=3)
    order_id = await make_paid_order({mine.id: 3})
    abroad = await add_shelf(mine.id, on_hand=9, priority=2)
    await closing.set_profile(
        principal=SYSTEM, location_id=abroad.location_id, vendor_id=mine.vendor_id,
        promise_days=2, daily_lines=None, ships_to=["fr"],
    )  # fmt: skip
    ahead = await add_shelf(mine.id, on_hand=0, priority=3)
    await Stock.filter(id=ahead.id).update(backorder_limit=9)
    here = await add_shelf(mine.id, on_hand=9, priority=4)

    await count(mine.id, to=0)
    await hear()

    [part] = await parts_of(order_id)
    assert (part.lines[0].live, part.lines[0].location_id) == (3, here.location_id)
    assert await violations() == []


async def test_a_substitute_comes_from_a_place_that_sends_there() -> None:
    part, _, other = await sold()
    asked = await propose(part, other)
    first = await Stock.get(offer_id=other.id)
    await closing.set_profile(
        principal=SYSTEM, location_id=first.location_id, vendor_id=part.vendor_id,
        promise_days=2, daily_lines=None, ships_to=["fr"],
    )  # fmt: skip
    here = await add_shelf(other.id, on_hand=9)

    answered = await answer(asked, accept=True)

    [after] = await parts_of(part.order_id)
    [new] = [line for line in after.lines if line.id == answered.new_line_id]
    assert new.location_id == here.location_id
    assert await violations() == []
