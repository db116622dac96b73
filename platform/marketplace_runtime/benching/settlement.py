"""`souk bench settlement` from the first vendor to the last figure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import uvloop

from marketplace_runtime.benching import cycle, floor, machine, postings
from marketplace_runtime.benching.cycle import Cycle
from marketplace_runtime.benching.databases import Bench, bench_server
from marketplace_runtime.benching.machine import Machine
from marketplace_runtime.benching.measuring import Measured
from marketplace_runtime.orm import connected
from marketplace_runtime.replaying.stripe_process import stripe_process

SET = 100  # postings in one call
POOL_SIZE = 8

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person asked for on the command line; `sample` vendors at most are paid."""

    vendors: Sequence[int]
    sample: int
    postings: int
    home: Path | None


@dataclass(frozen=True, slots=True)
class Beside:
    """What we do, and the floor: the same rows with nothing around them, postings a second."""

    ours: Measured
    floor_per_second: float

    @property
    def ratio(self) -> float:
        return self.floor_per_second / self.ours.per_second


@dataclass(slots=True)
class Figures:
    machine: Machine
    load_after: float = 0.0
    postings: list[Beside] = field(default_factory=list)
    cycles: list[Cycle] = field(default_factory=list)


def run(asked: Asked, say: Say) -> Figures:
    """Each cycle in a fresh database; the postings in the first one's, once it is over."""
    with bench_server(asked.home) as bench:
        figures = Figures(machine.look(bench.postgres))
        for nth, vendors in enumerate(asked.vendors):
            say("a fresh database is made")
            wanted = Cycle(vendors, min(asked.sample, vendors))
            log = bench.home.logs / "bench-stripe.log"
            with (
                bench.fresh(),
                stripe_process(bench.url, data_file=bench.stripe_file, log=log) as stripe,
            ):
                uvloop.run(_cycle(bench, wanted, stripe.url, say))
                figures.cycles.append(wanted)
                if nth == 0:
                    figures.postings = uvloop.run(_postings(bench, asked.postings, say))
        figures.load_after = machine.load()
    return figures


async def _cycle(bench: Bench, wanted: Cycle, stripe_url: str, say: Say) -> None:
    async with connected(bench.url, pool_size=POOL_SIZE):
        await cycle.drive(wanted, stripe_url=stripe_url, say=say)


async def _postings(bench: Bench, count: int, say: Say) -> list[Beside]:
    await floor.prepare(bench)
    found: list[Beside] = []
    async with connected(bench.url, pool_size=1):
        for size in (1, SET):
            say(f"{count:,} postings, {size} in a commit")
            ours = await postings.in_sets(count, size)
            # Nothing else of ours runs meanwhile, so it may keep the event loop waiting.
            found.append(Beside(ours, floor.postings_per_second(bench, count, size)))
    return found
