"""The supervisor: starts parts, starts again what ends, and takes everything along at the end.

Whatever ends it, no part is left: in order on request, by the kernel when it is killed.
"""

import asyncio
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.text import Text

from marketplace_runtime.embedded.home import lock_to_hand_down, still_held
from marketplace_runtime.errors import RuntimeRefusal
from marketplace_runtime.supervising.children import Child, spawn
from marketplace_runtime.supervising.logs import Logs
from marketplace_runtime.supervising.parts import Part, Step

FIRST_STARTS = 3
LONGEST_PAUSE_SECONDS = 10.0
# A part that lived this long after it was ready is healthy; its next end is the first one again.
HEALTHY_AFTER_SECONDS = 10.0
LEFTOVERS_WITHIN_SECONDS = 60.0


class PartFailed(RuntimeRefusal):
    """A part or a step never came up; the rest is stopped."""


@dataclass
class _Kept:
    part: Part
    keeper: asyncio.Task[None] | None = None
    child: Child | None = None
    was_ready: asyncio.Event = field(default_factory=asyncio.Event)


class Supervisor:
    """Use it from the main thread: the kernel ties children to the thread that made them."""

    def __init__(self, logs: Logs) -> None:
        self._logs = logs
        self._kept: list[_Kept] = []

    async def start(self, *parts: Part) -> None:
        """Start these side by side; returns when all are ready, refuses when one cannot be."""
        started = [_Kept(part) for part in parts]
        self._kept += started
        for kept in started:
            kept.keeper = asyncio.create_task(self._keep(kept), name=kept.part.name)
        await self._unless_one_gives_up(asyncio.create_task(_all_ready(started)))

    async def watch(self) -> None:
        """Wait for ever, unless a part cannot be started again: then refuse, saying why."""
        await self._unless_one_gives_up(asyncio.get_running_loop().create_future())

    async def run(self, step: Step) -> list[str]:
        """Run this to its end and give what it said; refuses when it fails."""
        said: list[str] = []

        def hear(line: str) -> None:
            said.append(line)
            self._logs.write(step.name, line, on_console=step.on_console)

        child = await spawn(
            step.command, environment=step.environment, dies_with=signal.SIGKILL, hear=hear
        )
        try:
            await child.ended()
        finally:
            await child.clear_up()
        if child.status != 0:
            raise self._failure(step.name, child)
        return said

    def pid(self, name: str) -> int | None:
        """The process of a part, none while it is between two lives."""
        child = next(kept.child for kept in self._kept if kept.part.name == name)
        return child.pid if child is not None and child.status is None else None

    async def stop(self) -> None:
        """End all: first those that serve, then those that keep data, each group side by side."""
        for keeps_data in (False, True):
            group = [kept for kept in self._kept if kept.part.keeps_data is keeps_data]
            await asyncio.gather(*(_end(kept) for kept in group))

    def kill(self) -> None:
        """End all at once, for someone who will not wait; data is safe, the next start recovers."""
        for kept in self._kept:
            if kept.child is not None:
                kept.child.kill()

    async def _unless_one_gives_up(self, waiting: asyncio.Future[Any]) -> None:
        keepers = [kept.keeper for kept in self._kept if kept.keeper is not None]
        await asyncio.wait([waiting, *keepers], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        for keeper in keepers:
            if keeper.done():
                keeper.result()

    async def _keep(self, kept: _Kept) -> None:
        part, ends = kept.part, 0
        while True:
            kept.child = await self._spawned(part)
            lived = await self._live(kept, kept.child)
            await kept.child.clear_up()
            ends = 1 if lived > HEALTHY_AFTER_SECONDS else ends + 1
            if not kept.was_ready.is_set() and ends >= FIRST_STARTS:
                raise self._failure(part.name, kept.child)
            pause = min(0.1 * 2 ** (ends - 1), LONGEST_PAUSE_SECONDS)
            self._tell(f"{part.name} {kept.child.how_it_ended()}; again in {pause:g} s")
            await asyncio.sleep(pause)

    async def _live(self, kept: _Kept, child: Child) -> float:
        """One life of a part, to its end; the seconds it lived after it was ready."""
        part, loop = kept.part, asyncio.get_running_loop()
        ended = asyncio.create_task(child.ended())
        await asyncio.wait([ended], timeout=part.settle_seconds)
        deadline = loop.time() + part.ready_seconds
        while not ended.done() and loop.time() < deadline:
            if await part.is_ready():
                became_ready = loop.time()
                kept.was_ready.set()
                await ended
                return loop.time() - became_ready
            await asyncio.wait([ended], timeout=0.05)
        if not ended.done():
            self._tell(f"{part.name} is not ready after {part.ready_seconds:g} s")
            child.kill()
        await ended
        return 0.0

    async def _spawned(self, part: Part) -> Child:
        locks = () if part.lock is None else (await _lock(part.lock),)
        try:
            await asyncio.to_thread(part.prepare)
            return await spawn(
                part.command(),
                environment=part.environment,
                dies_with=part.dies_with,
                hear=lambda line: self._logs.write(part.name, line, on_console=part.on_console),
                keep=locks + part.sockets,
            )
        finally:
            for lock in locks:
                os.close(lock)

    def _tell(self, sentence: str) -> None:
        self._logs.say(Text(f"souk     │ {sentence}", style="bold"))

    def _failure(self, name: str, child: Child) -> PartFailed:
        last = " / ".join(line.strip() for line in self._logs.last(name)[-3:]) or "nothing"
        how, log = child.how_it_ended(), self._logs.path(name)
        return PartFailed(f"{name} {how} and does not start; {log} ends: {last}")


async def _all_ready(started: Sequence[_Kept]) -> None:
    for kept in started:
        await kept.was_ready.wait()


async def _lock(path: Path) -> int:
    """Waits until the last process of an earlier life is gone from the data."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + LEFTOVERS_WITHIN_SECONDS
    while (lock := lock_to_hand_down(path)) is None:
        if loop.time() > deadline:
            raise still_held(path)
        await asyncio.sleep(0.02)
    return lock


async def _end(kept: _Kept) -> None:
    if kept.keeper is not None:
        kept.keeper.cancel()
        await asyncio.wait([kept.keeper])
    if kept.child is not None:
        await kept.child.end(by=kept.part.stop_signal, within_seconds=kept.part.stop_seconds)
