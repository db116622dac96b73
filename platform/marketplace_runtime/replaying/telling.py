"""What a replay says to a person: the bent rows, and how far it is. The figures go elsewhere."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from marketplace_runtime.replaying.bending import Bent
from marketplace_runtime.replaying.errors import ReplayRefused
from marketplace_runtime.replaying.planning import Plan

COLUMNS = ("kind", "file", "line", "order", "says", "read as")


def summary(plan: Plan) -> str:
    first, last = plan.orders[0].times.purchased_at, plan.timeline()[-1].at
    units = sum(plan.units.values())
    return (
        f"{len(plan.orders):,} orders of {units:,} units from {len(plan.sellers):,} sellers, "
        f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"
    )


def table_of(bent: Sequence[Bent]) -> Table:
    """How many rows of each kind of dirt, and where the first one is."""
    places = {(row.kind, row.file, row.line) for row in bent}
    counts = Counter(kind for kind, _, _ in sorted(places))
    table = Table(title="Rows read otherwise than they say")
    table.add_column("what is odd")
    table.add_column("rows", justify="right")
    table.add_column("the first one")
    for kind, count in counts.most_common():
        first = min((row for row in bent if row.kind is kind), key=lambda row: row.line)
        table.add_row(kind, f"{count:,}", f"{first.file}, line {first.line}")
    return table


def write_bent(bent: Sequence[Bent], path: Path) -> None:
    """Every bent row as CSV."""
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for row in bent:
                writer.writerow((row.kind, row.file, row.line, row.order_id, row.says, row.read_as))
    except OSError as error:
        raise ReplayRefused(
            f"{path} cannot be written ({error.strerror}); --bent takes another file."
        ) from None


@contextmanager
def progress(console: Console, *, total: int, done: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, with rate and time left; silence elsewhere."""
    if not console.is_terminal:
        yield lambda steps: None
        return
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, speed_estimate_period=60) as bar:
        task = bar.add_task("steps", total=total, completed=done)
        yield lambda steps: bar.advance(task, steps)


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "", style="progress.data.speed")
