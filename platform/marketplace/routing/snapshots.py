"""Who could serve which variant now: one SQL fragment for a cart's lines and for lines on the move.

What it answers are the fields of `requests.Candidate`; nothing is locked, so whoever takes stock
compares again.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from marketplace.kit.transactions import connection
from marketplace.routing.requests import Candidate

MOST_CANDIDATES = 20  # for one line; the customer's own choice is always among them

# {wanted} limits the offers, {first} sorts those that must not be cut off, {country}, {postcode}
# and {now} are expressions. A day is the vendor's own; an id that begins with its first
# millisecond stands before all lines of that day.
CANDIDATES = f"""
    SELECT stock.id AS stock_id, stock.offer_id, other.variant_id, stock.vendor_id,
        seller.code AS vendor, location.code AS location, location.name AS location_name,
        location.country, location.priority, stock.available,
        stock.available - stock.backorder_limit AS at_hand,
        CASE WHEN location.country <> {{country}} THEN 2
            WHEN left(location.postal_code, 2) = left({{postcode}}, 2) THEN 0
            ELSE 1 END AS distance,
        other.price_minor,
        coalesce(jsonb_array_length(profile.ships_to), 0) = 0
            OR profile.ships_to ? {{country}} AS ships_there,
        sending.base_minor + sending.per_unit_minor AS shipping_minor,
        profile.promise_days, standing.score AS vendor_score,
        profile.daily_lines - busy.lines AS capacity_left,
        CASE WHEN vendor_is_away(seller.id, {{now}}) THEN 'its seller is away'
            ELSE shut.closed END AS closed, shut.outage
    FROM offer other
    JOIN stock ON stock.offer_id = other.id
    JOIN location ON location.id = stock.location_id AND location.closed_at IS NULL
    JOIN vendor seller ON seller.id = stock.vendor_id
    LEFT JOIN location_profile profile ON profile.location_id = location.id
    LEFT JOIN vendor_standing standing ON standing.vendor_id = seller.id
    LEFT JOIN shipping_rate sending ON sending.vendor_id = seller.id
        AND sending.country = {{country}} AND sending.currency = other.currency
    LEFT JOIN LATERAL (
        SELECT max(reason) FILTER (WHERE location_id IS NULL) AS closed,
            max(reason) FILTER (WHERE location_id IS NOT NULL) AS outage
        FROM routing_closure closure
        WHERE closure.vendor_id = seller.id AND starts_at <= {{now}}
            AND (ends_at IS NULL OR ends_at > {{now}})
            AND (location_id IS NULL OR location_id = location.id)
    ) shut ON true
    LEFT JOIN LATERAL (
        SELECT count(*)::int AS lines FROM (
            SELECT 1 FROM order_line packed
            WHERE packed.location_id = location.id AND packed.id >= (lpad(to_hex((extract(
                    epoch FROM date_trunc('day', {{now}} AT TIME ZONE seller.time_zone)
                        AT TIME ZONE seller.time_zone) * 1000)::bigint), 12, '0')
                || '00000000000000000000')::uuid
            LIMIT profile.daily_lines
        ) today
    ) busy ON profile.daily_lines IS NOT NULL
    WHERE {{wanted}} AND other.is_active
    ORDER BY {{first}} other.price_minor, stock.id LIMIT {MOST_CANDIDATES}
"""

_OF_VARIANTS = f"""
    SELECT to_jsonb(candidate) AS found FROM unnest($1::uuid[]) AS variant (id)
    CROSS JOIN LATERAL ({CANDIDATES.format(
        wanted="other.variant_id = variant.id AND other.currency = $2", first="",
        country="$3::text", postcode="$4::text", now="$5::timestamptz",
    )}) candidate
"""  # fmt: skip


async def of_variants(
    variant_ids: Sequence[UUID],
    *,
    currency: str,
    destination: Mapping[str, str],
    now: datetime,
) -> list[Candidate]:
    """Everybody who sells them in this currency; who has no rate there does not ship there."""
    rows = await connection().fetch(
        _OF_VARIANTS, list(variant_ids), currency, destination["country"],
        destination.get("postal_code", ""), now,
    )  # fmt: skip
    found = [Candidate(**json.loads(row["found"])) for row in rows]
    return [
        one if one.shipping_minor is not None else replace(one, ships_there=False) for one in found
    ]
