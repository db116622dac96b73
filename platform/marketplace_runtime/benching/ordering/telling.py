"""The figures of `souk bench order`, for people and for programs."""

import json

from rich.console import Console
from rich.table import Table

from marketplace_runtime.benching.ordering.bench import Figures, Hot, Run


def as_json(figures: Figures) -> str:
    found = {
        "machine": figures.machine.told(load_after=figures.load_after),
        "statements_by_lines": figures.statements,
        "place_order": {
            clients: _run(run)
            | {
                "floor_per_second": round(figures.floor[clients], 1),
                "ratio_to_floor": round(figures.ratio_to_floor(clients), 3),
            }
            for clients, run in figures.place.items()
        },
        "cart_to_paid": {clients: _run(run) for clients, run in figures.whole.items()},
        "caught_up": None if figures.caught_up is None else _caught_up(figures),
        "hot_product": None if figures.hot is None else _hot(figures.hot),
    }
    return json.dumps(found, indent=2)


def show(figures: Figures, console: Console) -> None:
    machine = figures.machine
    console.print(
        f"{machine.cores} cores, load {machine.load} before and {figures.load_after} after, "
        f"PostgreSQL {machine.postgres} with fsync, Python {machine.python}",
        highlight=False,
    )
    counted = ", ".join(f"{count} for {lines}" for lines, count in figures.statements.items())
    console.print(f"Statements of an order by its lines: {counted}", highlight=False)
    table = _table("placeOrder, five lines of three vendors", "floor/s", "of the floor")
    for clients, run in figures.place.items():
        floor = figures.floor[clients]
        ratio = figures.ratio_to_floor(clients)
        table.add_row(*_cells(run), f"{floor:,.0f}", f"{ratio:.2f}")
    console.print(table)
    table = _table("From an empty cart to paid: nine requests", "sandbox CPU ms")
    for run in figures.whole.values():
        table.add_row(*_cells(run), f"{run.cpu_ms('sandbox'):.1f}")
    console.print(table)
    if (hot := figures.hot) is not None:
        console.print(_hot_sentence(hot), highlight=False)
    if (caught := figures.caught_up) is not None:
        console.print(
            f"The relay and the books caught up with {caught.events:,} events of"
            f" {caught.orders:,} orders, {caught.paid:,} of them paid:"
            f" {caught.orders_per_second:,.1f} orders/s in one process.",
            highlight=False,
        )


def _table(title: str, *more: str) -> Table:
    table = Table(title=title, box=None)
    names = (
        "clients",
        "orders/s",
        "p50 ms",
        "p99 ms",
        "p99/p50",
        "errors",
        "web CPU ms",
        "PostgreSQL CPU ms",
    )
    for heading in (*names, *more):
        table.add_column(heading, justify="right")
    return table


def _cells(run: Run) -> list[str]:
    return [
        str(run.load.clients),
        f"{run.per_second:,.1f}",
        f"{run.load.percentile(0.5):,.1f}",
        f"{run.load.percentile(0.99):,.1f}",
        f"{run.load.p99_to_p50:.2f}",
        f"{run.failures:,}",
        f"{run.cpu_ms('web'):.1f}",
        f"{run.cpu_ms('postgres'):.1f}",
    ]


def _hot_sentence(hot: Hot) -> str:
    return (
        f"One product, {hot.hot.load.clients} buyers: {hot.hot.per_second:,.1f} orders/s, "
        f"{hot.hot.per_second / hot.spread.per_second:.2f} of the {hot.spread.per_second:,.1f} "
        f"of different products. Of {hot.pieces} pieces {hot.buyers} carts got {hot.sold}."
    )


def _run(run: Run) -> dict[str, object]:
    return {
        "per_second": round(run.per_second, 1),
        "p50_ms": round(run.load.percentile(0.5), 1),
        "p99_ms": round(run.load.percentile(0.99), 1),
        "p99_to_p50": round(run.load.p99_to_p50, 2),
        "outcomes": run.load.outcomes,
        "cpu_ms": {part: round(run.cpu_ms(part), 2) for part in run.cpu},
    }


def _hot(hot: Hot) -> dict[str, object]:
    return {
        "spread": _run(hot.spread),
        "hot": _run(hot.hot),
        "ratio_to_spread": round(hot.hot.per_second / hot.spread.per_second, 3),
        "pieces": hot.pieces,
        "buyers": hot.buyers,
        "sold": hot.sold,
    }


def _caught_up(figures: Figures) -> dict[str, object]:
    caught = figures.caught_up
    assert caught is not None
    return {
        "events": caught.events,
        "orders": caught.orders,
        "paid": caught.paid,
        "seconds": round(caught.seconds, 2),
        "orders_per_second": round(caught.orders_per_second, 1),
    }
