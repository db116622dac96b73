"""Rules are drafted, tried beside the active ones, and take over when they agree enough."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from asyncpg import UniqueViolationError

from marketplace.kit.errors import Forbidden, IllegalMove
from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.transactions import connection, transaction
from marketplace.routing import choosing, queries, rule_sets, simulating
from marketplace.routing.errors import (
    InvalidRules,
    ShadowTaken,
    StaleEdition,
    TooLittleAgreement,
)
from marketplace.routing.models import RoutingChange, RoutingDecision, RoutingRuleSet
from marketplace.routing.states import RuleSetState
from tests.factories import NOON, make_channel, make_offer, make_order, parts_of
from tests.routing.places import make_location
from tests.settlement.people import staff

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]

LATER = NOON + timedelta(hours=1)
HALL = {"name": "hall first", "action": "prefer", "locations": ["hall"],
        "when": "candidate.available > 1"}  # fmt: skip
HALL_FIRST: dict[str, Any] = {"rankers": [{"name": "priority"}], "rows": [HALL]}


async def drafted(document: dict[str, Any] = HALL_FIRST, *, needed: int = 95) -> UUID:
    channel = await make_channel()
    rules_id = await rule_sets.draft(
        principal=SYSTEM, channel_id=channel.id, name="Hall first", now=NOON
    )
    await rule_sets.change(
        principal=SYSTEM, rule_set_id=rules_id, name="Hall first", document=document,
        needed_percent=needed, expected_edition=1, now=NOON,
    )  # fmt: skip
    return rules_id


async def state_of(rules_id: UUID) -> RuleSetState:
    return (await RoutingRuleSet.get(id=rules_id)).state


async def orders(count: int, *, beside: int | None = None) -> list[UUID]:
    """Of an offer at two places: the first is asked first, the hall has more, or `beside`."""
    mugs = await make_offer(on_hand=count + 1)
    await make_location(mugs, "hall", priority=2, on_hand=beside or count * 9)
    return [await make_order({mugs.id: 1}) for _ in range(count)]


async def test_a_channel_has_one_active_version_from_its_first_moment() -> None:
    channel = await make_channel()

    [rules] = await RoutingRuleSet.filter(channel_id=channel.id)

    assert (rules.state, rules.version) == (RuleSetState.ACTIVE, 1)


async def test_a_second_active_version_is_refused_by_the_database() -> None:
    rules_id = await drafted()

    with pytest.raises(UniqueViolationError, match="routing_one_active"):
        async with transaction(SYSTEM):
            await connection().execute(
                "UPDATE routing_rule_set SET state = 'active', activated_at = now() WHERE id = $1",
                rules_id,
            )


async def test_problems_name_the_row_and_the_field() -> None:
    rows = [
        {"name": "fine", "action": "forbid", "vendors": ["loom"]},
        {"name": "", "action": "prefer", "countries": ["Germany"], "when": "candidate.size > 1"},
        {"name": "r", "action": "rank", "vendors": ["loom"], "from_minor": 5, "to_minor": 5},
    ]

    with pytest.raises(InvalidRules) as refused:
        await drafted({"mode": "best", "rankers": [{"name": "luck"}], "rows": rows})

    found = {(one.row, one.field) for one in refused.value.problems}
    assert found == {
        (None, "mode"), (None, "rankers"), (2, "name"), (2, "countries"), (2, "when"),
        (3, "rankers"), (3, "vendors"), (3, "to_minor"),
    }  # fmt: skip
    assert "row 2, when:" in refused.value.message


@pytest.mark.parametrize(
    "when",
    [
        "candidate.distance >", "1 - 1", "line.quantity", "secret.word == 1",
        "[1].map(x, x) == [1]",
        "[1].all(order, order > 0)", "x" * 301, "destination.country.matches('D.*')",
        "candidate.nobody == 1",
    ],
)  # fmt: skip
async def test_a_condition_is_small_known_and_true_or_false(when: str) -> None:
    rows = [{"name": "one", "action": "forbid", "when": when}]

    with pytest.raises(InvalidRules) as refused:
        rule_sets.check({**HALL_FIRST, "rows": rows})

    assert [(one.row, one.field) for one in refused.value.problems] == [(1, "when")]


async def test_two_people_do_not_overwrite_one_another() -> None:
    rules_id = await drafted()

    with pytest.raises(StaleEdition):
        await rule_sets.change(
            principal=SYSTEM, rule_set_id=rules_id, name="x", document=HALL_FIRST,
            needed_percent=95, expected_edition=1, now=NOON,
        )  # fmt: skip


@pytest.mark.parametrize("role", [StaffRole.SUPPORT, StaffRole.ACCOUNTANT])
async def test_only_operations_change_rules(role: StaffRole) -> None:
    rules_id = await drafted()
    outsider = staff(1, role)

    with pytest.raises(Forbidden):
        await rule_sets.shadow(principal=outsider, rule_set_id=rules_id, now=NOON)


async def test_a_shadow_decides_nothing_and_tells_how_often_it_agrees() -> None:
    rules_id = await drafted()
    await rule_sets.shadow(principal=SYSTEM, rule_set_id=rules_id, now=NOON)

    [order_id] = await orders(1)

    decision = await RoutingDecision.get(order_id=order_id)
    assert (decision.version, decision.shadow_id, decision.shadow_agrees) == (1, rules_id, False)
    whole = await queries.rule_set(principal=SYSTEM, rule_set_id=rules_id)
    assert str(whole.figures) == "0.0 percent of 1 decisions agreed"
    [part] = await parts_of(order_id)
    assert [number for number, _ in whole.disagreed] == [part.number]


async def test_below_the_needed_agreement_it_may_not_decide_anything() -> None:
    rules_id = await drafted(needed=50)
    await rule_sets.shadow(principal=SYSTEM, rule_set_id=rules_id, now=NOON)
    with pytest.raises(TooLittleAgreement, match="Only 0 decisions were compared"):
        await rule_sets.activate(principal=SYSTEM, rule_set_id=rules_id, now=LATER)
    await orders(rule_sets.FEWEST_COMPARED)

    with pytest.raises(TooLittleAgreement, match=r"0\.0 percent of 20 decisions; 50"):
        await rule_sets.activate(principal=SYSTEM, rule_set_id=rules_id, now=LATER)
    with pytest.raises(TooLittleAgreement):
        await rule_sets.roll_out(principal=SYSTEM, rule_set_id=rules_id, percent=10, now=LATER)

    assert await state_of(rules_id) is RuleSetState.SHADOW


async def test_it_takes_over_once_it_agrees_and_the_other_one_retires() -> None:
    rules_id = await drafted()
    await rule_sets.shadow(principal=SYSTEM, rule_set_id=rules_id, now=NOON)
    await orders(rule_sets.FEWEST_COMPARED, beside=1)

    await rule_sets.activate(principal=SYSTEM, rule_set_id=rules_id, now=LATER)

    rules = await RoutingRuleSet.get(id=rules_id)
    [first] = await RoutingRuleSet.filter(channel_id=rules.channel_id, version=1)
    assert (rules.state, first.state) == (RuleSetState.ACTIVE, RuleSetState.RETIRED)
    [order_id] = await orders(1)
    decision = await RoutingDecision.get(order_id=order_id)
    assert (decision.version, decision.shadow_id) == (2, None)
    moves = await RoutingChange.filter(rule_set_id=rules_id).order_by("id").values_list("move")
    assert {move for (move,) in moves} == {"draft", "shadow", "activate"}


async def test_a_roll_out_decides_its_share_of_the_orders_and_always_the_same_ones() -> None:
    rules_id = await drafted(needed=0)
    await rule_sets.shadow(principal=SYSTEM, rule_set_id=rules_id, now=NOON)
    await orders(rule_sets.FEWEST_COMPARED)

    await rule_sets.roll_out(principal=SYSTEM, rule_set_id=rules_id, percent=40, now=LATER)

    for order_id in await orders(12):
        decision = await RoutingDecision.get(order_id=order_id)
        assert (decision.version == 2) == (choosing.bucket(order_id) < 40)
        assert decision.shadow_id is not None


async def test_one_version_of_a_channel_is_tried_at_a_time() -> None:
    first, second = await drafted(), await drafted()
    await rule_sets.shadow(principal=SYSTEM, rule_set_id=first, now=NOON)

    with pytest.raises(ShadowTaken):
        await rule_sets.shadow(principal=SYSTEM, rule_set_id=second, now=NOON)


async def test_a_shadow_that_is_ended_and_changed_decides_by_what_it_says_now() -> None:
    rules_id = await drafted()
    await rule_sets.shadow(principal=SYSTEM, rule_set_id=rules_id, now=NOON)
    await orders(1)
    await rule_sets.end(principal=SYSTEM, rule_set_id=rules_id, now=NOON)
    await rule_sets.change(
        principal=SYSTEM, rule_set_id=rules_id, name="As before", needed_percent=95, now=NOON,
        document={"rankers": [{"name": "priority"}]}, expected_edition=2,
    )  # fmt: skip
    await rule_sets.shadow(principal=SYSTEM, rule_set_id=rules_id, now=LATER)

    [order_id] = await orders(1)

    assert (await RoutingDecision.get(order_id=order_id)).shadow_agrees


async def test_the_active_version_cannot_just_go_away() -> None:
    channel = await make_channel()
    active = await RoutingRuleSet.get(channel_id=channel.id)

    with pytest.raises(IllegalMove):
        await rule_sets.retire(principal=SYSTEM, rule_set_id=active.id, now=NOON)


async def test_a_simulation_lists_what_would_be_otherwise() -> None:
    rules_id = await drafted()
    await orders(2, beside=1)
    [order_id] = await orders(1)
    simulation_id = await simulating.start(
        principal=SYSTEM, rule_set_id=rules_id, wanted=10, now=LATER
    )

    while await simulating.work_off(now=LATER):
        pass

    done = await queries.simulation(principal=SYSTEM, simulation_id=simulation_id)
    assert (done.wanted, done.done, done.differing) == (3, 3, 1)
    assert done.finished_at == LATER
    [difference] = done.differences
    [part] = await parts_of(order_id)
    assert difference["sub_order"] == part.number
    assert difference["lines"][0]["would_be"].endswith(", Hall")
