"""Available to promise: how many pieces can be ordered now, and from which day they can leave.

A piece leaves from the shelf, from a delivery that is on its way, or, where the vendor sells
ahead, after its lead time or on its release day. Days are UTC. Nothing is reserved by asking.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from marketplace.inventory.models import AheadKind
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection, transaction

# What was not paid for in time counts as free, as it does at placement.
_SHELVES = """
    SELECT stock.offer_id, stock.available + late.units AS available,
        stock.available - stock.backorder_limit + late.units AS at_hand,
        ahead.kind, ahead.lead_days, ahead.release_on, coming.deliveries
    FROM stock
    JOIN location ON location.id = stock.location_id AND location.closed_at IS NULL
    JOIN offer ON offer.id = stock.offer_id
    LEFT JOIN selling_ahead ahead ON ahead.offer_id = stock.offer_id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(quantity), 0)::int AS units FROM reservation
        WHERE reservation.stock_id = stock.id AND state = 'held' AND expires_at <= $2
    ) late
    CROSS JOIN LATERAL (
        SELECT coalesce(jsonb_agg(jsonb_build_array(expected_on, quantity - received)
            ORDER BY expected_on), '[]') AS deliveries
        FROM inbound
        WHERE inbound.stock_id = stock.id AND closed_at IS NULL AND quantity > received
    ) coming
    WHERE stock.offer_id = ANY($1) AND ($3::text IS NULL OR EXISTS (
        SELECT 1 FROM shipping_rate rate WHERE rate.vendor_id = stock.vendor_id
            AND rate.country = $3 AND rate.currency = offer.currency))
"""


class PromiseKind(StrEnum):
    """What the first piece waits for. NONE: nothing can be ordered."""

    ON_HAND = "on_hand"
    INBOUND = "inbound"
    BACKORDER = "backorder"
    PRE_ORDER = "pre_order"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Step:
    """From a day on, this many pieces in all can leave one shelf."""

    on: date
    pieces: int
    kind: PromiseKind


@dataclass(frozen=True, slots=True)
class Promise:
    """`shelves` are the steps of each shelf; a line is served whole from one of them."""

    shelves: Sequence[Sequence[Step]]

    @property
    def pieces(self) -> int:
        """The most that one line can have, ever."""
        return max((steps[-1].pieces for steps in self.shelves), default=0)

    def pieces_by(self, day: date) -> int:
        """The most that one line can have by a day."""
        return max(
            (step.pieces for steps in self.shelves for step in steps if step.on <= day), default=0
        )

    def leaving(self, pieces: int) -> Step | None:
        """When a line of this many can leave whole; None where it cannot be ordered."""
        enough = [step for steps in self.shelves for step in steps if step.pieces >= pieces]
        return min(enough, key=lambda step: step.on, default=None)


NOTHING = Promise(())


async def promise(
    *,
    principal: Principal,
    offer_ids: Collection[UUID],
    now: datetime,
    destination: str | None = None,
) -> dict[UUID, Promise]:
    """What each offer can promise; one statement for all. NOTHING where there is no stock.

    `destination` is a country (ISO 3166 alpha-2): offers whose vendor does not ship there promise
    nothing.
    """
    async with transaction(principal, read_only=True):
        rows = await connection().fetch(_SHELVES, list(offer_ids), now, destination)
    shelves: defaultdict[UUID, list[Sequence[Step]]] = defaultdict(list)
    for row in rows:
        steps = _steps(row, now.date())
        if steps:
            shelves[row["offer_id"]].append(steps)
    return {offer_id: Promise(tuple(shelves.get(offer_id, ()))) for offer_id in offer_ids}


def _steps(row: Mapping[str, Any], today: date) -> Sequence[Step]:
    """Never more than is for sale; pieces sold ahead before wait for the next delivery first."""
    deliveries = [
        (max(date.fromisoformat(day), today), pieces)
        for day, pieces in json.loads(row["deliveries"])
    ]
    there = row["at_hand"]
    found = [Step(today, there, PromiseKind.ON_HAND)]
    for day, pieces in deliveries:
        there += pieces
        found.append(Step(day, there, PromiseKind.INBOUND))
    match row["kind"]:
        case AheadKind.BACKORDER:
            later = today + timedelta(days=row["lead_days"])
            found.append(Step(later, row["available"], PromiseKind.BACKORDER))
        case AheadKind.PRE_ORDER if row["release_on"] > today:
            # Nothing leaves before that day, also not what is there.
            found = [Step(row["release_on"], row["available"], PromiseKind.PRE_ORDER)]
    return _rising(found, row["available"])


def _rising(found: Sequence[Step], most: int) -> Sequence[Step]:
    """Each step later than the one before it and with more pieces, up to the most."""
    steps: list[Step] = []
    for step in sorted(found, key=lambda step: (step.on, -step.pieces)):
        pieces = min(step.pieces, most)
        if pieces > (steps[-1].pieces if steps else 0):
            steps.append(Step(step.on, pieces, step.kind))
    return steps
