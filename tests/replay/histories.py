"""The small history of this directory, and copies of it with one thing changed."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

from marketplace_runtime.replaying.planning import Plan, make_plan
from marketplace_runtime.replaying.reading import read_history

SMALL = Path(__file__).parent / "history"
ORDERS, ITEMS = "olist_orders.csv", "olist_order_items.csv"
SELLERS, CUSTOMERS = "olist_sellers.csv", "olist_customers.csv"
Rows = list[list[str]]


def small_plan(limit: int | None = None) -> Plan:
    return make_plan(read_history(SMALL), limit=limit)


def changed(directory: Path, name: str, change: Callable[[Rows], None]) -> Path:
    """A copy of the small history in `directory`, one file's rows changed; row 0 is the header."""
    for file in SMALL.glob("*.csv"):
        shutil.copy(file, directory)
    path = directory / name
    with path.open(encoding="utf-8-sig", newline="") as file_:
        rows = list(csv.reader(file_))
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as file_:
        csv.writer(file_, lineterminator="\n").writerows(rows)
    return directory


def set_cell(line: int, column: str, text: str) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        rows[line - 1][rows[0].index(column)] = text

    return change


def cell(name: str, line: int, column: str) -> str:
    with (SMALL / name).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    return rows[line - 1][rows[0].index(column)]
