"""The figures of `souk bench scale`, for people and for programs."""

import json

from rich.console import Console
from rich.table import Table

from marketplace_runtime.benching.scale.bench import BOUND, Figures, Size


def as_json(figures: Figures) -> str:
    found = {
        "machine": figures.machine.told(load_after=figures.load_after),
        "bound": BOUND,
        "sizes": [
            {
                "orders": size.orders,
                "rows_written": size.rows,
                "seconds_to_write": round(size.seconds, 1),
                "above_bound": {
                    "ms": figures.slower(size),
                    "buffers": figures.heavier(size),
                },
                "paths": {
                    path: {
                        "ms": round(took.milliseconds, 2),
                        "ratio_to_smallest": round(figures.ratio(path, size), 2),
                        "buffers": round(took.buffers),
                        "buffers_to_smallest": round(figures.ratio_of_buffers(path, size), 2),
                    }
                    for path, took in size.took.items()
                },
            }
            for size in figures.sizes
        ],
    }
    return json.dumps(found, indent=2)


def show(figures: Figures, console: Console) -> None:
    machine = figures.machine
    console.print(
        f"{machine.cores} cores, load {machine.load} before and {figures.load_after} after, "
        f"PostgreSQL {machine.postgres} with fsync, Python {machine.python}",
        highlight=False,
    )
    for size in figures.sizes:
        console.print(
            f"{size.orders:,} orders: {size.rows:,} rows written in {size.seconds:,.1f} s",
            highlight=False,
        )
    table = Table(
        title="Milliseconds of one call and pages of memory it touches, with times the smallest's",
        box=None,
    )
    table.add_column("path")
    for size in figures.sizes:
        table.add_column(f"{size.orders:,}: ms", justify="right")
        table.add_column("times", justify="right")
        table.add_column("pages", justify="right")
        table.add_column("times", justify="right")
    for path in figures.sizes[0].took:
        cells = []
        for size in figures.sizes:
            took = size.took[path]
            cells += [f"{took.milliseconds:.1f}", f"{figures.ratio(path, size):.2f}"]
            cells += [f"{took.buffers:,.0f}", f"{figures.ratio_of_buffers(path, size):.2f}"]
        table.add_row(path, *cells)
    console.print(table)
    for size in figures.sizes[1:]:
        console.print(_verdict(figures, size), highlight=False)


def _verdict(figures: Figures, size: Size) -> str:
    slower = [f"{path} ({figures.ratio(path, size):.2f})" for path in figures.slower(size)]
    heavier = [
        f"{path} ({figures.ratio_of_buffers(path, size):.2f})" for path in figures.heavier(size)
    ]
    return (
        f"{size.orders:,} orders, above {BOUND} times the smallest's: "
        f"milliseconds of {', '.join(slower) or 'nothing'}; "
        f"pages of {', '.join(heavier) or 'nothing'}."
    )
