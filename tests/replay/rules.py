"""Other routing rules, tried on the decisions of a replay."""

from datetime import datetime

from marketplace.catalog.models import Channel
from marketplace.kit.principal import SYSTEM
from marketplace.routing import queries, rule_sets, simulating
from marketplace.routing.models import RoutingSimulation


class Undone(Exception):
    """What was looked at is left as it was."""


async def simulated(forbidden: str, now: datetime) -> RoutingSimulation:
    channel = await Channel.all().first()
    assert channel is not None
    rules_id = await rule_sets.draft(
        principal=SYSTEM, channel_id=channel.id, name="Nothing dear", now=now
    )
    row = {"name": "not dear", "action": "forbid", "when": forbidden}
    await rule_sets.change(
        principal=SYSTEM, rule_set_id=rules_id, name="Nothing dear", needed_percent=95, now=now,
        document={"rankers": [{"name": "priority"}], "rows": [row]}, expected_edition=1,
    )  # fmt: skip
    simulation_id = await simulating.start(
        principal=SYSTEM, rule_set_id=rules_id, wanted=simulating.MOST, now=now
    )
    while await simulating.work_off(now=now):
        pass
    return await queries.simulation(principal=SYSTEM, simulation_id=simulation_id)
