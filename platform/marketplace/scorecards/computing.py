"""Measure a vendor over the last days, from what its orders' clocks and parcels say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace.kit.errors import NotFound
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import connection, transaction
from marketplace.scorecards.metrics import WINDOWS, Measured, Metric

LONGEST_LIST = 200

# One row a case; `counts` where it is one of those counted. A clock that was started again, stands
# still or is no longer wanted says nothing. Pauses have moved `due_at`, so a delay that is not the
# vendor's doing is none here. To ship and to deliver counts once its time has passed.
_CASES = """
    WITH deadline AS (
        SELECT kind, sub_order_id, started_at, due_at, met_at, state FROM sla_clock
        WHERE vendor_id = $1 AND superseded_at IS NULL AND sub_order_id IS NOT NULL
            AND state IN ('running', 'warned', 'met', 'breached')
    ), cases AS (
        SELECT 'acceptance' AS metric, part.id AS sub_order_id, deadline.started_at AS at,
            part.state NOT IN ('refused', 'expired') AS counts
        FROM deadline JOIN sub_order part ON part.id = deadline.sub_order_id
        WHERE deadline.kind = 'accept_by' AND deadline.state IN ('met', 'breached')
            AND part.vendor_id = $1
        UNION ALL
        SELECT 'cancellation', part.id, part.released_at, EXISTS (
            SELECT 1 FROM state_change change
            WHERE change.order_id = part.order_id AND change.subject_id = part.id
                AND change.move IN ('cancel', 'cancel_part', 'cancel_rest')
                AND change.actor LIKE 'vendor%')
        FROM sub_order part WHERE part.vendor_id = $1 AND part.released_at IS NOT NULL
        UNION ALL
        SELECT 'late_shipment', sub_order_id, due_at, met_at IS NULL OR met_at > due_at
        FROM deadline WHERE kind = 'ship_by'
        UNION ALL
        SELECT 'on_time_delivery', sub_order_id, due_at, met_at IS NOT NULL AND met_at <= due_at
        FROM deadline WHERE kind = 'deliver_by'
        UNION ALL
        SELECT 'valid_tracking', sub_order_id, shipped_at, validity = 'verified'
        FROM shipment WHERE vendor_id = $1 AND shipped_at IS NOT NULL AND carrier <> ''
        UNION ALL
        SELECT 'refund', part.id, part.shipped_at, EXISTS (
            SELECT 1 FROM refund_line line JOIN refund ON refund.id = line.refund_id
            WHERE line.sub_order_id = part.id AND line.is_earned AND refund.state <> 'failed')
        FROM sub_order part WHERE part.vendor_id = $1 AND part.shipped_at IS NOT NULL
    )
"""
_MEASURE = f"""{_CASES}
    SELECT days, metric, count(*) FILTER (WHERE counts) AS counted, count(*) AS sample
    FROM cases JOIN unnest($3::int[]) AS span (days)
        ON at > $2::timestamptz - make_interval(days => days)
    WHERE at <= $2 GROUP BY days, metric
"""
_BEHIND = f"""{_CASES}
    SELECT part.id, part.number, cases.at, cases.counts
    FROM cases JOIN sub_order part ON part.id = cases.sub_order_id
    WHERE metric = $3 AND at > $2::timestamptz - make_interval(days => $4::int) AND at <= $2
    ORDER BY cases.at DESC, part.id LIMIT $5
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A sub-order behind a rate: `counts` says that it is in the numerator."""

    sub_order_id: UUID
    number: str
    at: datetime
    counts: bool


async def measure(
    *, principal: Principal, vendor_id: UUID, now: datetime
) -> Mapping[int, Sequence[Measured]]:
    """Every metric over each of `WINDOWS` up to now, also those with nothing to measure.

    The vendor itself may ask, and staff; to others it does not exist.
    """
    _check(principal, vendor_id)
    async with transaction(principal, read_only=True):
        rows = await connection().fetch(_MEASURE, vendor_id, now, list(WINDOWS))
    found = {(row["days"], row["metric"]): (row["counted"], row["sample"]) for row in rows}
    return {
        days: [_measured(metric, found.get((days, metric.value), (0, 0))) for metric in Metric]
        for days in WINDOWS
    }


async def behind(
    *, principal: Principal, vendor_id: UUID, metric: Metric, days: int, now: datetime
) -> Sequence[Case]:
    """The sub-orders a rate is made of, the newest first, up to `LONGEST_LIST`."""
    _check(principal, vendor_id)
    async with transaction(principal, read_only=True):
        rows = await connection().fetch(_BEHIND, vendor_id, now, metric.value, days, LONGEST_LIST)
    return [
        Case(sub_order_id=row["id"], number=row["number"], at=row["at"], counts=row["counts"])
        for row in rows
    ]


def _measured(metric: Metric, figures: tuple[int, int]) -> Measured:
    counted, sample = figures
    return Measured(metric=metric, counted=counted, sample=sample)


def _check(principal: Principal, vendor_id: UUID) -> None:
    if principal.kind in (Kind.STAFF, Kind.SYSTEM) or principal.vendor_id == vendor_id:
        return
    raise NotFound("vendor")
