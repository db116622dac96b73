"""`souk events`: what happened to an order, past events told again, and their catalogue."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from marketplace.kit import clock
from marketplace.kit.errors import DomainError
from marketplace.outbox import replaying
from marketplace.outbox.routes import Received, Routes
from marketplace.payments.stripe_gateway import StripeGateway
from marketplace_runtime import cataloguing
from marketplace_runtime.errors import RuntimeRefusal
from marketplace_runtime.orm import connected
from marketplace_runtime.routes import all_routes
from marketplace_runtime.settings import Settings
from settlement.connected.stripe_connect import StripeConnect


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    order: str | None = None
    consumer: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    seq: int | None = None


async def show(settings: Settings, asked: Asked) -> list[str]:
    """A line for each event of an order: number, moment, name, payload and who heard it."""
    assert asked.order is not None, asked
    try:
        async with connected(settings.database_url):
            told = await replaying.stream(await replaying.find_order(asked.order))
    except DomainError as refusal:
        raise RuntimeRefusal(f"{asked.order}: {refusal.message}") from refusal
    return [
        f"{one.seq:>4}  {one.happened_at:%Y-%m-%d %H:%M:%S}  {one.name:<28} {one.payload}"
        f"  heard by: {', '.join(one.heard_by) or 'nobody'}"
        for one in told
    ]


async def tell_again(settings: Settings, asked: Asked) -> list[str]:
    """Hand them out; the worker that runs, or the next one, does the rest."""
    if asked.consumer is None:
        raise RuntimeRefusal("say who is told: --consumer ledger")
    routes = await known_routes()
    try:
        async with connected(settings.database_url):
            order_id = None if asked.order is None else await replaying.find_order(asked.order)
            count = await replaying.tell_again(
                consumer=asked.consumer,
                routes=routes,
                order_id=order_id,
                since=_utc(asked.since),
                until=_utc(asked.until),
                seq=asked.seq,
                now=await clock.now(),
            )
    except DomainError as refusal:
        raise RuntimeRefusal(refusal.message) from refusal
    events = "1 event is" if count == 1 else f"{count} events are"
    return [f"{events} on the way to {asked.consumer} once more."]


def write_catalogue(path: Path, *, only_compare: bool = False) -> None:
    """Refuses a stale page when it is only to compare."""
    import asyncio

    page = path.read_text()
    written = cataloguing.document(page, asyncio.run(known_routes()))
    if only_compare and written != page:
        raise RuntimeRefusal(f"{path} is stale: run `souk events --docs`")
    path.write_text(written)


async def known_routes() -> Routes:
    """The table, without anybody behind it: for looking, not for handling."""

    async def nobody(event: Received, *, now: datetime) -> None:
        raise AssertionError("this table is for looking")

    gateway = StripeGateway(api_key="sk_test_none", api_base="http://127.0.0.1:9")
    connect = StripeConnect(api_key="sk_test_none", api_base="http://127.0.0.1:9")
    routes = all_routes(postman=nobody, gateway=gateway, connect=connect)
    await gateway.close()
    await connect.close()
    return routes


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)
