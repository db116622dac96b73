"""What a replay of a history must come to, worked out from its files alone.

Shares no code with the replay: the csv module and Decimal. Run it as a command:

    python tests/replay/expected.py DIR [--limit N]
"""

import argparse
import csv
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

CENT = Decimal("0.01")
COMMISSION = Decimal("0.15")
VAT_ON_COMMISSION = Decimal("0.05")
Row = dict[str, str]
Figures = dict[str, int | Decimal]


def expected(directory: Path, limit: int | None = None) -> Figures:
    """The figures of the first `limit` orders by purchase, those of one minute as in the file."""
    orders = sorted(
        rows(directory / "olist_orders.csv"), key=lambda row: row["order_purchase_timestamp"]
    )[:limit]
    by_id = {row["order_id"]: row for row in orders}
    items = [r for r in rows(directory / "olist_order_items.csv") if r["order_id"] in by_id]
    canceled = {row["order_id"] for row in orders if row["order_status"] == "canceled"}
    items_total = sum((Decimal(row["price"]) for row in items), Decimal("0.00"))
    freight_total = sum((Decimal(row["freight_value"]) for row in items), Decimal("0.00"))
    refunded = sum(
        (
            Decimal(row["price"]) + Decimal(row["freight_value"])
            for row in items
            if row["order_id"] in canceled
        ),
        Decimal("0.00"),
    )
    commission, vat = commissions([row for row in items if row["order_id"] not in canceled])
    captured = items_total + freight_total
    return {
        "orders": len(orders),
        "sub_orders": len({(row["order_id"], row["seller_id"]) for row in items}),
        "items": len(items),
        "items_total": items_total,
        "freight_total": freight_total,
        "late_items": sum(is_late(row, by_id[row["order_id"]]) for row in items),
        "vendors": len({row["seller_id"] for row in items}),
        "captured": captured,
        "refunded": refunded,
        "vendor_net": captured - refunded - commission - vat,
        "commission": commission,
        "commission_vat": vat,
        "tax": Decimal("0.00"),
        "platform_funding": Decimal("0.00"),
        "ledger_difference": Decimal("0.00"),
    }


def is_late(item: Row, order: Row) -> bool:
    """Strictly after the deadline; what is said to leave before it was bought, left then."""
    left = max(order["order_delivered_carrier_date"], order["order_purchase_timestamp"])
    return left > item["shipping_limit_date"]


def commissions(items: list[Row]) -> tuple[Decimal, Decimal]:
    """By line, which is units of one order, seller, product and price; rounded half up."""
    lines: defaultdict[tuple[str, str, str, Decimal], int] = defaultdict(int)
    for row in items:
        price = Decimal(row["price"])
        lines[row["order_id"], row["seller_id"], row["product_id"], price] += 1
    commission = vat = Decimal("0.00")
    for (_, _, _, price), units in lines.items():
        kept = (price * units * COMMISSION).quantize(CENT, ROUND_HALF_UP)
        commission += kept
        vat += (kept * VAT_ON_COMMISSION).quantize(CENT, ROUND_HALF_UP)
    return commission, vat


def rows(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path, metavar="DIR")
    parser.add_argument("--limit", type=int)
    asked = parser.parse_args()
    figures = expected(asked.directory, asked.limit)
    lines = (f"  {json.dumps(name)}: {value}" for name, value in figures.items())
    sys.stdout.write("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
