"""`souk bench deadlines`: many missed in one minute, worked off while shoppers order."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import asyncpg
import uvloop

from marketplace.checkout import placing
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace.payments.stripe_gateway import StripeGateway
from marketplace.sla import drafting
from marketplace.sla.drafting import ActionDraft
from marketplace.sla.models import ClockKind
from marketplace.sla.policy_models import ActionKind, Moment
from marketplace_runtime.benching import machine
from marketplace_runtime.benching.databases import Bench, bench_server
from marketplace_runtime.benching.deadlines import ticking
from marketplace_runtime.benching.machine import Machine
from marketplace_runtime.benching.ordering import shop
from marketplace_runtime.benching.ordering.clients import Load
from marketplace_runtime.benching.ordering.shop import Shop
from marketplace_runtime.benching.scale import copying, samples
from marketplace_runtime.benching.scale.samples import GUEST, Stage
from marketplace_runtime.orm import connected
from marketplace_runtime.replaying.stripe_process import KEY, StripeProcess, stripe_process

AT_REST = 200  # orders placed before anything is due
LIVES_FOR_SECONDS = 1.0  # the worker that is killed
PLACED = "placed"
ACCEPTED = Stage("accepted", 1.0, True, (samples.pay, samples.accept))
_ACTIONS = (ActionKind.PENALTY, ActionKind.ESCALATE, ActionKind.NOTIFY_VENDOR)
_TOLD = ("sla.breached", "sla.penalty_due", "sla.escalated")

_MISS = """
    UPDATE sla_clock SET due_at = $1, warn_at = NULL, promised_at = NULL, on_calendar_of = NULL,
        started_at = least(started_at, $1)
    WHERE kind = 'ship_by' AND state IN ('running', 'warned')
"""
_RUN = "SELECT count(*) FROM sla_action_run"
_EVENTS = """
    SELECT name, count(*) AS told, count(DISTINCT stream_id) AS orders FROM outbox_event
    WHERE name = ANY($1) GROUP BY name
"""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`kills`: one of the workers dies in the midst of it."""

    deadlines: int
    workers: int
    kills: bool
    home: Path | None


@dataclass(slots=True)
class Figures:
    """`twice` are events of one order and name beyond the first: none may be."""

    machine: Machine
    load_after: float = 0.0
    deadlines: int = 0
    killed: int = 0
    seconds: float = 0.0
    actions: int = 0
    wanted: int = 0
    twice: int = 0
    left: int = 0
    at_rest: Load = field(default_factory=lambda: Load(1))
    meanwhile: Load = field(default_factory=lambda: Load(1))


def run(asked: Asked, say: Say) -> Figures:
    with bench_server(asked.home) as bench:
        figures = Figures(machine.look(bench.postgres))
        log = bench.home.logs / "bench-stripe.log"
        with (
            bench.fresh(),
            stripe_process(bench.url, data_file=bench.stripe_file, log=log) as stripe,
        ):
            uvloop.run(_bench(bench, stripe, asked, figures, say))
        figures.load_after = machine.load()
    return figures


async def _bench(
    bench: Bench, stripe: StripeProcess, asked: Asked, figures: Figures, say: Say
) -> None:
    now = datetime.now(UTC)  # noqa: TID251 - nobody's clock
    async with connected(bench.url, pool_size=4):
        say(f"{asked.deadlines:,} orders are made")
        open_shop = await shop.open_shop(now - timedelta(days=1))
        await _agree(now)
        await _make(bench, stripe, open_shop, asked.deadlines, now)
        say("orders are placed with nothing due")
        figures.at_rest = await _place(open_shop, AT_REST, until=None)
        say("all are due")
        owner = await asyncpg.connect(bench.owner_url)
        try:
            missed = await owner.execute(_MISS, now - timedelta(minutes=1))
        finally:
            await owner.close()
        figures.deadlines = int(missed.split()[-1])
        await _work_off(bench, open_shop, asked, figures)
        await _count(figures)


async def _agree(now: datetime) -> None:
    """The policy in force: each missed deadline sets three things off."""
    actions = [
        ActionDraft(
            kind=ClockKind.SHIP_BY, moment=Moment.BREACHED, action=action,
            rate_ppm=50_000 if action is ActionKind.PENALTY else None,
        )
        for action in _ACTIONS
    ]  # fmt: skip
    version_id = await drafting.save(
        principal=SYSTEM, rules=(), actions=actions, note="Measured", now=now
    )
    await drafting.activate(principal=SYSTEM, version_id=version_id, now=now)


async def _make(
    bench: Bench, stripe: StripeProcess, open_shop: Shop, orders: int, now: datetime
) -> None:
    """One order by the operations, of one seller; the others are its copies."""
    gateway = StripeGateway(api_key=KEY, api_base=stripe.url)
    try:
        basket = open_shop.basket(lines=1, vendors=1)
        sample = await samples.make_one(open_shop, ACCEPTED, basket, gateway, now)
    finally:
        await gateway.close()
    await copying.multiply(bench.owner_url, [sample], orders - 1, start=0)


async def _work_off(bench: Bench, open_shop: Shop, asked: Asked, figures: Figures) -> None:
    begun, over = perf_counter(), asyncio.Event()
    workers = [await _worker(bench.url) for _ in range(asked.workers)]
    shopping = asyncio.create_task(_place(open_shop, asked.deadlines, until=over))
    if asked.kills:
        await asyncio.sleep(LIVES_FOR_SECONDS)
        if workers[0].returncode is None:
            workers[0].kill()
            figures.killed = 1
    await asyncio.gather(*(worker.wait() for worker in workers))
    figures.seconds = perf_counter() - begun
    over.set()
    figures.meanwhile = await shopping


async def _worker(database_url: str) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", ticking.__name__, stdin=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    process.stdin.write(f"{database_url}\n".encode())
    await process.stdin.drain()
    process.stdin.close()
    return process


async def _place(open_shop: Shop, most: int, *, until: asyncio.Event | None) -> Load:
    """One order after the other, of five lines from three vendors."""
    load, begun = Load(1), perf_counter()
    while len(load.milliseconds) < most and not (until and until.is_set()):
        baskets = [open_shop.basket(lines=5, vendors=3) for _ in range(20)]
        for token in await shop.fill_carts(open_shop, baskets):
            started = perf_counter()
            at = datetime.now(UTC)  # noqa: TID251 - as above
            await placing.place_order(principal=GUEST, token=token, key=token, now=at)
            load.milliseconds.append((perf_counter() - started) * 1000)
    load.seconds = perf_counter() - begun
    load.outcomes[PLACED] = len(load.milliseconds)
    return load


async def _count(figures: Figures) -> None:
    figures.left = await ticking.left()
    figures.wanted = figures.deadlines * len(_ACTIONS)
    async with transaction(SYSTEM, read_only=True):
        figures.actions = await connection().fetchval(_RUN)
        told: Sequence[asyncpg.Record] = await connection().fetch(_EVENTS, list(_TOLD))
    figures.twice = sum(row["told"] - row["orders"] for row in told)
