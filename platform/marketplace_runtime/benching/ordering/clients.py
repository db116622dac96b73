"""Shoppers at the door: each sends its requests one after the other over a connection it keeps.

Plain HTTP/1.1 over a socket, since the load's own CPU is on the same machine as what it measures.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Journey = Callable[["Client", str], Awaitable[str]]
"""What a shopper does with one cart or name; answers with a word for what came of it."""


@dataclass(slots=True)
class Load:
    """What came of it: how many of each outcome, and how long each took, in milliseconds."""

    clients: int
    seconds: float = 0.0
    outcomes: dict[str, int] = field(default_factory=dict)
    milliseconds: list[float] = field(default_factory=list)

    def per_second(self, outcome: str) -> float:
        return self.outcomes.get(outcome, 0) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        ordered = sorted(self.milliseconds)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]

    @property
    def p99_to_p50(self) -> float:
        return self.percentile(0.99) / self.percentile(0.5)


class Client:
    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, query: str, variables: Mapping[str, object]) -> dict[str, Any]:
        """The data of one GraphQL operation; an error of the transport or the API is raised."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        assert self._reader is not None
        self._writer.write(
            b"POST /graphql HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n"
            b"content-length: %d\r\n\r\n%b" % (len(body), body)
        )
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line[15:]) for line in head.split(b"\r\n") if line[:15] == b"content-length:"
        )
        answer = json.loads(await self._reader.readexactly(length))
        if not head.startswith(b"HTTP/1.1 200") or "errors" in answer:
            raise RuntimeError(f"{head.splitlines()[0].decode()}: {answer}")
        data: dict[str, Any] = answer["data"]
        return data

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


async def drive(
    journey: Journey, tokens: Iterator[str], *, clients: int, ports: Sequence[int], seconds: float
) -> Load:
    """So many clients at once until the time is over or the tokens are; what runs then ends.

    They share the ports evenly.
    """
    load = Load(clients)
    begun = time.perf_counter()

    async def shop(port: int) -> None:
        client = Client("127.0.0.1", port)
        try:
            while time.perf_counter() - begun < seconds:
                token = next(tokens, None)
                if token is None:
                    return
                started = time.perf_counter()
                try:
                    outcome = await journey(client, token)
                except (RuntimeError, OSError, asyncio.IncompleteReadError) as error:
                    client.close()
                    client = Client("127.0.0.1", port)
                    outcome = f"failed: {str(error)[:200]}"
                load.milliseconds.append((time.perf_counter() - started) * 1000)
                load.outcomes[outcome] = load.outcomes.get(outcome, 0) + 1
        finally:
            client.close()

    async with asyncio.TaskGroup() as group:
        for nth in range(clients):
            group.create_task(shop(ports[nth % len(ports)]))
    load.seconds = time.perf_counter() - begun
    return load
