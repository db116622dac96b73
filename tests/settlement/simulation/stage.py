"""Where stories play: one sandbox address for all of them, a world of its own for each.

A story's world is as one prepared marketplace was: its rows, and a copy of the sandbox's file. What
is slow to start (servers, clients, connections) stays, so that hundreds of stories fit in a test.
"""

import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import stripe
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from marketplace.kit import clock
from marketplace.payments.stripe_gateway import StripeGateway
from marketplace_runtime.embedded.databases import APP, SUPERUSER
from marketplace_runtime.embedded.services import RunningServices
from marketplace_runtime.orm import connected
from settlement.connected.stripe_connect import StripeConnect
from storefront_api.stripe_webhooks import PATH, webhook_route
from stripe_sandbox.app import create_app
from tests.factories import NOON
from tests.payments.world import World
from tests.settlement.simulation.cast import Cast, gather
from tests.settlement.simulation.quick import asking_again_at_once
from tests.settlement.simulation.slate import Slate
from tests.stripe_sandbox.running import (
    KEY,
    SECRET,
    Endpoint,
    HandClock,
    Sandbox,
    config_in,
    serving,
)

FILE = "stripe.sqlite3"
POOL = 12


@dataclass
class Switch:
    """One address, behind which the application changes from story to story."""

    app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        assert self.app is not None
        await self.app(scope, receive, send)


@dataclass(frozen=True)
class Stage:
    """With the marketplace that every story begins with."""

    folder: Path
    troupe: "Troupe"
    slate: Slate
    cast: Cast

    @asynccontextmanager
    async def world(self) -> AsyncIterator[World]:
        """The prepared marketplace, as if nothing had ever happened in it."""
        await self.slate.wipe()
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            shutil.copy(self.folder / FILE, folder)
            async with self.troupe.playing(Path(folder)) as world:
                yield world


@dataclass(frozen=True)
class Troupe:
    """Who speaks to whom: the clients of the sandbox's address, and the marketplace's endpoint."""

    switch: Switch
    http: httpx.AsyncClient
    client: stripe.StripeClient
    gateway: StripeGateway
    connect: StripeConnect
    webhook_url: str

    @asynccontextmanager
    async def playing(self, folder: Path) -> AsyncIterator[World]:
        """The marketplace, with the sandbox whose file is in this folder."""
        hand = HandClock()
        hand.now = await clock.advance(NOON)
        # Whether requests and answers are Stripe's is asked elsewhere, and takes half the time.
        config = config_in(
            folder, webhook_url=self.webhook_url, settles_after=3600, deliveries_at_once=1,
            check_spec=False,
        )  # fmt: skip
        app = create_app(config, clock=hand)
        async with app.router.lifespan_context(app):
            self.switch.app = app
            sandbox = Sandbox(config, hand, self.client, self.http, Endpoint())
            yield World(sandbox, self.gateway, self.connect, self.webhook_url)


@asynccontextmanager
async def a_stage(services: RunningServices, template: str, folder: Path) -> AsyncIterator[Stage]:
    """Ready for stories; `template` is a database as the migrations make it."""
    name = f"souk_{uuid4().hex}"
    services.ensure_database(name, template=template)
    url = services.database_url(name, role=APP)
    try:
        async with connected(url, pool_size=POOL), a_troupe() as troupe:
            async with troupe.playing(folder) as world:
                cast = await gather(world)
            slate = await Slate.of(services.database_url(name, role=SUPERUSER))
            try:
                yield Stage(folder, troupe, slate, cast)
            finally:
                await slate.close()
    finally:
        services.drop_database(name)


@asynccontextmanager
async def a_troupe() -> AsyncIterator[Troupe]:
    switch, receiving = Switch(), Starlette(routes=[webhook_route(secrets=[SECRET])])
    with asking_again_at_once():
        async with (
            serving(receiving) as hook,
            serving(switch) as url,
            # The sandbox's own doors are opened in this process: only Stripe's are far away.
            httpx.AsyncClient(transport=httpx.ASGITransport(switch), base_url=url) as http,
        ):
            transport = stripe.HTTPXClient(timeout=10)
            client = stripe.StripeClient(
                KEY, base_addresses={"api": url}, http_client=transport, max_network_retries=0
            )
            gateway = StripeGateway(api_key=KEY, api_base=url, timeout_seconds=5)
            connect = StripeConnect(api_key=KEY, api_base=url, timeout_seconds=5)
            try:
                yield Troupe(switch, http, client, gateway, connect, f"{hook}{PATH}")
            finally:
                await gateway.close()
                await connect.close()
                await transport.close_async()  # type: ignore[no-untyped-call] # Stripe's
