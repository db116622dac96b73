"""Keep a loop going through outages of what it depends on."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

LONGEST_WAIT_SECONDS = 5.0
_FIRST_WAIT_SECONDS = 0.1

logger = logging.getLogger(__name__)


async def keep_going(
    name: str, step: Callable[[], Awaitable[float]], stopping: asyncio.Event
) -> None:
    """Call `step` again and again until told to stop; it answers how many seconds to rest.

    A step that fails is logged and tried again, after a wait that doubles up to five seconds:
    PostgreSQL and Valkey come back, and with them this loop.
    """
    wait = _FIRST_WAIT_SECONDS
    while not stopping.is_set():
        try:
            rest = await step()
            wait = _FIRST_WAIT_SECONDS
        except Exception as error:
            logger.warning("%s: %s: %s; again in %.1f s", name, type(error).__name__, error, wait)
            rest, wait = wait, min(2 * wait, LONGEST_WAIT_SECONDS)
        await _pause(stopping, rest)


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stopping.wait()
    except TimeoutError:
        return
