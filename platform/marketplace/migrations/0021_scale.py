"""Who could serve a cart is found from the offer on, whatever the tables looked like before."""

from tortoise.migrations import operations as ops

from marketplace.kit import migration

# As before, and fenced: the planner may turn the sides of a join round, and began with all
# locations where it took a small table that nobody has counted yet for an empty one. OFFSET 0 is
# what it does not look through.
CANDIDATES = """
CREATE OR REPLACE FUNCTION routing_candidates(
    wanted uuid, in_currency text, first uuid, to_country text, to_postcode text,
    moment timestamptz, most int
) RETURNS TABLE (
    stock_id uuid, offer_id uuid, variant_id uuid, vendor_id uuid, vendor text, location text,
    location_name text, country text, priority int, available int, at_hand int, distance int,
    price_minor bigint, ships_there boolean, shipping_minor bigint, promise_days int,
    vendor_score int, capacity_left int, closed text, outage text
) LANGUAGE sql STABLE AS $$
    SELECT stock.id, stock.offer_id, other.variant_id, stock.vendor_id, seller.code, place.code,
        place.name, place.country, place.priority, stock.available,
        stock.available - stock.backorder_limit,
        CASE WHEN place.country <> to_country THEN 2
            WHEN left(place.postal_code, 2) = left(to_postcode, 2) THEN 0
            ELSE 1 END,
        other.price_minor,
        coalesce(jsonb_array_length(profile.ships_to), 0) = 0 OR profile.ships_to ? to_country,
        sending.base_minor + sending.per_unit_minor,
        profile.promise_days, standing.score, profile.daily_lines - busy.lines,
        CASE WHEN vendor_is_away(seller.id, moment) THEN 'its seller is away' ELSE shut.closed END,
        shut.outage
    FROM (
        SELECT * FROM offer
        WHERE variant_id = wanted AND currency = in_currency AND is_active OFFSET 0
    ) other
    CROSS JOIN LATERAL (SELECT * FROM stock WHERE stock.offer_id = other.id OFFSET 0) stock
    CROSS JOIN LATERAL (
        SELECT * FROM location
        WHERE location.id = stock.location_id AND closed_at IS NULL OFFSET 0
    ) place
    CROSS JOIN LATERAL (SELECT * FROM vendor WHERE vendor.id = stock.vendor_id OFFSET 0) seller
    LEFT JOIN location_profile profile ON profile.location_id = place.id
    LEFT JOIN vendor_standing standing ON standing.vendor_id = seller.id
    LEFT JOIN shipping_rate sending ON sending.vendor_id = seller.id
        AND sending.country = to_country AND sending.currency = other.currency
    LEFT JOIN LATERAL (
        SELECT max(reason) FILTER (WHERE closure.location_id IS NULL) AS closed,
            max(reason) FILTER (WHERE closure.location_id IS NOT NULL) AS outage
        FROM routing_closure closure
        WHERE closure.vendor_id = seller.id AND starts_at <= moment
            AND (ends_at IS NULL OR ends_at > moment)
            AND (closure.location_id IS NULL OR closure.location_id = place.id)
    ) shut ON true
    LEFT JOIN LATERAL (
        SELECT count(*)::int AS lines FROM (
            SELECT 1 FROM order_line packed
            WHERE profile.daily_lines IS NOT NULL AND packed.location_id = place.id
                AND packed.id >= (lpad(to_hex((extract(
                    epoch FROM date_trunc('day', moment AT TIME ZONE seller.time_zone)
                        AT TIME ZONE seller.time_zone) * 1000)::bigint), 12, '0')
                || '00000000000000000000')::uuid
            LIMIT profile.daily_lines
        ) today
    ) busy ON true
    ORDER BY other.id IS DISTINCT FROM first, other.price_minor, stock.id LIMIT most
$$;
"""


class Migration(migration.Migration):
    dependencies = [
        ("marketplace", "0017_placing"),
        ("marketplace", "0022_pauses_of_an_order"),
    ]

    operations = [ops.RunSQL(CANDIDATES)]
