"""One child process: what it says is logged, and nothing of it is left when it is over."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Mapping, Sequence

from marketplace_runtime.embedded.spawning import options

LAST_WORDS_SECONDS = 5.0


class Child:
    """Made by `spawn`. It leads a session of its own, so that its group is all it started."""

    def __init__(self, process: asyncio.subprocess.Process, reader: asyncio.Task[None]) -> None:
        self._process = process
        self._reader = reader

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def status(self) -> int | None:
        """None while it lives; negative is the signal that ended it."""
        return self._process.returncode

    async def ended(self) -> None:
        await self._process.wait()

    def kill(self) -> None:
        """It and all that it started, at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    async def end(self, *, by: signal.Signals, within_seconds: float) -> None:
        """Ask it to end, and see to it that it did."""
        if self.status is None:
            self._process.send_signal(by)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.ended(), within_seconds)
        await self.clear_up()

    async def clear_up(self) -> None:
        """What it started must not go on without it, and its last words are heard."""
        self.kill()
        await self.ended()
        await asyncio.wait([self._reader], timeout=LAST_WORDS_SECONDS)
        self._reader.cancel()

    def how_it_ended(self) -> str:
        if self.status is not None and self.status < 0:
            return f"was ended by {signal.Signals(-self.status).name}"
        return f"ended with status {self.status}"


async def spawn(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    dies_with: signal.Signals,
    hear: Callable[[str], None],
    keep: tuple[int, ...] = (),
) -> Child:
    """Start it from the main thread; `hear` gets each line that it says, errors included."""
    read_end, write_end = os.pipe()
    # A pipe of ours, not asyncio's: a process whose own children still hold asyncio's does not
    # count as ended there, and would not be started again.
    reader = asyncio.create_task(_hear(read_end, hear))
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            env=dict(environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=write_end,
            stderr=write_end,
            **options(dies_with=dies_with, keep=keep),
        )
    finally:
        os.close(write_end)
    return Child(process, reader)


async def _hear(read_end: int, hear: Callable[[str], None]) -> None:
    stream = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(read_end, "rb", buffering=0)
    )
    try:
        rest = b""
        while chunk := await stream.read(65536):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                hear(line.decode(errors="replace").rstrip())
        if rest:
            hear(rest.decode(errors="replace").rstrip())
    finally:
        transport.close()
