"""What a marketplace of many orders needs from PostgreSQL: estimates that hold, and indexes.

A policy that compares inside its sub-select is a boolean to the planner, which takes it for true
half of the time; one that compares the sub-select's text is taken for true one time in two hundred,
and whole tables were read because so few rows were expected of them.
"""

from tortoise.migrations import operations as ops

from marketplace.kit import migration

ESTIMATES = """
CREATE FUNCTION compare_inside_policies() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    one record;
    compared CONSTANT text := '\\( SELECT current_setting\\(''souk.scope''::text, true\\)'
        ' AS current_setting\\) = ''all''::text';
BEGIN
    FOR one IN SELECT policyname, tablename, qual FROM pg_policies
        WHERE schemaname = 'public' AND qual ~ compared
    LOOP
        EXECUTE format('ALTER POLICY %I ON %I USING (%s)', one.policyname, one.tablename,
            regexp_replace(one.qual, compared,
                '(SELECT current_setting(''souk.scope'', true) = ''all'')'));
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION compare_inside_policies FROM PUBLIC;
SELECT compare_inside_policies();
"""

INDEXES = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX capture_payment ON capture (payment_id);
CREATE INDEX orders_who ON orders USING gin (lower(email || ' ' || customer_name) gin_trgm_ops);
CREATE INDEX product_called ON product USING gin (lower(name) gin_trgm_ops);
CREATE INDEX variant_sku_lower ON variant (lower(sku));
CREATE INDEX order_line_offer ON order_line (offer_id);
CREATE INDEX sub_order_vendor ON sub_order (vendor_id, order_id);
CREATE INDEX shipment_tracked ON shipment (upper(replace(tracking_number, ' ', '')));
CREATE INDEX sub_order_unpaid ON sub_order (order_id) WHERE state = 'pending';
CREATE INDEX sla_clock_late ON sla_clock (order_id)
    WHERE kind = 'ship_by' AND state = 'breached' AND met_at IS NULL;
CREATE INDEX order_line_refused ON order_line (order_id) WHERE refused > 0;
CREATE INDEX payment_refunding ON payment (order_id) WHERE refund_claimed_minor > 0;
CREATE INDEX refund_failed ON refund (order_id) WHERE state = 'failed';
CREATE INDEX delivery_dead ON delivery (event_id) WHERE dead_at IS NOT NULL AND done_at IS NULL;
"""

# What anybody can say of an order: its number or a sub-order's, who bought or sold, what, and the
# parcel. Operators that are not leakproof cannot use an index behind row-level security, so the
# search runs as the tables' owner, for those who see everything anyway.
SEARCH = """
CREATE FUNCTION orders_found(said text, most int) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    small text := lower(said);
    inside text := '%' || replace(replace(replace(lower(said), '\\', '\\\\'), '%', '\\%'), '_', '\\_')
        || '%';
BEGIN
    IF current_setting('souk.scope', true) IS DISTINCT FROM 'all' THEN
        RAISE EXCEPTION 'only those who see all orders search them';
    END IF;
    RETURN QUERY SELECT found.id FROM (
        SELECT orders.id FROM orders WHERE number IN (upper(said), 'M-' || upper(said))
        UNION SELECT order_id FROM sub_order WHERE number IN (upper(said), 'M-' || upper(said))
        UNION SELECT orders.id FROM orders WHERE lower(email) = small
        UNION SELECT shipment.order_id FROM shipment
            WHERE upper(replace(tracking_number, ' ', '')) = upper(replace(said, ' ', ''))
        UNION SELECT order_line.order_id FROM order_line WHERE offer_id = ANY (ARRAY(
            SELECT offer.id FROM offer JOIN variant ON variant.id = variant_id
            WHERE lower(variant.sku) = small))
        UNION SELECT orders.id FROM orders
            WHERE length(said) > 2 AND lower(email || ' ' || customer_name) LIKE inside
        UNION SELECT order_line.order_id FROM order_line WHERE offer_id = ANY (ARRAY(
            SELECT offer.id FROM offer JOIN variant ON variant.id = variant_id
            JOIN product ON product.id = product_id
            WHERE length(said) > 2 AND lower(product.name) LIKE inside))
        UNION (SELECT sub_order.order_id FROM sub_order WHERE vendor_id = ANY (ARRAY(
                SELECT vendor.id FROM vendor
                WHERE length(said) > 2 AND lower(vendor.name) LIKE inside))
            ORDER BY sub_order.order_id DESC LIMIT most)
    ) found ORDER BY found.id DESC LIMIT most;
END $$;
REVOKE ALL ON FUNCTION orders_found FROM PUBLIC;
"""


class Migration(migration.Migration):
    dependencies = [("marketplace", "0011_holds")]

    operations = [ops.RunSQL(ESTIMATES), ops.RunSQL(INDEXES), ops.RunSQL(SEARCH)]
