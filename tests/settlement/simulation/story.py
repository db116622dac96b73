"""A story: plain steps from a seed. What a step means is decided where it is played.

A step's picks choose among whatever is there when its turn comes, so any step can be left out of
a story and the rest still makes sense: that is what makes a failing story short.
"""

from dataclasses import dataclass
from random import Random
from typing import TypeAlias

Picks: TypeAlias = tuple[int, int, int, int]
STEPS = 12
LARGEST = 1_000


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    picks: Picks

    def __str__(self) -> str:
        return f"{self.name}{self.picks}"


Story: TypeAlias = tuple[Step, ...]


def tell(seed: int, weights: dict[str, int], *, steps: int = STEPS) -> Story:
    """The same story for the same seed, as long as there are the same steps to choose from."""
    chance = Random(seed)
    names, shares = list(weights), list(weights.values())
    chosen = ["sell", *chance.choices(names, shares, k=steps - 1)]
    return tuple(Step(name, _picks(chance)) for name in chosen)


def _picks(chance: Random) -> Picks:
    first, second, third, fourth = (chance.randrange(LARGEST) for _ in range(4))
    return first, second, third, fourth
