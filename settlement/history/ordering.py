"""Changes in the order in which they happened, also those of one moment."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def in_order(changes: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Oldest first; of those at the same moment each follows the state it left.

    Each has `from_state` and `to_state`, and they are given by their moments.
    """
    left, state = list(changes), None
    while left:
        following = next((one for one in left if one["from_state"] == state), left[0])
        left.remove(following)
        state = following["to_state"]
        yield following
