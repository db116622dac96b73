"""A long test in parts: each is played by whatever process is free, not by its file's.

@pytest.mark.parametrize("part", range(PARTS), ids=part_of(PARTS))
"""

import re
from collections.abc import Callable
from typing import Final

from xdist.scheduler import LoadFileScheduling

_PART: Final = re.compile(r"\[part \d+ of \d+\]$")


def part_of(parts: int) -> Callable[[int], str]:
    """The names of the parts."""
    return lambda number: f"part {number + 1} of {parts}"


class PartsApart(LoadFileScheduling):  # type: ignore[misc] # xdist ships no types
    """What `--dist loadfile` does, except for parts."""

    def _split_scope(self, nodeid: str) -> str:
        if _PART.search(nodeid):
            return nodeid
        file: str = super()._split_scope(nodeid)
        return file
