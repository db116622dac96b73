"""`souk bench order` from the first cart to the last figure."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import uvloop

from marketplace.checkout import placing
from marketplace.kit.principal import Kind, Principal
from marketplace_runtime.benching import machine
from marketplace_runtime.benching.databases import Bench, bench_server
from marketplace_runtime.benching.machine import Machine
from marketplace_runtime.benching.measuring import measured
from marketplace_runtime.benching.ordering import floor, journeys, relaying, shop
from marketplace_runtime.benching.ordering.clients import Journey, Load, drive
from marketplace_runtime.benching.ordering.relaying import CaughtUp
from marketplace_runtime.benching.ordering.shop import Shop
from marketplace_runtime.benching.ordering.web import Servers, serving
from marketplace_runtime.orm import connected
from marketplace_runtime.replaying.stripe_process import stripe_process

LINES, VENDORS = 5, 3
LONGEST_CART = 40
CARTS_A_SECOND = 600  # made ready; more than any run has ordered
HOT_CLIENTS = 32
POOL_SIZE = 8

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person asked for on the command line."""

    clients: Sequence[int]
    seconds: int
    web: int
    home: Path | None


@dataclass(frozen=True, slots=True)
class Run:
    """One load, and the CPU seconds that each part of the house spent on it."""

    load: Load
    wanted: str
    cpu: dict[str, float]

    @property
    def per_second(self) -> float:
        return self.load.per_second(self.wanted)

    @property
    def failures(self) -> int:
        return sum(self.load.outcomes.values()) - self.load.outcomes.get(self.wanted, 0)

    def cpu_ms(self, part: str) -> float:
        """CPU milliseconds for each that went well."""
        done = self.load.outcomes.get(self.wanted, 0)
        return self.cpu[part] * 1000 / done if done else 0.0


@dataclass(slots=True)
class Hot:
    """One product everybody wants beside carts of one line each that want different ones."""

    spread: Run
    hot: Run
    pieces: int = 0
    buyers: int = 0
    sold: int = 0


@dataclass(slots=True)
class Figures:
    machine: Machine
    load_after: float = 0.0
    statements: dict[int, int] = field(default_factory=dict)
    floor: dict[int, float] = field(default_factory=dict)
    place: dict[int, Run] = field(default_factory=dict)
    whole: dict[int, Run] = field(default_factory=dict)
    hot: Hot | None = None
    caught_up: CaughtUp | None = None

    def ratio_to_floor(self, clients: int) -> float:
        return self.place[clients].per_second / self.floor[clients]


def run(asked: Asked, say: Say) -> Figures:
    """In a fresh database: statements, the floor, and each load by itself, one after the other."""
    with bench_server(asked.home) as bench:
        figures = Figures(machine.look(bench.postgres))
        log = bench.home.logs / "bench-stripe.log"
        with (
            bench.fresh(),
            stripe_process(bench.url, data_file=bench.stripe_file, log=log) as stripe,
            serving(bench, stripe, asked.web) as servers,
        ):
            uvloop.run(_Benching(bench, servers, asked, figures, say).all())
        figures.load_after = machine.load()
    return figures


@dataclass(frozen=True, slots=True)
class _Benching:
    bench: Bench
    servers: Servers
    asked: Asked
    figures: Figures
    say: Say

    async def all(self) -> None:
        async with connected(self.bench.url, pool_size=POOL_SIZE):
            self.say("a marketplace is opened")
            open_shop = await shop.open_shop(datetime.now(UTC))  # noqa: TID251 - nobody's clock
            sample = await self._count_statements(open_shop)
            await floor.prepare(self.bench, sample)
            await self._warm_up(open_shop)
            for clients in self.asked.clients:
                self.say(f"the floor at {clients} clients")
                self.figures.floor[clients] = await asyncio.to_thread(
                    floor.orders_per_second, self.bench, clients=clients,
                    seconds=self.asked.seconds,
                )  # fmt: skip
                self.say(f"placeOrder at {clients} clients")
                self.figures.place[clients] = await self._placed(open_shop, clients, LINES, VENDORS)
            for clients in self.asked.clients:
                self.say(f"the whole flow at {clients} clients")
                self.figures.whole[clients] = await self._bought(open_shop, clients)
            self.say("everybody wants one product")
            self.figures.hot = await self._hot(open_shop)
            self.say("the relay and the books catch up")
            self.figures.caught_up = await relaying.catch_up(datetime.now(UTC))  # noqa: TID251

    async def _count_statements(self, open_shop: Shop) -> UUID:
        """Of `placeOrder` in this process; answers with an order of the measured size."""
        await self._place_one(open_shop, 1)  # the first of a process also reads the routing rules
        placed: dict[int, UUID] = {}
        for lines in (1, LINES, LONGEST_CART):
            placed[lines], self.figures.statements[lines] = await self._place_one(open_shop, lines)
        return placed[LINES]

    async def _place_one(self, open_shop: Shop, lines: int) -> tuple[UUID, int]:
        basket = open_shop.basket(lines=lines, vendors=min(lines, VENDORS))
        [token] = await shop.fill_carts(open_shop, [basket])
        now = datetime.now(UTC)  # noqa: TID251 - as above
        async with measured("place", 1, "order") as found:
            order_id = await placing.place_order(
                principal=Principal(Kind.GUEST), token=token, key=token, now=now
            )
        return order_id, found.statements

    async def _warm_up(self, open_shop: Shop) -> None:
        self.say("the web processes warm up")
        await self._placed(open_shop, 4 * self.asked.web, LINES, VENDORS, seconds=2)

    async def _placed(
        self, open_shop: Shop, clients: int, lines: int, vendors: int, *, seconds: int | None = None
    ) -> Run:
        seconds = seconds or self.asked.seconds
        baskets = [
            open_shop.basket(lines=lines, vendors=vendors) for _ in range(seconds * CARTS_A_SECOND)
        ]
        tokens = iter(await shop.fill_carts(open_shop, baskets))
        return await self._run(journeys.place, tokens, clients, journeys.PLACED, seconds)

    async def _bought(self, open_shop: Shop, clients: int) -> Run:
        wishes = {
            f"shopper-{clients}-{nth}": open_shop.basket(lines=LINES, vendors=VENDORS)
            for nth in range(self.asked.seconds * CARTS_A_SECOND)
        }
        return await self._run(
            journeys.whole(wishes), iter(wishes), clients, journeys.PAID, self.asked.seconds
        )

    async def _hot(self, open_shop: Shop) -> Hot:
        spread = await self._placed(open_shop, HOT_CLIENTS, 1, 1)
        wanted, scarce = open_shop.offers[0][0], open_shop.offers[1][0]
        hot = await self._all_want(open_shop, wanted, self.asked.seconds * CARTS_A_SECOND)
        found = Hot(spread, hot, pieces=50, buyers=200)
        await shop.limit_stock(scarce, (await shop.sold(scarce))[1] + found.pieces)
        before = (await shop.sold(scarce))[1]
        await self._all_want(open_shop, scarce, found.buyers)
        found.sold = (await shop.sold(scarce))[1] - before
        return found

    async def _all_want(self, open_shop: Shop, offer_id: UUID, carts: int) -> Run:
        tokens = iter(await shop.fill_carts(open_shop, [[offer_id]] * carts))
        return await self._run(
            journeys.place, tokens, HOT_CLIENTS, journeys.PLACED, self.asked.seconds
        )

    async def _run(
        self, journey: Journey, tokens: Iterator[str], clients: int, wanted: str, seconds: float
    ) -> Run:
        before = self.servers.cpu_seconds()
        load = await drive(
            journey, tokens, clients=clients, ports=self.servers.ports, seconds=seconds
        )
        after = self.servers.cpu_seconds()
        return Run(load, wanted, {part: after[part] - before[part] for part in after})
