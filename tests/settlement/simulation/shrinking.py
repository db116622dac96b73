"""Leave steps out of a failing story for as long as it fails: what is left is why."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.settlement.simulation.playing import Ending
from tests.settlement.simulation.story import Story


@dataclass(frozen=True, slots=True)
class Short:
    story: Story
    ending: Ending


async def shortest(story: Story, play: Callable[[Story], Awaitable[Ending]]) -> Short:
    """Without any step that it can do without: first halves, then quarters, then each alone.

    One that does not fail when it is played again is given back as it is.
    """
    best = Short(story, await play(story))
    size = max(len(story) // 2, 1)
    while best.ending.violated is not None:
        shorter = await _without(best, size, play)
        if shorter is not None:
            best = shorter
        elif size == 1:
            break
        else:
            size = max(size // 2, 1)
    return best


async def _without(
    best: Short, size: int, play: Callable[[Story], Awaitable[Ending]]
) -> Short | None:
    """The story less `size` steps in a row, if it fails without them, the last ones first."""
    for start in range(len(best.story) - size, -1, -1):
        story = best.story[:start] + best.story[start + size :]
        ending = await play(story)
        if ending.violated is not None:
            return Short(story, ending)
    return None
