"""A marketplace and its payment provider: the real gateway, over HTTP, against the sandbox."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest
from starlette.applications import Starlette

from marketplace.checkout import paying, provider_events, resuming
from marketplace.checkout.paying import PaymentResult
from marketplace.kit import clock
from marketplace.kit.principal import SYSTEM, Principal
from marketplace.kit.transactions import transaction
from marketplace.payments import submitting
from marketplace.payments.gateway import PaymentGateway
from marketplace.payments.stripe_gateway import StripeGateway
from settlement.connected.gateway import ConnectGateway
from settlement.connected.stripe_connect import StripeConnect
from storefront_api.stripe_webhooks import PATH, webhook_route
from tests.factories import NOON
from tests.stripe_sandbox.running import (
    KEY,
    SECRET,
    Endpoint,
    HandClock,
    Sandbox,
    config_in,
    running,
    serving,
)

# Stripe's client hands httpx its body in a way that httpx discourages; neither is ours.
OVER_HTTP = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"),
]
CONNECT_SECRET = "whsec_of_the_endpoint_for_vendors"
BACK = "https://shop.example/back"
PAYING = "POST /v1/payment_intents"
REFUNDING = "POST /v1/refunds"


@dataclass
class World:
    """What a test does; each call is what a face, a job or the sweeper does."""

    sandbox: Sandbox
    gateway: PaymentGateway
    connect: ConnectGateway
    webhook_url: str
    handled: set[UUID] = field(default_factory=set)

    @property
    def now(self) -> datetime:
        return self.sandbox.clock.now

    async def pass_time(self, **span: float) -> None:
        self.sandbox.clock.advance(**span)
        await clock.advance(self.now)

    async def pay(
        self,
        order_id: UUID,
        *,
        card: str = "pm_card_visa",
        key: str = "pay",
        return_url: str = BACK,
        by: Principal = SYSTEM,
        gateway: PaymentGateway | None = None,
    ) -> PaymentResult:
        return await paying.pay_order(
            principal=by,
            order_id=order_id,
            payment_method=card,
            return_url=return_url,
            key=key,
            gateway=gateway or self.gateway,
            now=self.now,
        )

    async def authenticate(self, url: str | None, outcome: str) -> None:
        """The cardholder decides on the bank's page."""
        assert url is not None
        page = urlsplit(url).path
        answer = await self.sandbox.http.post(page, data={"outcome": outcome})
        assert answer.status_code == 303, answer.text

    async def webhooks(self, *, newest_first: bool = False) -> int:
        """Let the provider send, then let the job act on what is new; how many that was."""
        await self.sandbox.flush()
        order = "DESC" if newest_first else "ASC"
        rows = await self.rows(f"SELECT id FROM provider_event ORDER BY id {order}")
        new = [row["id"] for row in rows if row["id"] not in self.handled]
        for provider_event_id in new:
            await self.handle(provider_event_id)
        return len(new)

    async def handle(self, provider_event_id: UUID) -> None:
        await provider_events.handle(
            provider_event_id=provider_event_id, gateway=self.gateway, now=self.now
        )
        self.handled.add(provider_event_id)

    async def sweep(self, *, after: timedelta = timedelta(minutes=16)) -> int:
        """Time passes, then the sweeper runs once."""
        await self.pass_time(seconds=after.total_seconds())
        return await resuming.resume_due(gateway=self.gateway, now=self.now)

    async def submit(self, refund_id: UUID, *, gateway: PaymentGateway | None = None) -> None:
        await submitting.submit_refund(
            refund_id=refund_id, gateway=gateway or self.gateway, now=self.now
        )

    async def rows(self, sql: str, *values: object) -> list[Any]:
        async with transaction(SYSTEM) as connection:
            found: list[Any] = await connection.fetch(sql, *values)
            return found

    async def value(self, sql: str, *values: object) -> Any:
        return (await self.rows(sql, *values))[0][0]

    async def events(self, order_id: UUID) -> list[str]:
        """The names of what was recorded of an order, in order."""
        rows = await self.rows(
            "SELECT name FROM outbox_event WHERE stream_id = $1 ORDER BY seq", order_id
        )
        return [row["name"] for row in rows]

    async def states(self, order_id: UUID) -> set[str]:
        rows = await self.rows("SELECT state FROM sub_order WHERE order_id = $1", order_id)
        return {row["state"] for row in rows}

    async def intents(self) -> list[Any]:
        """Those at the provider, the newest first."""
        return list((await self.sandbox.intents.list_async({"limit": 100})).data)

    async def money_in(self) -> int:
        """What the provider took from customers, less what it gave back."""
        found = await self.sandbox.client.v1.balance_transactions.list_async({"limit": 100})
        return sum(one.amount for one in found.data)


@asynccontextmanager
async def a_world(folder: Path) -> AsyncIterator[World]:
    """The clock is virtual and stands at noon, for the marketplace and the sandbox alike."""
    await clock.advance(NOON)
    hand = HandClock()
    hand.now = NOON
    async with serving(Starlette(routes=[webhook_route(secrets=[SECRET, CONNECT_SECRET])])) as url:
        config = config_in(folder, webhook_url=f"{url}{PATH}", settles_after=3600)
        async with running(config, hand, Endpoint()) as sandbox:
            gateway = StripeGateway(api_key=KEY, api_base=address(sandbox), timeout_seconds=5)
            connect = StripeConnect(api_key=KEY, api_base=address(sandbox), timeout_seconds=5)
            yield World(sandbox, gateway, connect, f"{url}{PATH}")
            await gateway.close()
            await connect.close()
            assert await sandbox.violations() == []
            assert (await sandbox.books())["agrees"]


def address(sandbox: Sandbox) -> str:
    return str(sandbox.http.base_url).rstrip("/")


async def post_webhook(url: str, body: bytes, signature: str | None) -> httpx.Response:
    headers = {} if signature is None else {"Stripe-Signature": signature}
    async with httpx.AsyncClient() as client:
        return await client.post(url, content=body, headers=headers)
