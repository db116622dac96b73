"""Placing an order keeps the decision that its stock was taken by."""

from tortoise.migrations import operations as ops

from marketplace.kit import migration

# As before, and the decisions besides.
PLACE_ORDER = """
CREATE OR REPLACE FUNCTION place_order(request jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    claim idempotency_record := jsonb_populate_record(NULL::idempotency_record, request->'claim');
    first idempotency_record;
    placed orders := jsonb_populate_record(NULL::orders, request->'order');
    -- As an array, so that the index finds them however many offers there are.
    offers uuid[] := ARRAY(
        SELECT (line->>'offer_id')::uuid FROM jsonb_array_elements(request->'lines') line);
    picks jsonb;
    wrong jsonb;
BEGIN
    PERFORM set_config('souk.scope', 'all', true);

    -- A twin in flight makes this wait until it has committed or given up.
    INSERT INTO idempotency_record SELECT claim.* ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        SELECT * INTO first FROM idempotency_record
            WHERE (principal, operation, key) = (claim.principal, claim.operation, claim.key);
        IF first.request_hash <> claim.request_hash THEN
            RAISE EXCEPTION 'key reused' USING ERRCODE = 'SK001';
        END IF;
        RETURN jsonb_build_object('order_id', first.result_id, 'replayed', true);
    END IF;

    IF placed.cart_id IS NOT NULL THEN
        PERFORM 1 FROM cart WHERE id = placed.cart_id
            AND version = (request->>'cart_version')::int FOR UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'cart changed' USING ERRCODE = 'SK002';
        END IF;
        IF EXISTS (SELECT 1 FROM orders WHERE cart_id = placed.cart_id) THEN
            RAISE EXCEPTION 'cart ordered' USING ERRCODE = 'SK003';
        END IF;
    END IF;

    SELECT jsonb_agg(line.offer_id) INTO wrong
        FROM jsonb_populate_recordset(NULL::order_line, request->'lines') line
        LEFT JOIN offer ON offer.id = line.offer_id AND offer.id = ANY (offers) AND offer.is_active
            AND offer.price_minor = line.unit_price_minor AND offer.currency = placed.currency
        WHERE offer.id IS NULL;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'prices changed' USING ERRCODE = 'SK004', DETAIL = wrong::text;
    END IF;

    placed.number := 'M-' || nextval('order_number');
    INSERT INTO customer SELECT * FROM jsonb_populate_recordset(NULL::customer, request->'customers')
        ON CONFLICT DO NOTHING;
    INSERT INTO orders SELECT placed.*;
    INSERT INTO sub_order
        SELECT sub.* FROM jsonb_array_elements(request->'sub_orders') item,
            jsonb_populate_record(NULL::sub_order, item || jsonb_build_object(
                'number', placed.number || '-' || (item->>'letter'))) sub;
    INSERT INTO payment SELECT * FROM jsonb_populate_record(NULL::payment, request->'payment');
    INSERT INTO payment_allocation
        SELECT * FROM jsonb_populate_recordset(NULL::payment_allocation, request->'allocations');
    INSERT INTO sla_clock
        SELECT * FROM jsonb_populate_recordset(NULL::sla_clock, request->'clocks');
    INSERT INTO event_stream VALUES (placed.id, 1);
    INSERT INTO outbox_event
        SELECT * FROM jsonb_populate_record(NULL::outbox_event, request->'event');
    INSERT INTO state_change
        SELECT * FROM jsonb_populate_record(NULL::state_change, request->'change');

    PERFORM free_expired_stock(offers, placed.placed_at);
    picks := pick_stock(request->'lines', offers);
    SELECT jsonb_agg(pick) INTO wrong FROM jsonb_array_elements(picks) pick
        WHERE (pick->>'available')::int < (pick->>'quantity')::int;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'insufficient stock' USING ERRCODE = 'SK005', DETAIL = wrong::text;
    END IF;

    INSERT INTO order_line
        SELECT line.* FROM jsonb_array_elements(request->'lines') item
        JOIN jsonb_array_elements(picks) pick ON pick->>'line_id' = item->>'id',
            jsonb_populate_record(NULL::order_line,
                item || jsonb_build_object('location_id', pick->>'location_id')) line;
    INSERT INTO reservation
            (id, stock_id, vendor_id, order_id, line_id, quantity, consumed, state, expires_at)
        SELECT (item->>'reservation_id')::uuid, (pick->>'stock_id')::uuid,
            (item->>'vendor_id')::uuid, placed.id, (item->>'id')::uuid,
            (item->>'quantity')::int, 0, 'held', (request->>'pay_by')::timestamptz
        FROM jsonb_array_elements(request->'lines') item
        JOIN jsonb_array_elements(picks) pick ON pick->>'line_id' = item->>'id';
    UPDATE stock SET reserved = stock.reserved + (pick->>'quantity')::int
        FROM jsonb_array_elements(picks) pick
        WHERE stock.id = (pick->>'stock_id')::uuid AND stock.offer_id = ANY (offers);

    -- Why each sub-order is served from where it is; what was taken is known only now.
    INSERT INTO routing_decision
        SELECT decision.* FROM jsonb_array_elements(request->'decisions') item
        CROSS JOIN LATERAL jsonb_populate_record(NULL::routing_decision,
            item || jsonb_build_object('taken', (
                SELECT jsonb_object_agg(pick->>'offer_id', pick->>'stock_id')
                FROM jsonb_array_elements(request->'lines') line
                JOIN jsonb_array_elements(picks) pick ON pick->>'line_id' = line->>'id'
                WHERE line->>'sub_order_id' = item->>'sub_order_id'))) decision;

    RETURN jsonb_build_object('order_id', placed.id, 'replayed', false);
END $$;
"""


class Migration(migration.Migration):
    dependencies = [("marketplace", "0010_routing")]

    operations = [ops.RunSQL(PLACE_ORDER)]
