"""The figures of a bench, for people and for programs."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table

from marketplace_runtime.benching.cycle import Cycle
from marketplace_runtime.benching.measuring import Measured
from marketplace_runtime.benching.settlement import Beside, Figures


@contextmanager
def progress(console: Console) -> Iterator[Callable[[str], None]]:
    """What is under way, on a terminal; silence elsewhere."""
    if not console.is_terminal:
        yield lambda said: None
        return
    with console.status("begins") as status:
        yield lambda said: status.update(said)


def as_json(figures: Figures) -> str:
    machine = figures.machine
    found = {
        "machine": {
            "cores": machine.cores,
            "load_before": machine.load,
            "load_after": figures.load_after,
            "python": machine.python,
            "postgres": machine.postgres,
        },
        "postings": [_beside(beside) for beside in figures.postings],
        "cycles": [_cycle(cycle) for cycle in figures.cycles],
    }
    return json.dumps(found, indent=2)


def show(figures: Figures, console: Console) -> None:
    machine = figures.machine
    console.print(
        f"{machine.cores} cores, load {machine.load} before and {figures.load_after} after, "
        f"PostgreSQL {machine.postgres} with fsync, Python {machine.python}",
        highlight=False,
    )
    console.print(_postings_table(figures))
    for cycle in figures.cycles:
        console.print(_cycle_table(cycle))
        console.print(_outcome(cycle), highlight=False)


def _postings_table(figures: Figures) -> Table:
    table = Table("postings", "a second", "floor", "floor is faster by", title="Ledger", box=None)
    for beside in figures.postings:
        table.add_row(
            beside.ours.phase,
            f"{beside.ours.per_second:,.0f}",
            f"{beside.floor_per_second:,.0f}",
            f"{beside.ratio:.1f} times",
        )
    return table


def _cycle_table(cycle: Cycle) -> Table:
    table = Table(title=f"A payout cycle of {cycle.vendors:,} vendors", box=None)
    for heading in ("phase", "items", "seconds", "a second", "statements", "peak MB"):
        table.add_column(heading, justify="left" if heading == "phase" else "right")
    for phase in cycle.phases:
        table.add_row(
            phase.phase,
            f"{phase.items:,} {phase.of}",
            f"{phase.seconds:,.2f}",
            f"{phase.per_second:,.0f}",
            f"{phase.statements:,}",
            f"{phase.peak_mb:,.0f}",
        )
    return table


def _outcome(cycle: Cycle) -> str:
    if cycle.sample == 0:
        return "Nobody was paid, as was asked."
    whom = "All" if cycle.sample == cycle.vendors else f"A sample of {cycle.sample:,}"
    theirs = cycle.paid_by_the_provider
    return (
        f"{whom} were to be paid: {cycle.paid['payouts']:,} payouts to {cycle.paid['vendors']:,} "
        f"vendors by our books, {theirs['payouts']:,} to {theirs['vendors']:,} by the provider's; "
        f"{cycle.differences} differences."
    )


def _beside(beside: Beside) -> dict[str, object]:
    return _measured(beside.ours) | {
        "floor_per_second": round(beside.floor_per_second, 1),
        "ratio": round(beside.ratio, 2),
    }


def _cycle(cycle: Cycle) -> dict[str, object]:
    return {
        "vendors": cycle.vendors,
        "sample": cycle.sample,
        "phases": [_measured(phase) for phase in cycle.phases],
        "paid": cycle.paid,
        "paid_by_the_provider": cycle.paid_by_the_provider,
        "differences": cycle.differences,
    }


def _measured(found: Measured) -> dict[str, object]:
    return {
        "phase": found.phase,
        "items": found.items,
        "of": found.of,
        "seconds": round(found.seconds, 3),
        "per_second": round(found.per_second, 1),
        "statements": found.statements,
        "peak_mb": round(found.peak_mb, 1),
    }
