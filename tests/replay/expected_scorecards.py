"""What each seller's scorecard must say of a history at some moment, from its files alone.

Shares no code with the product: csv, datetime and the zone's clocks. Run it as a command:

    python tests/replay/expected_scorecards.py DIR [--limit N]
"""

import argparse
import sys
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.replay.expected import Row, rows

ZONE = ZoneInfo("America/Sao_Paulo")
WINDOWS = (7, 30, 90)  # days
MINUTE = timedelta(minutes=1)
Fraction = tuple[int, int]  # what is counted, of how many
Scorecards = dict[tuple[str, int, str], Fraction]  # by seller, window and metric


@dataclass(frozen=True)
class Part:
    """One seller's part of an order, which is one parcel."""

    seller: str
    paid: datetime
    left: datetime
    arrived: datetime
    ship_by: datetime
    deliver_by: datetime
    is_canceled: bool


def parts(directory: Path, limit: int | None = None) -> list[Part]:
    orders = sorted(
        rows(directory / "olist_orders.csv"), key=lambda row: row["order_purchase_timestamp"]
    )[:limit]
    limits: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for item in rows(directory / "olist_order_items.csv"):
        limits[item["order_id"]][item["seller_id"]] = item["shipping_limit_date"]
    return [
        _part(order, seller, ship_by)
        for order in orders
        for seller, ship_by in limits[order["order_id"]].items()
    ]


def _part(order: Row, seller: str, ship_by: str) -> Part:
    """What cannot have happened as it says is read as docs/replay.md says."""
    bought, approved, left, arrived, promised = (
        datetime.fromisoformat(order[f"order_{name}"])
        for name in ("purchase_timestamp", "approved_at", "delivered_carrier_date",
                     "delivered_customer_date", "estimated_delivery_date")
    )  # fmt: skip
    left = max(left, bought)
    return Part(
        seller=seller,
        paid=moment(max(min(approved, left), bought)),
        left=moment(left),
        arrived=moment(max(arrived, left)),
        ship_by=moment(datetime.fromisoformat(ship_by)),
        deliver_by=moment(promised.replace(hour=0, minute=0) + timedelta(days=1)),
        is_canceled=order["order_status"] == "canceled",
    )


def moment(local: datetime) -> datetime:
    """The first at which the clocks showed that time, or later where they skipped it."""
    found = local.replace(tzinfo=ZONE).astimezone(UTC)
    while (found - MINUTE).astimezone(ZONE).replace(tzinfo=None) >= local:
        found -= MINUTE
    return found


def moments(found: Sequence[Part]) -> list[datetime]:
    """The end of the history, and when most parcels had left in a week and in three months."""
    left = sorted(part.left for part in found)

    def busy(days: int) -> datetime:
        span = timedelta(days=days)
        return max(left, key=lambda at: bisect_right(left, at) - bisect_right(left, at - span))

    return [max(part.arrived for part in found), busy(90), busy(7)]


def scorecards(found: Sequence[Part], now: datetime) -> Scorecards:
    """Whatever has a case; all else is nothing of nothing."""
    counted: Counter[tuple[str, int, str]] = Counter()
    sample: Counter[tuple[str, int, str]] = Counter()
    for part in found:
        for metric, at, amount in _cases(part, now):
            for days in WINDOWS:
                if now - timedelta(days=days) < at <= now:
                    counted[part.seller, days, metric] += amount
                    sample[part.seller, days, metric] += 1
    return {key: (counted[key], cases) for key, cases in sample.items()}


def _cases(part: Part, now: datetime) -> Iterator[tuple[str, datetime, int]]:
    """The metric, when it counts, and whether it does, as far as it had happened by then.

    Every seller says yes the moment its order is paid, calls nothing off, and no carrier is asked
    about its parcels.
    """
    if part.paid <= now:
        yield "acceptance", part.paid, 1
        yield "acceptance_delay", part.paid, 0
        yield "cancellation", part.paid, 0
        yield "late_shipment", part.ship_by, int(part.left > part.ship_by)
    if part.left <= now:
        yield "on_time_delivery", part.deliver_by, int(part.arrived <= part.deliver_by)
        yield "valid_tracking", part.left + timedelta(days=2), 0
        yield "incident", part.left, 0
        yield "returned_to_sender", part.left, 0
        yield "refund", part.left, int(part.is_canceled and part.arrived <= now)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path, metavar="DIR")
    parser.add_argument("--limit", type=int)
    asked = parser.parse_args()
    found = parts(asked.directory, asked.limit)
    for now in moments(found):
        for (seller, days, metric), (counted, sample) in sorted(scorecards(found, now).items()):
            sys.stdout.write(f"{now:%Y-%m-%d %H:%M} {seller} {days} {metric} {counted}/{sample}\n")


if __name__ == "__main__":
    main()
