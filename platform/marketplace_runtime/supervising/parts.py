"""What the supervisor runs: parts, which must live, and steps, which must end well."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from marketplace_runtime.embedded.servers import Server

ReadyCheck = Callable[[], Awaitable[bool]]


def _nothing() -> None:
    return


@dataclass(frozen=True)
class Part:
    """A process that is started again whenever it ends.

    `is_ready` is asked until it says yes, from `settle_seconds` after the start on, for those
    whose only sign of being well is that they still live. Python parts die with the supervisor
    at once, as they are written to survive that; servers with data get the signal that ends
    them in order. `sockets` are descriptors it inherits and answers at.
    """

    name: str
    command: Callable[[], Sequence[str]]
    is_ready: ReadyCheck
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    stop_signal: signal.Signals = signal.SIGTERM
    dies_with: signal.Signals = signal.SIGKILL
    stop_seconds: float = 8.0
    ready_seconds: float = 60.0
    settle_seconds: float = 0.0
    on_console: bool = True
    sockets: tuple[int, ...] = ()
    lock: Path | None = None
    prepare: Callable[[], None] = _nothing

    @property
    def keeps_data(self) -> bool:
        """Started before the others and stopped after them."""
        return self.lock is not None


@dataclass(frozen=True)
class Step:
    """A process that does one thing and ends; anything but success stops the start."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    on_console: bool = True


def serving_data(server: Server) -> Part:
    """An embedded server as a part: its lock handed down, ended in order whatever happens.

    What it says is for its log alone: servers report every client's mistake as an error.
    """

    async def is_ready() -> bool:
        return await asyncio.to_thread(server.is_ready)

    return Part(
        name=server.name,
        command=server.command,
        is_ready=is_ready,
        stop_signal=server.stop_signal,
        dies_with=server.stop_signal,
        stop_seconds=20.0,
        ready_seconds=300.0,
        on_console=False,
        lock=server.lock,
        prepare=server.prepare,
    )


def answers_at(url: str) -> ReadyCheck:
    """Ready when this address answers with success."""

    async def check() -> bool:
        # The environment's proxies are for the world outside this machine.
        async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
            try:
                return (await client.get(url)).is_success
            except httpx.HTTPError:
                return False

    return check


def greets_at(host: str, port: int) -> ReadyCheck:
    """Ready when it speaks first, as mail servers do; being let in says only that we listen."""

    async def check() -> bool:
        try:
            reader, writer = await asyncio.open_connection(host, port)
        except OSError:
            return False
        try:
            return bool(await asyncio.wait_for(reader.readline(), 5))
        except (OSError, TimeoutError):
            return False
        finally:
            writer.close()

    return check


async def at_once() -> bool:
    """For a part that has nothing to ask."""
    return True
