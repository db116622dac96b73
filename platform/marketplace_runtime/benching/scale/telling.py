"""The figures of `souk bench scale`, for people and for programs."""

import json

from rich.console import Console
from rich.table import Table

from marketplace_runtime.benching.scale.bench import BOUND, Figures, Of, Size


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
                    "ms": figures.above(size, "milliseconds"),
                    "cpu_ms": figures.above(size, "cpu_milliseconds"),
                    "buffers": figures.above(size, "buffers"),
                },
                "paths": {
                    path: {
                        "ms": round(took.milliseconds, 2),
                        "ratio_to_smallest": round(figures.ratio(path, size), 2),
                        "cpu_ms": round(took.cpu_milliseconds, 2),
                        "cpu_to_smallest": round(figures.ratio(path, size, "cpu_milliseconds"), 2),
                        "buffers": round(took.buffers),
                        "buffers_to_smallest": round(figures.ratio(path, size, "buffers"), 2),
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
        title="Milliseconds of one call, those of them at work, and pages of memory it touches,"
        " with times the smallest's",
        box=None,
    )
    table.add_column("path")
    for size in figures.sizes:
        for heading in (f"{size.orders:,}: ms", "times", "at work", "times", "pages", "times"):
            table.add_column(heading, justify="right")
    for path in figures.sizes[0].took:
        cells = []
        for size in figures.sizes:
            took = size.took[path]
            cells += [f"{took.milliseconds:.1f}", f"{figures.ratio(path, size):.2f}"]
            at_work = figures.ratio(path, size, "cpu_milliseconds")
            cells += [f"{took.cpu_milliseconds:.1f}", f"{at_work:.2f}"]
            cells += [f"{took.buffers:,.0f}", f"{figures.ratio(path, size, 'buffers'):.2f}"]
        table.add_row(path, *cells)
    console.print(table)
    for size in figures.sizes[1:]:
        console.print(_verdict(figures, size), highlight=False)


def _verdict(figures: Figures, size: Size) -> str:
    names: dict[str, Of] = {
        "milliseconds": "milliseconds",
        "milliseconds at work": "cpu_milliseconds",
        "pages": "buffers",
    }
    found = "; ".join(
        f"{name} of {_named(figures, size, of) or 'nothing'}" for name, of in names.items()
    )
    return f"{size.orders:,} orders, above {BOUND} times the smallest's: {found}."


def _named(figures: Figures, size: Size, of: Of) -> str:
    return ", ".join(
        f"{path} ({figures.ratio(path, size, of):.2f})" for path in figures.above(size, of)
    )
