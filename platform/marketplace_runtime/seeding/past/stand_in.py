"""The Stripe sandbox of this home in this process, under a clock that is set by hand.

It writes the books with which the home's own sandbox goes on afterwards.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import httpx
import uvicorn

from stripe_sandbox.app import create_app
from stripe_sandbox.config import SandboxConfig


@dataclass(slots=True)
class Hand:
    """A clock that shows what it was set to."""

    now: datetime

    async def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True)
class StandIn:
    """`clock` is the sandbox's; `http` reaches what other people do there."""

    url: str
    clock: Hand
    http: httpx.AsyncClient

    async def work_off(self) -> None:
        """Let happen what is due by its clock: payouts arrive, disputes are decided."""
        while (await self._post("/_sandbox/deliveries/due", {})).json()["worked"]:
            pass

    async def dispute(self, charge_id: str, *, reason: str) -> None:
        await self._post("/_sandbox/disputes", {"charge": charge_id, "reason": reason})

    async def rule(self, dispute_id: str) -> None:
        """The bank agrees with us."""
        await self._post(f"/_sandbox/disputes/{dispute_id}/win", {})

    async def book_at_bank(self, *, amount_minor: int, day: date, text: str) -> None:
        """A line on our bank's statement that nobody told us of."""
        asked = {"amount": amount_minor, "date": day.isoformat(), "text": text}
        await self._post("/_sandbox/bank/lines", asked)

    async def statement(self, first: date, last: date) -> bytes:
        """The bank's statement, CAMT.053."""
        asked = {"format": "camt053", "from": first.isoformat(), "to": last.isoformat()}
        answer = await self.http.get("/_sandbox/bank/statement", params=asked)
        answer.raise_for_status()
        return answer.content

    async def _post(self, path: str, asked: dict[str, object]) -> httpx.Response:
        answer = await self.http.post(path, json=asked)
        answer.raise_for_status()
        return answer


class _Server(uvicorn.Server):
    """One that leaves signals to whoever runs us."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def stand_in(
    data_file: Path, *, key: str, public_url: str, now: datetime
) -> AsyncIterator[StandIn]:
    """Serving until the end of the block; it sends no webhooks, its events are read from it."""
    clock = Hand(now)
    config = SandboxConfig(
        data_file=data_file,
        secret_key=key,
        webhook_url=None,
        webhook_secret="unused",
        public_url=public_url,
    )
    # Named, or asyncio leaves Nagle's algorithm on: 40 ms for every answer.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        app = create_app(config, clock=clock)
        server = _Server(
            uvicorn.Config(app, http="httptools", access_log=False, log_level="warning", ws="none")
        )
        serving = asyncio.create_task(server.serve([listening]))
        try:
            async with httpx.AsyncClient(base_url=url, timeout=20, trust_env=False) as http:
                yield StandIn(url, clock, http)
        finally:
            server.should_exit = True
            await serving
