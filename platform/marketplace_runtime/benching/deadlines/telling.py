"""The figures of `souk bench deadlines`, for people and for programs."""

import json

from rich.console import Console
from rich.table import Table

from marketplace_runtime.benching.deadlines.bench import Figures
from marketplace_runtime.benching.ordering.clients import Load


def as_json(figures: Figures) -> str:
    found = {
        "machine": figures.machine.told(load_after=figures.load_after),
        "deadlines": figures.deadlines,
        "workers_killed": figures.killed,
        "seconds": round(figures.seconds, 1),
        "actions": figures.actions,
        "actions_wanted": figures.wanted,
        "told_twice": figures.twice,
        "left": figures.left,
        "place_order": {"at_rest": _load(figures.at_rest), "meanwhile": _load(figures.meanwhile)},
    }
    return json.dumps(found, indent=2)


def show(figures: Figures, console: Console) -> None:
    machine = figures.machine
    console.print(
        f"{machine.cores} cores, load {machine.load} before and {figures.load_after} after, "
        f"PostgreSQL {machine.postgres} with fsync, Python {machine.python}",
        highlight=False,
    )
    killed = ", one worker killed in the midst of it" if figures.killed else ""
    console.print(
        f"{figures.deadlines:,} deadlines missed in one minute, worked off in "
        f"{figures.seconds:,.1f} s{killed}: {figures.actions:,} of {figures.wanted:,} actions, "
        f"{figures.twice} twice, {figures.left} left",
        highlight=False,
    )
    table = Table(title="Placing an order, one after the other", box=None)
    for heading in ("", "orders", "p50 ms", "p99 ms"):
        table.add_column(heading, justify="right" if heading else "left")
    for name, load in (("nothing due", figures.at_rest), ("meanwhile", figures.meanwhile)):
        table.add_row(
            name, f"{len(load.milliseconds):,}", f"{load.percentile(0.5):,.1f}",
            f"{load.percentile(0.99):,.1f}",
        )  # fmt: skip
    console.print(table)


def _load(load: Load) -> dict[str, object]:
    return {
        "orders": len(load.milliseconds),
        "p50_ms": round(load.percentile(0.5), 1),
        "p99_ms": round(load.percentile(0.99), 1),
    }
