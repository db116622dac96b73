"""What PostgreSQL itself refuses: wrong amounts, wrong states, other vendors' rows.

The ORM drops the constraints of new models (Tortoise issue 2272), so they stand here in SQL; a
test compares them with the catalogue.
"""

from tortoise.migrations import operations as ops

from marketplace.kit import migration

CHECKS = """
ALTER TABLE clock
    ADD CONSTRAINT clock_single CHECK (id = 1),
    ADD CONSTRAINT clock_mode CHECK (mode IN ('system', 'virtual')),
    ADD CONSTRAINT clock_virtual CHECK ((mode = 'virtual') = (virtual_now IS NOT NULL));
INSERT INTO clock (id, mode) VALUES (1, 'system');

ALTER TABLE app_user ADD CONSTRAINT app_user_email_lower CHECK (email = lower(email));
ALTER TABLE outbox_event
    ADD CONSTRAINT outbox_event_seq CHECK ((stream_id IS NULL) = (seq IS NULL) AND seq > 0);

ALTER TABLE offer ADD CONSTRAINT offer_price CHECK (price_minor > 0);
ALTER TABLE tax_rate
    ADD CONSTRAINT tax_rate_ppm CHECK (rate_ppm BETWEEN 0 AND 1000000),
    ADD CONSTRAINT tax_rate_liable CHECK (liable IN ('platform', 'vendor'));
ALTER TABLE shipping_rate ADD CONSTRAINT shipping_rate_amounts
    CHECK (base_minor >= 0 AND per_unit_minor >= 0 AND free_from_minor >= 0);
ALTER TABLE discount
    ADD CONSTRAINT discount_amount CHECK (amount_minor > 0),
    ADD CONSTRAINT discount_code_upper CHECK (code = upper(code));
ALTER TABLE commission_rule
    ADD CONSTRAINT commission_rule_rates
    CHECK (rate_ppm BETWEEN 0 AND 1000000 AND vat_ppm BETWEEN 0 AND 1000000);

ALTER TABLE stock ADD CONSTRAINT stock_never_oversold CHECK (0 <= reserved AND reserved <= on_hand);
ALTER TABLE reservation
    ADD CONSTRAINT reservation_quantities CHECK (quantity >= 0 AND consumed >= 0),
    ADD CONSTRAINT reservation_state
    CHECK (state IN ('held', 'committed', 'consumed', 'released', 'expired')),
    ADD CONSTRAINT reservation_open CHECK ((state IN ('held', 'committed')) = (quantity > 0)),
    ADD CONSTRAINT reservation_held_expires CHECK ((state = 'held') = (expires_at IS NOT NULL));

ALTER TABLE sla_clock
    ADD CONSTRAINT sla_clock_kind CHECK (kind IN ('pay_by', 'accept_by', 'ship_by')),
    ADD CONSTRAINT sla_clock_state
    CHECK (state IN ('running', 'warned', 'met', 'breached')),
    ADD CONSTRAINT sla_clock_met CHECK (state <> 'met' OR met_at IS NOT NULL),
    ADD CONSTRAINT sla_clock_breached CHECK ((state = 'breached') = (breached_at IS NOT NULL));
ALTER TABLE sla_policy ADD CONSTRAINT sla_policy_hours
    CHECK (accept_hours > 0 AND ship_hours > 0 AND warn_hours >= 0 AND opens < closes);

ALTER TABLE payment ADD CONSTRAINT payment_amounts CHECK (
    amount_minor >= 0 AND refund_claimed_minor >= 0 AND refunded_minor >= 0
    AND captured_minor <= amount_minor
    AND refund_claimed_minor + refunded_minor <= captured_minor);
ALTER TABLE payment_allocation ADD CONSTRAINT payment_allocation_amounts CHECK (
    amount_minor >= 0 AND refund_claimed_minor >= 0 AND refunded_minor >= 0
    AND captured_minor <= amount_minor
    AND refund_claimed_minor + refunded_minor <= captured_minor);
ALTER TABLE payment_attempt ADD CONSTRAINT payment_attempt_state CHECK (state IN
    ('created', 'requires_action', 'processing', 'captured', 'failed', 'expired'));
CREATE UNIQUE INDEX payment_attempt_one_live ON payment_attempt (payment_id)
    WHERE state IN ('created', 'requires_action', 'processing', 'captured');
ALTER TABLE provider_operation
    ADD CONSTRAINT provider_operation_kind CHECK (kind IN ('intent', 'cancel', 'refund')),
    ADD CONSTRAINT provider_operation_state
    CHECK (state IN ('planned', 'sent', 'succeeded', 'failed'));
ALTER TABLE capture ADD CONSTRAINT capture_amounts CHECK (amount_minor > 0 AND fee_minor >= 0);
ALTER TABLE refund
    ADD CONSTRAINT refund_amount CHECK (amount_minor >= 0),
    ADD CONSTRAINT refund_state
    CHECK (state IN ('requested', 'submitting', 'pending', 'succeeded', 'failed'));
ALTER TABLE refund_line ADD CONSTRAINT refund_line_adds_up CHECK (
    gross_minor >= 0 AND quantity >= 0
    AND (line_id IS NOT NULL OR quantity = 0));

ALTER TABLE orders ADD CONSTRAINT orders_amounts CHECK (
    items_minor > 0 AND discount_minor >= 0 AND shipping_minor >= 0 AND tax_minor >= 0
    AND total_minor >= 0);
ALTER TABLE sub_order
    ADD CONSTRAINT sub_order_state CHECK (state IN ('pending', 'awaiting_acceptance', 'accepted',
        'partly_shipped', 'shipped', 'delivered', 'refused', 'expired', 'cancelled')),
    ADD CONSTRAINT sub_order_total CHECK (total_minor = items_minor - discount_minor
        + shipping_minor + CASE WHEN tax_inclusive THEN 0 ELSE tax_minor END),
    ADD CONSTRAINT sub_order_shipping CHECK (
        shipping_gross_minor = shipping_net_minor + shipping_tax_minor
        AND shipping_vendor_minor = shipping_gross_minor
            - CASE WHEN tax_liable = 'platform' THEN shipping_tax_minor ELSE 0 END
        AND shipping_refunded_minor BETWEEN 0 AND shipping_gross_minor);
ALTER TABLE order_line
    ADD CONSTRAINT order_line_quantities CHECK (
        quantity > 0 AND refused >= 0 AND cancelled >= 0
        AND quantity - refused - cancelled >= shipped AND shipped >= delivered AND delivered >= 0
        AND refunded BETWEEN 0 AND quantity AND refunded_minor BETWEEN 0 AND gross_minor),
    ADD CONSTRAINT order_line_amounts CHECK (
        items_minor = unit_price_minor * quantity AND gross_minor = net_minor + tax_minor
        AND discount_platform_minor >= 0 AND discount_vendor_minor >= 0 AND gross_minor >= 0
        AND tax_minor >= 0 AND funding_minor >= 0 AND commission_minor >= 0);
ALTER TABLE shipment ADD CONSTRAINT shipment_state CHECK (state IN ('in_transit', 'delivered'));
ALTER TABLE shipment_line ADD CONSTRAINT shipment_line_quantity CHECK (quantity > 0);
ALTER TABLE cart_line ADD CONSTRAINT cart_line_quantity CHECK (quantity BETWEEN 1 AND 9999);
"""

INDEXES = """
CREATE SEQUENCE order_number START 100001 CACHE 20;
CREATE INDEX outbox_event_unrouted ON outbox_event (id) WHERE routed_at IS NULL;
CREATE INDEX delivery_due ON delivery (next_at) WHERE done_at IS NULL AND dead_at IS NULL;
CREATE INDEX sla_clock_due ON sla_clock (due_at) WHERE state IN ('running', 'warned');
CREATE INDEX sla_clock_warn ON sla_clock (warn_at) WHERE state = 'running';
CREATE INDEX sub_order_worklist ON sub_order (vendor_id, state, id DESC);
CREATE INDEX offer_variant_active ON offer (variant_id, price_minor) WHERE is_active;
CREATE INDEX provider_operation_due ON provider_operation (next_at)
    WHERE state IN ('planned', 'sent');
CREATE INDEX outgoing_mail_unsent ON outgoing_mail (id) WHERE sent_at IS NULL;
CREATE INDEX session_of_user ON session (user_id);
CREATE INDEX customer_email ON customer (lower(email));
CREATE UNIQUE INDEX customer_one_account ON customer (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX orders_email ON orders (lower(email));
"""

# A connection whose scope is a vendor's id sees that vendor's rows; 'all' is scoped by its
# queries; without a scope there is nothing to see. The sub-select is evaluated once a query.
ROW_SECURITY = "\n".join(
    f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY scoped ON {table}
    USING ((SELECT current_setting('souk.scope', true)) = 'all'
        OR {column} = (SELECT nullif(nullif(current_setting('souk.scope', true), ''), 'all')::uuid));
"""
    for table, column in {
        "vendor": "id",
        "vendor_member": "vendor_id",
        "offer": "vendor_id",
        "shipping_rate": "vendor_id",
        "discount": "vendor_id",
        "commission_rule": "vendor_id",
        "location": "vendor_id",
        "stock": "vendor_id",
        "reservation": "vendor_id",
        "sla_policy": "vendor_id",
        "sla_clock": "vendor_id",
        "sub_order": "vendor_id",
        "order_line": "vendor_id",
        "shipment": "vendor_id",
        "shipment_line": "vendor_id",
        "state_change": "vendor_id",
    }.items()
)

# The platform's own books and customers: a vendor's connection has no business there. An order
# is visible to the vendors it has sub-orders for. Events are written by all, read by the platform.
PLATFORM_ONLY = "\n".join(
    f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY platform_only ON {table}
    USING ((SELECT current_setting('souk.scope', true)) = 'all');
"""
    for table in (
        "customer", "cart", "cart_line", "payment", "payment_allocation", "payment_attempt",
        "provider_operation", "provider_event", "capture", "refund", "refund_line",
        "outgoing_mail", "delivery", "session", "sign_in_failures", "staff_membership",
    )
) + """
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY scoped ON orders
    USING ((SELECT current_setting('souk.scope', true)) = 'all'
        OR EXISTS (SELECT 1 FROM sub_order WHERE sub_order.order_id = orders.id));
ALTER TABLE outbox_event ENABLE ROW LEVEL SECURITY;
CREATE POLICY platform_reads ON outbox_event
    USING ((SELECT current_setting('souk.scope', true)) = 'all');
CREATE POLICY all_write ON outbox_event FOR INSERT
    WITH CHECK (nullif(current_setting('souk.scope', true), '') IS NOT NULL);
"""

# One statement reserves, writes and commits, so that no lock on shared stock waits for a client.
# Stock is locked last, in id order. A refusal is raised, which undoes everything before it.
PLACE_ORDER = """
CREATE FUNCTION place_order(request jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
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

    PERFORM 1 FROM stock WHERE offer_id = ANY (offers) ORDER BY id FOR NO KEY UPDATE;
    SELECT jsonb_agg(to_jsonb(pick)) INTO picks FROM (
        SELECT DISTINCT ON (line.id)
            line.id AS line_id, line.offer_id, line.quantity, stock.id AS stock_id,
            stock.location_id, coalesce(stock.on_hand - stock.reserved, 0) AS available
        FROM jsonb_populate_recordset(NULL::order_line, request->'lines') line
        LEFT JOIN stock ON stock.offer_id = line.offer_id AND stock.offer_id = ANY (offers)
        LEFT JOIN location ON location.id = stock.location_id
        ORDER BY line.id, coalesce(stock.on_hand - stock.reserved >= line.quantity, false) DESC,
            CASE WHEN stock.on_hand - stock.reserved >= line.quantity THEN location.priority END,
            stock.on_hand - stock.reserved DESC, stock.id
    ) pick;
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

    RETURN jsonb_build_object('order_id', placed.id, 'replayed', false);
END $$;
"""


class Migration(migration.Migration):
    dependencies = [("marketplace", "0001_initial")]

    operations = [
        ops.RunSQL(CHECKS),
        ops.RunSQL(INDEXES),
        ops.RunSQL(ROW_SECURITY),
        ops.RunSQL(PLATFORM_ONLY),
        ops.RunSQL(PLACE_ORDER),
    ]
