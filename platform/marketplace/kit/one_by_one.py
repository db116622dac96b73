"""Act on many things that are due, each by itself: one that fails holds up no other."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from uuid import UUID

logger = logging.getLogger(__name__)


async def each(ids: Iterable[UUID], act: Callable[[UUID], Awaitable[bool]], *, what: str) -> int:
    """How many of them `act` did something about. What fails is logged and tried the next time.

    `act` opens a transaction of its own; call it outside of one.
    """
    done = 0
    for one in ids:
        try:
            done += await act(one)
        except Exception:  # whatever it is, the others go on
            logger.exception("%s %s", what, one)
    return done
