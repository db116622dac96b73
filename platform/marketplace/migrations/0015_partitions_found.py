"""What reads along an order or a vendor goes straight to its rows, however many others there are.

An order's months begin with the order. A search that no vendor's name answers asked all sub-orders
whether they were of none; now each vendor that is found is asked for its newest.
"""

from tortoise.migrations import operations as ops

from marketplace.kit import migration

# A day, since clocks of several machines differ; of an id that tells no time, every month.
SINCE = """
CREATE FUNCTION day_before(known uuid) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(
    first_id(uuid_extract_timestamp(known) AT TIME ZONE 'UTC' - interval '1 day'),
    '00000000-0000-0000-0000-000000000000');
REVOKE ALL ON FUNCTION day_before FROM PUBLIC;
"""

SEARCH = """
CREATE OR REPLACE FUNCTION orders_found(said text, most int) RETURNS SETOF uuid
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
        UNION (SELECT newest.order_id FROM vendor CROSS JOIN LATERAL (
                SELECT sub_order.order_id FROM sub_order WHERE vendor_id = vendor.id
                ORDER BY sub_order.order_id DESC LIMIT most) newest
            WHERE length(said) > 2 AND lower(vendor.name) LIKE inside)
    ) found ORDER BY found.id DESC LIMIT most;
END $$;
"""


# A vendor's finished orders are counted without looking at them.
COUNTED = """
DROP INDEX sub_order_worklist;
CREATE INDEX sub_order_worklist ON sub_order (vendor_id, state, id DESC) INCLUDE (released_at);
"""


class Migration(migration.Migration):
    dependencies = [("marketplace", "0015_partitions")]

    operations = [ops.RunSQL(SINCE), ops.RunSQL(SEARCH), ops.RunSQL(COUNTED)]
