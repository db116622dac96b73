"""Places where a process can be made to die, so that tests can try each.

Unarmed, reaching one costs a comparison. Armed with `name` or `name:count`, the process ends at
the first, or at the count-th, arrival: at once, as if somebody had pulled the plug.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass

VARIABLE = "SOUK_FAILPOINT"
STATUS = 97  # what the process ends with, so that a test can tell it from another death


@dataclass(slots=True)
class _Armed:
    name: str
    left: int
    end: Callable[[int], object]


_armed: _Armed | None = None


def arm(text: str | None, *, is_production: bool, end: Callable[[int], object] = os._exit) -> None:
    """Choose where this process dies, once; None or an empty text chooses nowhere.

    `end` is handed the status: raising there ends only what was going on.
    Raises ValueError in production and for a count that is no number.
    """
    global _armed
    if not text:
        _armed = None
        return
    if is_production:
        raise ValueError(f"{VARIABLE} must not be set in production")
    name, _, count = text.partition(":")
    _armed = _Armed(name, int(count or 1), end)


def reach(name: str) -> None:
    global _armed
    if _armed is None or _armed.name != name:
        return
    _armed.left -= 1
    if _armed.left <= 0:
        end, _armed = _armed.end, None
        end(STATUS)
