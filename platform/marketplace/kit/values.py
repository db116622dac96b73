"""A statement with the conditions that are asked for and no others, so that one plan fits it.

A condition such as `$1 IS NULL OR …` is planned for anything that may come; and a limit that is
a value, for a tenth of all there is.
"""

from collections.abc import Iterator


class Values:
    """What stands in for `$1`, `$2` and so on, in the order in which it is taken in."""

    def __init__(self) -> None:
        self._taken: list[object] = []

    def take(self, value: object) -> str:
        """Its name in the statement."""
        self._taken.append(value)
        return f"${len(self._taken)}"

    def __iter__(self) -> Iterator[object]:
        return iter(self._taken)
