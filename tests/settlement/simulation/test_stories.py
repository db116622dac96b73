"""Two hundred stories of sales, refunds, disputes, payouts and faults, each judged at its end."""

from pathlib import Path

import pytest

from marketplace_runtime.embedded.services import RunningServices
from tests.conftest import Database
from tests.parts import part_of
from tests.payments.world import OVER_HTTP
from tests.settlement.simulation import shrinking
from tests.settlement.simulation.playing import Ending, play
from tests.settlement.simulation.stage import a_stage
from tests.settlement.simulation.steps import WEIGHTS
from tests.settlement.simulation.story import Story, tell

pytestmark = OVER_HTTP

SEEDS = 200
PARTS = 8  # each is played by whatever process is free
STEPS = 6  # how many a story has here; the command plays longer ones


@pytest.mark.parametrize("part", range(PARTS), ids=part_of(PARTS))
async def test_whatever_happens_the_money_adds_up_when_the_dust_has_settled(
    part: int, services: RunningServices, template: Database, tmp_path: Path
) -> None:
    async with a_stage(services, template.name, tmp_path) as stage:
        for seed in range(part, SEEDS, PARTS):
            story = tell(seed, WEIGHTS, steps=STEPS)
            ending = await play(stage, story)
            if ending.violated is None:
                continue
            short = await shrinking.shortest(story, lambda some: play(stage, some))
            lines = "\n".join(short.ending.lines)
            pytest.fail(f"seed {seed}: {ending.violated}\n{lines}\n{short.ending.violated}")


async def test_a_failing_story_is_told_without_what_it_can_do_without() -> None:
    story = tell(7, WEIGHTS, steps=40)
    guilty = {story[3], story[21]}

    async def breaks(some: Story) -> Ending:
        return Ending([], "broken" if guilty <= set(some) else None)

    short = await shrinking.shortest(story, breaks)

    assert short.story == (story[3], story[21])
    assert short.ending.violated == "broken"


def test_a_seed_tells_the_same_story_every_time() -> None:
    assert tell(3, WEIGHTS) == tell(3, WEIGHTS)
    assert tell(3, WEIGHTS) != tell(4, WEIGHTS)
    assert tell(3, WEIGHTS)[0].name == "sell"
