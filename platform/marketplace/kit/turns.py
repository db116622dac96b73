"""What runs beside itself in one process: so many at a time, and one answer for many who ask."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")


class _OfEachLoop(Generic[T]):
    """Asyncio's locks belong to one event loop; a process may have several in its life."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: WeakKeyDictionary[asyncio.AbstractEventLoop, T] = WeakKeyDictionary()

    def get(self) -> T:
        loop = asyncio.get_running_loop()
        made = self._made.get(loop)
        if made is None:
            made = self._made[loop] = self._make()
        return made


class Turns:
    """So many at once, first come, first served. Who waits too long is refused (TimeoutError)."""

    def __init__(self, *, at_once: int, wait_seconds: float) -> None:
        self._wait_seconds = wait_seconds
        self._free = _OfEachLoop(lambda: asyncio.Semaphore(at_once))

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        free = self._free.get()
        if free.locked():
            async with asyncio.timeout(self._wait_seconds):
                await free.acquire()
        else:
            await free.acquire()
        try:
            yield
        finally:
            free.release()


@dataclass(slots=True)
class _Asked(Generic[T]):
    """`asked` counts everybody so far; the first `answered` of them have `answer`, or `failure`."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    asked: int = 0
    answered: int = 0
    answer: T | None = None
    failure: Exception | None = None


class Shared(Generic[T]):
    """A question whose answer everybody may have who asked before it was put.

    Nobody gets an answer that is older than their own question. A failure is shared like an answer:
    while nobody answers, they wait together and not one after the other.
    """

    def __init__(self, ask: Callable[[], Awaitable[T]]) -> None:
        self._ask = ask
        self._state: _OfEachLoop[_Asked[T]] = _OfEachLoop(_Asked)

    async def answer(self) -> T | None:
        state = self._state.get()
        state.asked += 1
        mine = state.asked
        async with state.lock:
            if state.answered < mine:
                everybody = state.asked
                try:
                    state.answer, state.failure = await self._ask(), None
                except Exception as failure:
                    state.failure = failure
                state.answered = everybody
            if state.failure is not None:
                raise state.failure
            return state.answer
