"""A sandbox on a loopback port, with a clock in the test's hand and an endpoint that listens."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from stripe_sandbox.app import create_app
from stripe_sandbox.config import SandboxConfig

# Stripe's client hands httpx its body in a way that httpx discourages; neither is ours.
OVER_HTTP = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"),
]
KEY = "sk_test_a_key_for_tests"
SECRET = "whsec_a_secret_for_tests"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class HandClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON
        self.is_away = False

    async def __call__(self) -> datetime:
        if self.is_away:
            raise ConnectionError("the clock is away")
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Endpoint:
    """A webhook endpoint: keeps what arrives, answers 200 or what it is told to."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    arrived: list[tuple[bytes, str]] = field(default_factory=list)

    async def receive(self, request: Request) -> Response:
        self.arrived.append((await request.body(), request.headers["stripe-signature"]))
        return Response(status_code=self.answers.pop(0) if self.answers else 200)

    @property
    def types(self) -> list[str]:
        return [json.loads(body)["type"] for body, _ in self.arrived]


@dataclass
class Sandbox:
    """What a test sees: Stripe's client, plain HTTP, the clock, the endpoint."""

    config: SandboxConfig
    clock: HandClock
    client: stripe.StripeClient
    http: httpx.AsyncClient
    endpoint: Endpoint

    @property
    def intents(self) -> stripe.PaymentIntentService:
        return self.client.v1.payment_intents

    @property
    def refunds(self) -> stripe.RefundService:
        return self.client.v1.refunds

    async def pay(
        self, amount: int = 100_00, card: str = "pm_card_visa", **more: Any
    ) -> stripe.PaymentIntent:
        """Create and confirm, captured at once unless told otherwise."""
        params: Any = {
            "amount": amount,
            "currency": "eur",
            "capture_method": "automatic",
            "confirm": True,
            "payment_method": card,
            "allowed_payment_method_types": ["card"],
            "expand": ["latest_charge.balance_transaction"],
        } | more
        return await self.intents.create_async(params)

    async def hold(self, amount: int = 100_00) -> stripe.PaymentIntent:
        return await self.pay(amount, capture_method="manual", expand=[])

    async def door(self, path: str, **asked: object) -> Any:
        """One of the sandbox's own doors, which answers with what it did."""
        answer = await self.http.post(f"/_sandbox/{path}", json=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, data: str = "", **headers: str) -> httpx.Response:
        """A request of one's own making, form-encoded, with the right key."""
        sent = {"Authorization": f"Bearer {KEY}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        sent["Content-Type"] = "application/x-www-form-urlencoded"
        return await self.http.post(path, content=data, headers=sent)

    async def get(self, path: str) -> httpx.Response:
        return await self.http.get(path, headers={"Authorization": f"Bearer {KEY}"})

    async def fault(self, kind: str, **more: object) -> None:
        answer = await self.http.post("/_sandbox/faults", json={"kind": kind} | more)
        assert answer.status_code == 200, answer.text

    async def flush(self) -> None:
        (await self.http.post("/_sandbox/deliveries/flush")).raise_for_status()

    async def do_what_is_due(self) -> None:
        """Let the background look at the clock now."""
        (await self.http.post("/_sandbox/deliveries/due")).raise_for_status()

    async def events(self, *types: str) -> list[stripe.Event]:
        """The oldest first."""
        found = await self.client.v1.events.list_async({"limit": 100})
        return [one for one in reversed(found.data) if not types or one.type in types]

    async def event_types(self) -> list[str]:
        return [event.type for event in await self.events()]

    async def books(self) -> Any:
        return (await self.http.get("/_sandbox/books")).json()

    async def violations(self) -> Any:
        return (await self.http.get("/_sandbox/violations")).json()["violations"]


def previous(event: stripe.Event) -> object:
    """What an event says its object was before."""
    data: dict[str, Any] = event.data.to_dict()
    return data.get("previous_attributes")


class ReadyServer(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[str]:
    """The application on a free port; its address."""
    listening = listener()
    server = ReadyServer(uvicorn.Config(app, log_level="error", ws="none"))
    task = asyncio.create_task(server.serve([listening]))
    await server.ready.wait()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listening.close()


def listener() -> socket.socket:
    # Without the protocol asyncio leaves Nagle's algorithm on: 40 ms for every answer.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    return listening


@asynccontextmanager
async def an_endpoint() -> AsyncIterator[Endpoint]:
    endpoint = Endpoint()
    app = Starlette(routes=[Route("/webhooks", endpoint.receive, methods=["POST"])])
    async with serving(app) as url:
        endpoint.url = f"{url}/webhooks"
        yield endpoint


def config_in(folder: Path, **more: Any) -> SandboxConfig:
    config = SandboxConfig(
        data_file=folder / "stripe.sqlite3",
        secret_key=KEY,
        webhook_url=None,
        webhook_secret=SECRET,
        public_url="http://sandbox.test",
    )
    return replace(config, **more)


@asynccontextmanager
async def running(
    config: SandboxConfig, clock: HandClock, endpoint: Endpoint
) -> AsyncIterator[Sandbox]:
    async with (
        serving(create_app(config, clock=clock)) as url,
        httpx.AsyncClient(base_url=url, timeout=10, verify=False) as http,
    ):
        transport = stripe.HTTPXClient(timeout=10, verify_ssl_certs=False)
        client = stripe.StripeClient(
            KEY, base_addresses={"api": url}, http_client=transport, max_network_retries=0
        )
        yield Sandbox(config, clock, client, http, endpoint)
        await transport.close_async()  # type: ignore[no-untyped-call] # Stripe left it untyped
