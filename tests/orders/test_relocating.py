"""From which of its vendor's places a line is sent that was placed otherwise."""

import pytest

from marketplace.inventory.models import Stock
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection
from marketplace.orders.states import SubOrderState
from marketplace.orders.substitution_models import SubstitutionState
from marketplace.payments.models import Refund
from marketplace.routing import closing
from marketplace.routing.models import RoutingRuleSet
from marketplace.routing.states import RuleSetState
from tests.factories import NOON, make_offer, make_paid_order, parts_of
from tests.inventory.shelves import add_shelf, violations
from tests.orders.test_running_short import count, hear
from tests.orders.test_substituting import answer, propose, sold
from tests.routing.test_rule_sets import drafted

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


async def forbid(*places: str) -> None:
    """From now on nothing that goes to Germany leaves these places."""
    row = {"name": "Not from there", "action": "forbid", "locations": places, "countries": ["DE"]}
    rules_id = await drafted({"rankers": [{"name": "priority"}], "rows": [row]})
    await RoutingRuleSet.filter(state=RuleSetState.ACTIVE).update(
        state=RuleSetState.RETIRED, retired_at=NOON
    )
    await connection().execute(
        "UPDATE routing_rule_set SET state = 'active', activated_at = now() WHERE id = $1", rules_id
    )


async def test_a_place_that_the_rules_forbid_sends_no_missing_pieces() -> None:
    mine, other = await make_offer(on_hand=3), await make_offer(on_hand=3)
    order_ids = [await make_paid_order({offer.id: 3}) for offer in (mine, other)]
    for offer in (mine, other):
        await add_shelf(offer.id, on_hand=9, priority=2)
    allowed = await add_shelf(mine.id, on_hand=9, priority=3)
    await forbid("l2")

    await count(mine.id, to=0)
    await count(other.id, to=0)
    await hear()

    [found], [lost] = [await parts_of(order_id) for order_id in order_ids]
    assert (found.lines[0].live, found.lines[0].location_id) == (3, allowed.location_id)
    assert (lost.lines[0].live, lost.state) == (0, SubOrderState.CANCELLED)
    assert [refund.order_id for refund in await Refund.all()] == [lost.order_id]
    assert await violations() == []


async def test_a_place_that_the_rules_forbid_sends_no_substitute() -> None:
    (part, _, other), (stuck, _, another) = await sold(), await sold()
    first, second = await Stock.get(offer_id=other.id), await Stock.get(offer_id=another.id)
    here = await add_shelf(other.id, on_hand=9)
    codes = [(await shelf.location).code for shelf in (first, second)]
    await forbid(*codes)

    answered = await answer(await propose(part, other), accept=True)
    gone = await answer(await propose(stuck, another), accept=True)

    [after] = await parts_of(part.order_id)
    [new] = [line for line in after.lines if line.id == answered.new_line_id]
    assert new.location_id == here.location_id
    assert (gone.state, gone.new_line_id) == (SubstitutionState.WITHDRAWN, None)
    assert await violations() == []
