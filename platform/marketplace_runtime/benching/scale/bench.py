"""`souk bench scale`: the same calls on a small marketplace and on a large one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Literal, TypeAlias

import uvloop

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.orders.models import SubOrder
from marketplace.payments.stripe_gateway import StripeGateway
from marketplace_runtime.benching import machine
from marketplace_runtime.benching.databases import Bench, bench_server
from marketplace_runtime.benching.machine import Machine
from marketplace_runtime.benching.ordering import shop
from marketplace_runtime.benching.scale import copying, samples, timing
from marketplace_runtime.benching.scale.timing import Took
from marketplace_runtime.orm import connected
from marketplace_runtime.replaying.stripe_process import KEY, StripeProcess, stripe_process

BOUND = 1.5  # times what a call takes in the smallest marketplace: more is too much

Say = Callable[[str], None]
Of: TypeAlias = Literal["milliseconds", "cpu_milliseconds", "buffers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`orders` are the sizes, the smallest first; the first is what the others are compared to."""

    orders: Sequence[int]
    home: Path | None


@dataclass(slots=True)
class Size:
    orders: int
    rows: int
    seconds: float
    took: dict[str, Took] = field(default_factory=dict)


@dataclass(slots=True)
class Figures:
    machine: Machine
    load_after: float = 0.0
    sizes: list[Size] = field(default_factory=list)

    def ratio(self, path: str, size: Size, of: Of = "milliseconds") -> float:
        """How much more a call takes than in the smallest marketplace."""
        first: float = getattr(self.sizes[0].took[path], of)
        now: float = getattr(size.took[path], of)
        return now / first

    def above(self, size: Size, of: Of) -> list[str]:
        """The calls that take more than they may, the worst first."""
        found = [path for path in size.took if self.ratio(path, size, of) > BOUND]
        return sorted(found, key=lambda path: -self.ratio(path, size, of))


def run(asked: Asked, say: Say) -> Figures:
    """One database that grows from size to size."""
    with bench_server(asked.home) as bench:
        figures = Figures(machine.look(bench.postgres))
        log = bench.home.logs / "bench-stripe.log"
        with (
            bench.fresh(),
            stripe_process(bench.url, data_file=bench.stripe_file, log=log) as stripe,
        ):
            uvloop.run(_grow(bench, stripe, sorted(asked.orders), figures, say))
        figures.load_after = machine.load()
    return figures


async def _grow(
    bench: Bench, stripe: StripeProcess, sizes: Sequence[int], figures: Figures, say: Say
) -> None:
    now = datetime.now(UTC)  # noqa: TID251 - nobody's clock
    gateway = StripeGateway(api_key=KEY, api_base=stripe.url)
    async with connected(bench.url, pool_size=4):
        say("a marketplace is opened")
        open_shop = await shop.open_shop(now - timedelta(days=1))
        made = await samples.make(open_shop, gateway, now)
        asked_about = next(one for one in made if one.stage.name == "accepted")
        async with transaction(SYSTEM, read_only=True):
            sub_order = await SubOrder.filter(order_id=asked_about.order_id).first()
        assert sub_order is not None
    there = 0
    for size in sizes:
        say(f"{size:,} orders are made")
        begun = perf_counter()
        # The vendor that is asked about has the same orders to do at each size.
        settled = sub_order.vendor_id if there else None
        written = await copying.multiply(
            bench.owner_url, made, size - there, start=there, settled=settled
        )
        found = Size(size, written, perf_counter() - begun)
        there = size
        say(f"calls are timed at {size:,} orders")
        # By new connections: one that knew a hundredth of the orders would weigh each plan against
        # what it cost then, and make it anew for every call.
        async with connected(bench.url, pool_size=4):
            found.took = await timing.time_all(open_shop, sub_order, now)
        figures.sizes.append(found)
    await gateway.close()
