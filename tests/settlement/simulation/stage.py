"""Where stories play: one sandbox address for all of them, a world of its own for each.

A story's world is a copy of one prepared marketplace: a database by template, and the sandbox's
file. What is slow to start (servers, clients) stays, so that hundreds of stories fit in a test.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx
import stripe
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from marketplace.kit import clock
from marketplace.payments.stripe_gateway import StripeGateway
from marketplace_runtime.embedded.databases import APP
from marketplace_runtime.embedded.services import RunningServices
from marketplace_runtime.orm import connected
from settlement.connected.stripe_connect import StripeConnect
from storefront_api.stripe_webhooks import PATH, webhook_route
from stripe_sandbox.app import create_app
from tests.factories import NOON
from tests.payments.world import World
from tests.settlement.simulation.cast import Cast, gather
from tests.settlement.simulation.quick import asking_again_at_once
from tests.stripe_sandbox.running import (
    KEY,
    SECRET,
    Endpoint,
    HandClock,
    Sandbox,
    config_in,
    serving,
)

PREPARED = "souk_story"
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


@dataclass
class Stage:
    """`prepared` is None until the marketplace that stories begin with has been made."""

    services: RunningServices
    folder: Path
    switch: Switch
    http: httpx.AsyncClient
    client: stripe.StripeClient
    gateway: StripeGateway
    connect: StripeConnect
    webhook_url: str
    cast: Cast = field(default_factory=lambda: Cast((), (), ()))
    _next: asyncio.Task[str] | None = None

    @asynccontextmanager
    async def world(self) -> AsyncIterator[World]:
        """A fresh copy of the prepared marketplace; gone afterwards."""
        name = await (self._next or self._copied())
        self._next = self._copied()
        folder = self.folder / name
        folder.mkdir()
        shutil.copy(self.folder / FILE, folder / FILE)
        try:
            async with self.playing(name, folder) as world:
                yield world
        finally:
            shutil.rmtree(folder)
            await asyncio.to_thread(self.services.drop_database, name)

    @asynccontextmanager
    async def playing(self, database: str, folder: Path) -> AsyncIterator[World]:
        """The marketplace in this database, with the sandbox whose file is in this folder."""
        hand = HandClock()
        hand.now = NOON
        # Whether requests and answers are Stripe's is asked elsewhere, and takes half the time.
        config = config_in(
            folder, webhook_url=self.webhook_url, settles_after=3600, deliveries_at_once=1,
            check_spec=False,
        )  # fmt: skip
        app = create_app(config, clock=hand)
        url = self.services.database_url(database, role=APP)
        async with connected(url, pool_size=POOL), app.router.lifespan_context(app):
            hand.now = await clock.advance(NOON)
            self.switch.app = app
            sandbox = Sandbox(config, hand, self.client, self.http, Endpoint())
            yield World(sandbox, self.gateway, self.connect, self.webhook_url)

    async def prepare(self, template: str) -> None:
        """Make the marketplace that every story begins with."""
        self.services.ensure_database(PREPARED, template=template)
        async with self.playing(PREPARED, self.folder) as world:
            self.cast = await gather(world)

    async def close(self) -> None:
        if self._next is not None:
            self.services.drop_database(await self._next)
        self.services.drop_database(PREPARED)

    def _copied(self) -> asyncio.Task[str]:
        """Made beside the story before, because it waits for nothing but the disk."""
        name = f"souk_{uuid4().hex}"

        def copy() -> str:
            self.services.ensure_database(name, template=PREPARED)
            return name

        return asyncio.create_task(asyncio.to_thread(copy))


@asynccontextmanager
async def a_stage(services: RunningServices, template: str, folder: Path) -> AsyncIterator[Stage]:
    """Ready for stories; `template` is a database as the migrations make it."""
    switch, receiving = Switch(), Starlette(routes=[webhook_route(secrets=[SECRET])])
    with asking_again_at_once():
        async with (
            serving(receiving) as hook,
            serving(switch) as url,
            httpx.AsyncClient(base_url=url, timeout=10) as http,
        ):
            transport = stripe.HTTPXClient(timeout=10)
            client = stripe.StripeClient(
                KEY, base_addresses={"api": url}, http_client=transport, max_network_retries=0
            )
            gateway = StripeGateway(api_key=KEY, api_base=url, timeout_seconds=5)
            connect = StripeConnect(api_key=KEY, api_base=url, timeout_seconds=5)
            stage = Stage(services, folder, switch, http, client, gateway, connect, f"{hook}{PATH}")
            await stage.prepare(template)
            try:
                yield stage
            finally:
                await stage.close()
                await gateway.close()
                await connect.close()
                await transport.close_async()  # type: ignore[no-untyped-call] # Stripe's
