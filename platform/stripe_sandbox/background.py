"""What goes on by itself: deferred work, and webhooks until the endpoint says 2xx."""

import asyncio
import json
import logging
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import cache, cached_property
from hashlib import sha256
from hmac import new as hmac

import httpx

from stripe_sandbox import (
    charges,
    deferred,
    deliveries,
    disputing,
    holdings,
    intents,
    paying_out,
    refunds,
)
from stripe_sandbox.call import Call
from stripe_sandbox.config import SandboxConfig
from stripe_sandbox.deferred import Work
from stripe_sandbox.deliveries import Delivery
from stripe_sandbox.expansion import expanded
from stripe_sandbox.shapes import Clock
from stripe_sandbox.store import Store

logger = logging.getLogger(__name__)

# How often the clock is asked while something waits for it, in real seconds.
LOOK_EVERY = 1.0
ANSWER_WITHIN = 20.0
WORKS: dict[Work, Callable[[Call, str], None]] = {
    Work.SETTLE_CHARGE: charges.settle_later,
    Work.COMPLETE_REFUND: refunds.complete,
    Work.FAIL_REFUND: refunds.fail,
    Work.EXPIRE_AUTHORIZATION: intents.expire,
    Work.SEND_PAYOUT: paying_out.send,
    Work.PAY_PAYOUT: paying_out.pay,
    Work.FAIL_PAYOUT: paying_out.fail,
    Work.RETURN_PAYOUT: paying_out.come_back,
    Work.TELL_BALANCE: holdings.tell,
    Work.SETTLE_REFUND: refunds.settle_later,
    Work.OPEN_DISPUTE: disputing.open_by_card,
    Work.DECIDE_DISPUTE: disputing.decide,
    Work.END_DISPUTE: disputing.end,
}


def signature(secret: str, payload: bytes, timestamp: int) -> str:
    """The Stripe-Signature header: HMAC-SHA256 over the time and the payload."""
    signed = hmac(secret.encode(), f"{timestamp}.".encode() + payload, sha256).hexdigest()
    return f"t={timestamp},v1={signed}"


@cache
def _trusted() -> ssl.SSLContext:
    """Whom to believe over HTTPS; reading the list takes longer than a hundred webhooks."""
    return httpx.create_ssl_context()


class Background:
    """Deferred work and deliveries of one sandbox."""

    def __init__(self, config: SandboxConfig, store: Store, clock: Clock) -> None:
        self._config = config
        self._store = store
        self._clock = clock
        self._woken = asyncio.Event()
        self._sending = asyncio.Lock()

    @cached_property
    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=ANSWER_WITHIN, verify=_trusted())

    async def close(self) -> None:
        if "_client" in vars(self):
            await self._client.aclose()

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled. Sleeps while nothing waits."""
        while True:
            self._woken.clear()
            try:
                worked = await self.catch_up()
            except Exception:
                # The clock is the marketplace's and its database may be away for a moment;
                # the queue is durable, so nothing is lost by looking again.
                logger.exception("deferred work or deliveries failed, trying again")
                worked = False
            if not worked:
                await self._sleep()

    async def _sleep(self) -> None:
        waiting = deferred.are_waiting(self._store) or deliveries.are_waiting(self._store)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), LOOK_EVERY if waiting else None)

    async def catch_up(self) -> bool:
        """Do what is due by the clock; whether there was anything."""
        now = await self._clock()
        worked = self.do_deferred(now)
        return await self._deliver(now) > 0 or worked

    def do_deferred(self, now: datetime) -> bool:
        found = deferred.due(self._store, int(now.timestamp()))
        for one in found:
            call = self._call(now, one.account)
            with self._store.transaction():
                WORKS[one.work](call, one.object_id)
                deferred.done(self._store, one)
        return bool(found)

    async def flush(self) -> int:
        """Do deferred work that is due, then try every waiting webhook once, back-off or not."""
        now = await self._clock()
        self.do_deferred(now)
        tried = 0
        for release in (False, True):
            tried += await self._deliver(now, everything=True, release=release)
        return tried

    async def _deliver(
        self, now: datetime, *, everything: bool = False, release: bool = False
    ) -> int:
        """Send what is due, a few at once; each is tried once. How many were tried."""
        if self._config.webhook_url is None and self._config.connect_webhook_url is None:
            return 0
        tried = last = 0
        async with self._sending:
            while True:
                batch = deliveries.due(
                    self._store,
                    now=int(now.timestamp()),
                    most=self._config.deliveries_at_once,
                    after=last,
                    everything=everything,
                    release=release,
                )
                if not batch:
                    return tried
                last = batch[-1].id
                tried += len(batch)
                await asyncio.gather(*(self._send(one, now) for one in batch))

    async def _send(self, delivery: Delivery, now: datetime) -> None:
        problem = await self.post(delivery.account, delivery.event, now)
        if problem is None:
            deliveries.arrived(self._store, delivery)
        else:
            deliveries.failed(self._store, delivery, problem=problem, now=int(now.timestamp()))

    async def post(self, account: str, event_id: str, now: datetime) -> str | None:
        """Send one event to the endpoint; what went wrong, or nothing for a 2xx."""
        endpoint = self._config.endpoint_for(account)
        if endpoint is None:
            return "there is no endpoint any more"
        url, secret = endpoint
        call = self._call(now, account)
        payload = json.dumps(expanded(call, call.get("event", event_id)), indent=2).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(secret, payload, int(now.timestamp())),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        try:
            answer = await self._client.post(url, content=payload, headers=headers)
        except httpx.HTTPError as failed:
            return f"{type(failed).__name__}: {failed}"[:500]
        return None if answer.is_success else f"HTTP {answer.status_code}"

    def _call(self, now: datetime, account: str) -> Call:
        return Call(self._store, self._config, account, int(now.timestamp()))
