"""Play a story to its end, let the dust settle, and judge."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.settlement.simulation.judging import judge
from tests.settlement.simulation.play import Killed, Play, Violated, nobody_dies
from tests.settlement.simulation.stage import Stage
from tests.settlement.simulation.steps import ACTS
from tests.settlement.simulation.story import Step

SETTLES = ({"minutes": 20}, {"days": 1, "hours": 2}, {"days": 4})


@dataclass(frozen=True, slots=True)
class Ending:
    """What happened, a line for each step that did something; `violated` is None if all holds."""

    lines: Sequence[str]
    violated: str | None


async def play(
    stage: Stage,
    steps: Sequence[Step],
    *,
    judge_each: bool = False,
    tell: Callable[[str], None] | None = None,
) -> Ending:
    """In a world of its own. `judge_each` lets the dust settle and judges after every step."""
    lines: list[str] = []
    async with stage.world() as world:
        one = Play(world, stage.cast)
        try:
            for step in steps:
                said = await _step(one, step)
                lines.append(f"{step.name}: {said}")
                if tell is not None:
                    tell(lines[-1])
                if judge_each:
                    await _settle(one)
                    await judge(one)
            await _settle(one)
            await judge(one)
        except Exception as error:  # whatever it is, it is what the story is about
            told = str(error) if isinstance(error, Violated) else f"{type(error).__name__}: {error}"
            return Ending(lines, told)
        finally:
            nobody_dies()
    return Ending(lines, None)


async def _step(one: Play, step: Step) -> str:
    await one.pass_time(seconds=1)
    try:
        said = await ACTS[step.name][0](one, step.picks)
    except Killed as killed:
        said = f"died at {killed}"
    await one.provider_acts()
    return said or "nothing to do"


async def _settle(one: Play) -> None:
    """Nothing goes wrong any more, and time enough passes for everything to be carried on."""
    nobody_dies()
    await one.world.sandbox.http.post("/_sandbox/faults/clear")
    await one.work()
    for span in SETTLES:
        await one.pass_time(**span)
        await one.work()
