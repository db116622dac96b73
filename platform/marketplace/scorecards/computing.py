"""Measure a vendor over the last days, from what its orders' clocks and parcels say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from marketplace.kit.errors import NotFound
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import connection, elevated, transaction
from marketplace.orders import calling_off, handing_on, running_short
from marketplace.scorecards.metrics import WINDOWS, Measured, Metric

LONGEST_LIST = 200
SCANNED_WITHIN = "interval '2 days'"  # what has just left has not been scanned anywhere yet

# One row a case, of one vendor ($1), as one knew it at a moment ($2), back to another ($3): each
# index is read from there. `amount` is 1 where a rate counts the case, or the minutes it took.
# A clock that was started again, stands still or is no longer wanted says nothing; pauses have
# moved `due_at`, so a delay that is not the vendor's doing is none here. What was done while it
# stood still is met, though `due_at` was before: its state says it. Only vendors have others asked
# first when they call something off; where a shelf runs short, or something was not sent in time,
# the system does it. OFFSET keeps PostgreSQL from reading everybody's refunds to look some up.
_CASES = f"""
    WITH deadline AS MATERIALIZED (
        SELECT kind, sub_order_id, started_at, due_at, state,
            CASE WHEN met_at <= $2 THEN met_at END AS met_at,
            CASE WHEN breached_at <= $2 THEN breached_at END AS breached_at
        FROM sla_clock
        WHERE vendor_id = $1 AND due_at > $3 AND started_at <= $2 AND superseded_at IS NULL
            AND sub_order_id IS NOT NULL AND state IN ('running', 'warned', 'met', 'breached')
    ), answered AS MATERIALIZED (
        SELECT sub_order_id, order_id, started_at, greatest(met_at, started_at) AS met_at
        FROM sla_clock
        WHERE vendor_id = $1 AND kind = 'accept_by' AND met_at > $3 AND met_at <= $2
            AND superseded_at IS NULL
    ), free AS (
        SELECT tstzrange(first_day::timestamp AT TIME ZONE time_zone,
            (last_day + 1)::timestamp AT TIME ZONE time_zone) AS days
        FROM vendor_closure JOIN sla_policy USING (vendor_id)
        WHERE vendor_id = $1 AND cancelled_at IS NULL
    ), called_off AS MATERIALIZED (
        SELECT DISTINCT subject_id FROM state_change
        WHERE vendor_id = $1 AND at > $3 AND at <= $2
            AND move IN ('cancel', 'cancel_part', 'cancel_rest')
            AND (actor LIKE 'vendor%' OR reason = '{running_short.REASON}')
    ), sent AS MATERIALIZED (
        SELECT id, shipped_at AS at FROM sub_order
        WHERE vendor_id = $1 AND shipped_at > $3 AND shipped_at <= $2
    ), parcel AS MATERIALIZED (
        SELECT sub_order_id, shipped_at AS at, validity, state FROM shipment
        WHERE vendor_id = $1 AND shipped_at > $3 - {SCANNED_WITHIN} AND shipped_at <= $2
            AND carrier <> ''
    ), cases AS (
        SELECT 'acceptance' AS metric, part.id AS sub_order_id, started_at AS at,
            (met_at IS NOT NULL AND part.state NOT IN ('refused', 'expired'))::int AS amount
        FROM deadline JOIN sub_order part ON part.id = sub_order_id
        WHERE kind = 'accept_by' AND coalesce(met_at, breached_at) IS NOT NULL
        UNION ALL
        SELECT 'acceptance_delay', sub_order_id, met_at,
            floor(extract(epoch FROM met_at - started_at - still.lasted) / 60)::int
        FROM answered CROSS JOIN LATERAL (
            SELECT coalesce(sum(upper(span) - lower(span)), interval '0') AS lasted
            FROM unnest((SELECT range_agg(stop.span) FROM (
                SELECT days AS span FROM free
                UNION ALL
                SELECT tstzrange(paused_at, resumed_at) FROM sla_pause
                WHERE sla_pause.order_id = answered.order_id
                    AND (subject_id IS NULL OR subject_id = answered.sub_order_id)
                    AND coalesce(resumed_at > paused_at, true)
            ) stop) * tstzmultirange(tstzrange(started_at, met_at))) AS span
        ) still
        UNION ALL
        SELECT 'cancellation', part.id, part.released_at,
            (part.id IN (SELECT subject_id FROM called_off) OR EXISTS (
                SELECT 1 FROM reroute WHERE from_sub_order_id = part.id AND at <= $2 AND (
                    starts_with(reason, '{calling_off.REASON}')
                    OR reason IN ('{running_short.REASON}', '{handing_on.UNSENT}')) OFFSET 0))::int
        FROM sub_order part
        WHERE part.vendor_id = $1 AND part.released_at > $3 AND part.released_at <= $2
        UNION ALL
        SELECT 'late_shipment', sub_order_id, due_at, (state <> 'met')::int
        FROM deadline WHERE kind = 'ship_by' AND (state <> 'met' OR met_at IS NOT NULL)
        UNION ALL
        SELECT 'on_time_delivery', sub_order_id, due_at, (state = 'met')::int
        FROM deadline WHERE kind = 'deliver_by' AND (state <> 'met' OR met_at IS NOT NULL)
        UNION ALL
        SELECT 'valid_tracking', sub_order_id, at + {SCANNED_WITHIN},
            (validity = 'verified')::int FROM parcel
        UNION ALL
        SELECT 'returned_to_sender', sub_order_id, at, (state = 'returned_to_sender')::int
        FROM parcel
        UNION ALL
        SELECT 'incident', id, at, (EXISTS (
            SELECT 1 FROM shipment WHERE sub_order_id = sent.id AND state IN ('lost', 'exception')
        ) OR EXISTS (
            SELECT 1 FROM payment_allocation share
            WHERE share.sub_order_id = sent.id AND share.disputed_minor > 0 OFFSET 0))::int
        FROM sent
        UNION ALL
        SELECT 'refund', id, at, (EXISTS (
            SELECT 1 FROM refund_line line JOIN refund ON refund.id = line.refund_id
            WHERE line.sub_order_id = sent.id AND line.is_earned AND refund.state <> 'failed'
                AND refund.requested_at <= $2 OFFSET 0))::int
        FROM sent
    )
"""
_MEASURE = f"""{_CASES}
    SELECT days, metric, sum(amount)::bigint AS counted, count(*) AS sample
    FROM cases JOIN unnest($4::int[], $5::timestamptz[]) AS span (days, since) ON at > since
    WHERE at <= $2 GROUP BY days, metric
"""
_BEHIND = f"""{_CASES}
    SELECT part.id, part.number, cases.at, cases.amount
    FROM cases JOIN sub_order part ON part.id = cases.sub_order_id
    WHERE metric = $4 AND at > $3 AND at <= $2
    ORDER BY cases.at DESC, part.id LIMIT $5
"""
_SINCE = f"""{_CASES}
    SELECT coalesce(sum(amount), 0)::bigint AS counted, count(*) AS sample
    FROM cases WHERE metric = $4 AND at > $3 AND at <= $2
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a measure is made of: a sub-order, or a parcel of it.

    `amount` is 1 where a rate counts it and 0 where it does not; of a delay, its minutes.
    """

    sub_order_id: UUID
    number: str
    at: datetime
    amount: int


async def measure(
    *, principal: Principal, vendor_id: UUID, now: datetime
) -> Mapping[int, Sequence[Measured]]:
    """Every metric over each of `WINDOWS` up to now, also those with nothing to measure.

    The vendor itself may ask, and staff; to others it does not exist. Both are told the same:
    refunds and disputes of its orders count, though it does not see their rows.
    """
    _check(principal, vendor_id)
    since = [now - timedelta(days=days) for days in WINDOWS]
    async with transaction(principal, read_only=True), elevated():
        rows = await connection().fetch(_MEASURE, vendor_id, now, min(since), list(WINDOWS), since)
    found = {(row["days"], row["metric"]): (row["counted"], row["sample"]) for row in rows}
    return {
        days: [_measured(metric, found.get((days, metric.value), (0, 0))) for metric in Metric]
        for days in WINDOWS
    }


async def since(*, vendor_id: UUID, metric: Metric, moment: datetime, now: datetime) -> Measured:
    """One metric over the cases after a moment, up to now. For who sees all rows."""
    row = await connection().fetchrow(_SINCE, vendor_id, now, moment, metric.value)
    return _measured(metric, (row["counted"], row["sample"]))


async def behind(
    *, principal: Principal, vendor_id: UUID, metric: Metric, days: int, now: datetime
) -> Sequence[Case]:
    """What a measure is made of, the newest first, up to `LONGEST_LIST`."""
    _check(principal, vendor_id)
    since = now - timedelta(days=days)
    async with transaction(principal, read_only=True), elevated():
        rows = await connection().fetch(_BEHIND, vendor_id, now, since, metric.value, LONGEST_LIST)
    return [
        Case(sub_order_id=row["id"], number=row["number"], at=row["at"], amount=row["amount"])
        for row in rows
    ]


def _measured(metric: Metric, figures: tuple[int, int]) -> Measured:
    counted, sample = figures
    return Measured(metric=metric, counted=counted, sample=sample)


def _check(principal: Principal, vendor_id: UUID) -> None:
    if principal.kind in (Kind.STAFF, Kind.SYSTEM) or principal.vendor_id == vendor_id:
        return
    raise NotFound("vendor")
