"""The supervisor: starts parts, starts again what ends, and takes everything along at the end.

Whatever ends it, no part is left: in order on request, by the kernel when it is killed.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.text import Text

from marketplace_runtime.embedded.home import lock_to_hand_down, still_held
from marketplace_runtime.embedded.spawning import options
from marketplace_runtime.errors import RuntimeRefusal
from marketplace_runtime.supervising.logs import Logs
from marketplace_runtime.supervising.parts import Part, Step

FIRST_STARTS = 5
LONGEST_PAUSE_SECONDS = 10.0
# A part that lived this long after it was ready is healthy; its next end is the first one again.
HEALTHY_AFTER_SECONDS = 10.0
LEFTOVERS_WITHIN_SECONDS = 60.0
LAST_WORDS_SECONDS = 5.0


class PartFailed(RuntimeRefusal):
    """A part or a step never came up; the rest is stopped."""


@dataclass
class _Kept:
    part: Part
    keeper: asyncio.Task[None] | None = None
    process: asyncio.subprocess.Process | None = None
    reading: asyncio.Task[None] | None = None
    was_ready: asyncio.Event = field(default_factory=asyncio.Event)


class Supervisor:
    """Use it from the main thread: the kernel ties children to the thread that made them."""

    def __init__(self, logs: Logs) -> None:
        self._logs = logs
        self._kept: list[_Kept] = []
        self._stopping = False

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
        """Run this to its end and give what it said on its output; refuses when it fails."""
        process = await asyncio.create_subprocess_exec(
            *step.command,
            env=dict(step.environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            **options(dies_with=signal.SIGKILL),
        )
        try:
            said = [line async for line in self._lines(step.name, process)]
            if await process.wait() != 0:
                raise self._failure(step.name, process.returncode)
            return said
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    def pid(self, name: str) -> int | None:
        """The process of a part, none while it is between two lives."""
        process = next(kept.process for kept in self._kept if kept.part.name == name)
        return process.pid if process is not None and process.returncode is None else None

    async def stop(self) -> None:
        """End all: first those that serve, then those that keep data, each group side by side."""
        self._stopping = True
        for keeps_data in (False, True):
            group = [kept for kept in self._kept if kept.part.keeps_data is keeps_data]
            await asyncio.gather(*(_end(kept) for kept in group))

    def kill(self) -> None:
        """End all at once, for someone who will not wait; data is safe, the next start recovers."""
        self._stopping = True
        for kept in self._kept:
            _signal_group(kept.process, signal.SIGKILL)

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
            kept.process = await self._spawn(part)
            kept.reading = asyncio.create_task(self._read(part.name, kept.process))
            lived = await self._live(kept)
            await _clear_up(kept)
            ends = 1 if lived > HEALTHY_AFTER_SECONDS else ends + 1
            if not kept.was_ready.is_set() and ends >= FIRST_STARTS:
                raise self._failure(part.name, kept.process.returncode)
            pause = min(0.1 * 2 ** (ends - 1), LONGEST_PAUSE_SECONDS)
            self._tell(f"{part.name} {_ending(kept.process.returncode)}; again in {pause:g} s")
            await asyncio.sleep(pause)

    async def _live(self, kept: _Kept) -> float:
        """One life of a part, to its end; the seconds it lived after it was ready."""
        process, loop = kept.process, asyncio.get_running_loop()
        assert process is not None
        ended = asyncio.create_task(process.wait())
        await asyncio.wait([ended], timeout=kept.part.settle_seconds)
        deadline = loop.time() + kept.part.ready_seconds
        while not ended.done() and loop.time() < deadline:
            if await kept.part.is_ready():
                became_ready = loop.time()
                kept.was_ready.set()
                await ended
                return loop.time() - became_ready
            await asyncio.wait([ended], timeout=0.05)
        if not ended.done():
            self._tell(f"{kept.part.name} is not ready after {kept.part.ready_seconds:g} s")
            _signal_group(process, signal.SIGKILL)
        await ended
        return 0.0

    async def _spawn(self, part: Part) -> asyncio.subprocess.Process:
        keep = () if part.lock is None else (await _lock(part.lock),)
        try:
            await asyncio.to_thread(part.prepare)
            return await asyncio.create_subprocess_exec(
                *part.command(),
                env=dict(part.environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                **options(dies_with=part.dies_with, keep=keep),
            )
        finally:
            for lock in keep:
                os.close(lock)

    async def _read(self, name: str, process: asyncio.subprocess.Process) -> None:
        async for _ in self._lines(name, process):
            pass

    async def _lines(self, name: str, process: asyncio.subprocess.Process) -> AsyncIterator[str]:
        """Each line it says, logged; a last one without an end as well."""
        assert process.stdout is not None
        rest = b""
        while chunk := await process.stdout.read(65536):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                yield self._logged(name, line)
        if rest:
            yield self._logged(name, rest)

    def _logged(self, name: str, line: bytes) -> str:
        text = line.decode(errors="replace").rstrip()
        self._logs.write(name, text)
        return text

    def _tell(self, sentence: str) -> None:
        if not self._stopping:
            self._logs.say(Text(f"souk     │ {sentence}", style="bold"))

    def _failure(self, name: str, code: int | None) -> PartFailed:
        last = " / ".join(line.strip() for line in self._logs.last(name)[-3:]) or "nothing"
        log = self._logs.path(name)
        return PartFailed(f"{name} {_ending(code)} and does not start; {log} ends: {last}")


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
    process = kept.process
    if process is not None and process.returncode is None:
        process.send_signal(kept.part.stop_signal)
        try:
            await asyncio.wait_for(process.wait(), kept.part.stop_seconds)
        except TimeoutError:
            _signal_group(process, signal.SIGKILL)
            await process.wait()
    await _clear_up(kept)


async def _clear_up(kept: _Kept) -> None:
    """After a part has ended: what it started must not go on, and its last words are heard."""
    _signal_group(kept.process, signal.SIGKILL)
    if kept.reading is not None:
        await asyncio.wait([kept.reading], timeout=LAST_WORDS_SECONDS)
        kept.reading.cancel()


def _signal_group(process: asyncio.subprocess.Process | None, number: signal.Signals) -> None:
    """Each part leads a session of its own, so this reaches what it started as well."""
    if process is not None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with status {code}"
