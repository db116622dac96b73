"""Everything a cart's price depends on is read by one function, in one snapshot.

It runs as the tables' owner: who holds a cart's token may read that cart, and nothing else of the
caller's reaches it. Its plans are made once a connection, by index.
"""

from tortoise.migrations import operations as ops

from marketplace.kit import migration

# Who could serve a variant now. `first` is the offer that must not be cut off. A day is the
# vendor's own; an id that begins with its first millisecond stands before all lines of that day.
CANDIDATES = """
CREATE FUNCTION routing_candidates(
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
    FROM offer other
    JOIN stock ON stock.offer_id = other.id
    JOIN location place ON place.id = stock.location_id AND place.closed_at IS NULL
    JOIN vendor seller ON seller.id = stock.vendor_id
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
    WHERE other.variant_id = wanted AND other.currency = in_currency AND other.is_active
    ORDER BY other.id IS DISTINCT FROM first, other.price_minor, stock.id LIMIT most
$$;
"""

# Everything a cart's price depends on, in one snapshot; null where no cart has the token. Each
# line comes with its offer, its vendor's shipping rate and the most specific commission rule, and
# with who could serve it where `most` is more than none.
READ_CART = """
CREATE FUNCTION read_cart(wanted text, moment timestamptz, most int) RETURNS json
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
SET enable_hashjoin = off SET enable_mergejoin = off SET join_collapse_limit = 1 AS $$
DECLARE
    asked record;
    there text;
    postcode text;
BEGIN
    SELECT cart.*, channel.currency, channel.prices_include_tax, orders.id AS order_id,
            orders.number AS order_number,
            active_rules.id AS active_rules_id, active_rules.edition AS active_edition,
            shadow_rules.id AS shadow_rules_id, shadow_rules.edition AS shadow_edition,
            shadow_rules.rollout_percent
        INTO asked
        FROM cart JOIN channel ON channel.id = cart.channel_id
        LEFT JOIN orders ON orders.cart_id = cart.id
        LEFT JOIN routing_rule_set active_rules ON active_rules.channel_id = channel.id
            AND active_rules.state = 'active'
        LEFT JOIN routing_rule_set shadow_rules ON shadow_rules.channel_id = channel.id
            AND shadow_rules.state = 'shadow'
        WHERE cart.token_hash = wanted;
    IF asked.id IS NULL THEN
        RETURN NULL;
    END IF;
    there := asked.address->>'country';
    postcode := coalesce(asked.address->>'postal_code', '');
    RETURN json_build_object(
        'cart', asked,
        'taxes', (
            SELECT json_agg(tax) FROM (
                SELECT tax_category, rate_ppm, liable FROM tax_rate WHERE country = there
            ) tax),
        'discount', (SELECT to_json(discount) FROM discount WHERE code = asked.discount_code),
        'lines', (
            SELECT json_agg(line ORDER BY line.offer_id) FROM (
                SELECT line.offer_id, line.quantity, offer.vendor_id, offer.price_minor,
                    offer.currency, variant.sku, variant.name AS variant_name,
                    offer.is_active AND NOT vendor_is_away(offer.vendor_id, moment) AS is_active,
                    product.name AS product_name, product.tax_category, product.category,
                    offer.variant_id, vendor.name AS vendor_name,
                    rate.base_minor, rate.per_unit_minor, rate.free_from_minor,
                    rule.id AS rule_id, rule.rate_ppm, rule.vat_ppm, (
                        SELECT json_agg(candidate) FROM routing_candidates(offer.variant_id,
                            offer.currency, offer.id, there, postcode, moment, most) candidate
                        WHERE most > 0
                    ) AS candidates
                FROM cart_line line
                LEFT JOIN offer ON offer.id = line.offer_id
                LEFT JOIN variant ON variant.id = offer.variant_id
                LEFT JOIN product ON product.id = variant.product_id
                LEFT JOIN vendor ON vendor.id = offer.vendor_id
                LEFT JOIN shipping_rate rate ON rate.vendor_id = offer.vendor_id
                    AND rate.country = there AND rate.currency = offer.currency
                LEFT JOIN LATERAL (
                    SELECT * FROM commission_rule
                    WHERE (commission_rule.vendor_id = offer.vendor_id
                            OR commission_rule.vendor_id IS NULL)
                        AND (commission_rule.category = product.category
                            OR commission_rule.category IS NULL)
                        AND valid_from <= moment AND (valid_to IS NULL OR valid_to > moment)
                    ORDER BY commission_rule.vendor_id IS NOT NULL DESC,
                        commission_rule.category IS NOT NULL DESC, version DESC
                    LIMIT 1
                ) rule ON true
                WHERE line.cart_id = asked.id
            ) line));
END $$;
REVOKE ALL ON FUNCTION read_cart FROM PUBLIC;
"""


class Migration(migration.Migration):
    dependencies = [("marketplace", "0018_preference")]

    operations = [ops.RunSQL(CANDIDATES), ops.RunSQL(READ_CART)]
