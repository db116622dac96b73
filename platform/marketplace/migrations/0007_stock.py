"""Stock that is sold by what is available, moves with a reason, and is promised ahead of arrival."""

from uuid import uuid4

from tortoise import fields
from tortoise.migrations import operations as ops

from marketplace.inventory.models import (
    AheadKind,
    FeedOutcome,
    LocationKind,
    MovementKind,
    UploadState,
)
from marketplace.kit import migration

DEFAULTS = """
ALTER TABLE stock
    ADD COLUMN available int NOT NULL
        GENERATED ALWAYS AS (on_hand + backorder_limit - safety - reserved) STORED;
"""

CHECKS = """
ALTER TABLE location
    ADD CONSTRAINT location_kind CHECK (kind IN ('warehouse', 'store', 'third_party')),
    ADD CONSTRAINT location_place CHECK (
        latitude_microdegrees BETWEEN -90000000 AND 90000000
        AND longitude_microdegrees BETWEEN -180000000 AND 180000000
        AND (latitude_microdegrees IS NULL) = (longitude_microdegrees IS NULL));
ALTER TABLE stock
    DROP CONSTRAINT stock_never_oversold,
    ADD CONSTRAINT stock_never_oversold
    CHECK (on_hand >= 0 AND 0 <= reserved AND reserved <= on_hand + backorder_limit),
    ADD CONSTRAINT stock_amounts
    CHECK (safety >= 0 AND backorder_limit >= 0 AND version >= 0 AND low_at >= 0);
ALTER TABLE reservation
    DROP CONSTRAINT reservation_quantities,
    DROP CONSTRAINT reservation_open,
    ADD CONSTRAINT reservation_quantities
    CHECK (quantity >= 0 AND consumed >= 0 AND short >= 0),
    ADD CONSTRAINT reservation_open
    CHECK ((state IN ('held', 'committed')) = (quantity + short > 0));
ALTER TABLE selling_ahead
    ADD CONSTRAINT selling_ahead_kind CHECK (kind IN ('backorder', 'pre_order')),
    ADD CONSTRAINT selling_ahead_when CHECK (
        (kind = 'backorder') = (lead_days IS NOT NULL)
        AND (kind = 'pre_order') = (release_on IS NOT NULL) AND lead_days >= 0);
ALTER TABLE stock_movement
    ADD CONSTRAINT stock_movement_kind CHECK (kind IN ('opened', 'sold', 'adjusted', 'counted',
        'received', 'returned', 'feed', 'compensated')),
    ADD CONSTRAINT stock_movement_after CHECK (after >= 0);
ALTER TABLE inbound ADD CONSTRAINT inbound_quantities CHECK (quantity > 0 AND received >= 0);
ALTER TABLE stock_feed_event
    ADD CONSTRAINT stock_feed_event_outcome CHECK (outcome IN ('applied', 'older')),
    ADD CONSTRAINT stock_feed_event_amounts CHECK (version > 0 AND on_hand >= 0);
ALTER TABLE stock_upload ADD CONSTRAINT stock_upload_state
    CHECK (state IN ('checked', 'working', 'done', 'discarded'));
ALTER TABLE stock_upload_line ADD CONSTRAINT stock_upload_line_counts
    CHECK (problem IS NOT NULL OR (stock_id IS NOT NULL AND on_hand >= 0));
"""

# None of them holds a column that placing an order writes: a hot row stays where it is.
INDEXES = """
CREATE INDEX reservation_held ON reservation (stock_id, expires_at) WHERE state = 'held';
CREATE INDEX stock_movement_of ON stock_movement (stock_id, id DESC);
CREATE INDEX stock_watched ON stock (vendor_id) WHERE low_at IS NOT NULL;
CREATE INDEX stock_of_vendor ON stock (vendor_id, id);
CREATE INDEX inbound_open ON inbound (stock_id, expected_on) WHERE closed_at IS NULL;
CREATE INDEX stock_upload_of ON stock_upload (vendor_id, id DESC);
"""

ROW_SECURITY = "\n".join(
    f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY scoped ON {table}
    USING ((SELECT current_setting('souk.scope', true)) = 'all'
        OR vendor_id = (SELECT nullif(nullif(current_setting('souk.scope', true), ''), 'all')::uuid));
"""
    for table in (
        "selling_ahead", "stock_movement", "inbound", "stock_feed_event", "stock_upload",
        "stock_upload_line",
    )
)

# Whoever puts a stock item on the books, and however, its movements begin with what it has.
MOVEMENTS = """
CREATE FUNCTION stock_movement_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a stock movement is never changed: write another one'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER stock_movement_append_only BEFORE UPDATE OR DELETE ON stock_movement
    FOR EACH ROW EXECUTE FUNCTION stock_movement_is_final();

CREATE FUNCTION stock_opening() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stock_movement (id, stock_id, vendor_id, kind, delta, after, actor, at)
        SELECT uuidv7(opened.at - clock_timestamp()), NEW.id, NEW.vendor_id, 'opened', NEW.on_hand,
            NEW.on_hand, 'system', opened.at
        FROM (SELECT coalesce(virtual_now, clock_timestamp()) AS at FROM clock) opened;
    RETURN NULL;
END $$;
CREATE TRIGGER stock_opened AFTER INSERT ON stock
    FOR EACH ROW WHEN (NEW.on_hand > 0) EXECUTE FUNCTION stock_opening();

INSERT INTO stock_movement (id, stock_id, vendor_id, kind, delta, after, actor, at)
    SELECT uuidv7(opened.at - clock_timestamp()), stock.id, vendor_id, 'opened', on_hand, on_hand,
        'system', opened.at
    FROM stock, (SELECT coalesce(virtual_now, clock_timestamp()) AS at FROM clock) opened
    WHERE on_hand > 0;
"""

# Shelves are locked in id order and before anything is promised from them. A promise that was not
# paid for in time is free at once, without waiting for the deadline's tick.
RESERVING = """
CREATE FUNCTION free_expired_stock(offers uuid[], moment timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM stock WHERE offer_id = ANY (offers) ORDER BY id FOR NO KEY UPDATE;
    -- What is being paid for at this moment is locked by its payment and left alone: waiting for
    -- it here, with shelves locked, could deadlock.
    WITH late AS (
        SELECT reservation.id FROM reservation
        WHERE reservation.stock_id = ANY (ARRAY(
                SELECT stock.id FROM stock WHERE stock.offer_id = ANY (offers)))
            AND reservation.state = 'held' AND reservation.expires_at <= moment
        FOR UPDATE SKIP LOCKED
    ), freed AS (
        UPDATE reservation
            SET state = 'expired', expires_at = NULL, quantity = 0, short = 0
            FROM late WHERE reservation.id = late.id
            RETURNING old.stock_id, old.quantity
    ), summed AS (SELECT stock_id, sum(quantity)::int AS units FROM freed GROUP BY stock_id)
    UPDATE stock SET reserved = stock.reserved - summed.units
        FROM summed WHERE stock.id = summed.stock_id;
END $$;

-- One shelf for each line, by what is available. `stock_ids` of a line names those that may serve
-- it, in order; without it all open ones may, by the location's priority. A shelf that has the
-- pieces comes before one that would sell them ahead.
CREATE FUNCTION pick_stock(lines jsonb, offers uuid[]) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_agg(to_jsonb(pick)) FROM (
        SELECT DISTINCT ON (line.id)
            line.id AS line_id, line.offer_id, line.quantity, shelf.id AS stock_id,
            shelf.location_id, greatest(coalesce(shelf.available, 0), 0) AS available
        FROM jsonb_to_recordset(lines)
            line (id uuid, offer_id uuid, quantity int, stock_ids uuid[])
        LEFT JOIN (
            SELECT stock.id, stock.offer_id, stock.location_id, stock.available,
                stock.available - stock.backorder_limit AS at_hand, location.priority
            FROM stock JOIN location ON location.id = stock.location_id
            WHERE stock.offer_id = ANY (offers) AND location.closed_at IS NULL
        ) shelf ON shelf.offer_id = line.offer_id
            AND (line.stock_ids IS NULL OR shelf.id = ANY (line.stock_ids))
        ORDER BY line.id, coalesce(shelf.available >= line.quantity, false) DESC,
            CASE WHEN shelf.available >= line.quantity
                THEN array_position(line.stock_ids, shelf.id) END,
            CASE WHEN shelf.available >= line.quantity THEN shelf.at_hand >= line.quantity END DESC,
            CASE WHEN shelf.available >= line.quantity THEN shelf.priority END,
            shelf.available DESC, shelf.id
    ) pick
$$;

-- Promise an order's expired and short lines again, all or none of them; false where the pieces
-- are gone. Its caller holds the order.
CREATE FUNCTION retake_stock(wanted uuid, moment timestamptz) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    lines jsonb;
    offers uuid[];
    picks jsonb;
BEGIN
    SELECT jsonb_agg(jsonb_build_object('id', line.id, 'offer_id', line.offer_id, 'quantity',
            line.quantity - line.refused - line.cancelled)), array_agg(line.offer_id)
        INTO lines, offers
        FROM order_line line JOIN reservation ON reservation.line_id = line.id
        WHERE line.order_id = wanted AND line.quantity > line.refused + line.cancelled
            AND (reservation.state = 'expired' OR reservation.short > 0);
    IF lines IS NULL THEN
        RETURN true;
    END IF;
    PERFORM free_expired_stock(offers, moment);
    -- A line is served whole from one shelf: what a short one still has is looked for anew, too.
    WITH gone AS (
        UPDATE reservation
            SET state = 'expired', quantity = 0, short = 0, expires_at = NULL
            WHERE order_id = wanted AND short > 0 AND state IN ('held', 'committed')
            RETURNING old.stock_id, old.quantity
    )
    UPDATE stock SET reserved = stock.reserved - gone.quantity
        FROM gone WHERE stock.id = gone.stock_id;
    picks := pick_stock(lines, offers);
    IF EXISTS (SELECT 1 FROM jsonb_array_elements(picks) pick
            WHERE (pick->>'available')::int < (pick->>'quantity')::int) THEN
        RETURN false;
    END IF;
    UPDATE stock SET reserved = stock.reserved + pick.quantity
        FROM jsonb_to_recordset(picks) pick (stock_id uuid, quantity int)
        WHERE stock.id = pick.stock_id;
    UPDATE reservation
        SET state = 'committed', stock_id = pick.stock_id, quantity = pick.quantity
        FROM jsonb_to_recordset(picks) pick (line_id uuid, stock_id uuid, quantity int)
        WHERE reservation.line_id = pick.line_id;
    UPDATE order_line SET location_id = pick.location_id
        FROM jsonb_to_recordset(picks) pick (line_id uuid, location_id uuid)
        WHERE order_line.id = pick.line_id;
    RETURN true;
END $$;
"""

# As before, but for the stock: what expired is free, and picks go by what is available.
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

    RETURN jsonb_build_object('order_id', placed.id, 'replayed', false);
END $$;
"""


class Migration(migration.Migration):
    dependencies = [('marketplace', '0006_operation_index')]

    initial = False

    operations = [
        ops.CreateModel(
            name='FeedEvent',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('vendor_id', fields.UUIDField()),
                ('event_key', fields.CharField(description="The sender's own id of it", max_length=120)),
                ('stock_id', fields.UUIDField()),
                ('version', fields.BigIntField()),
                ('on_hand', fields.IntField(description='What it said')),
                ('outcome', fields.CharEnumField(description='APPLIED: applied\nOLDER: older', enum_type=FeedOutcome, max_length=10)),
                ('received_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'stock_feed_event', 'app': 'marketplace', 'unique_together': (('vendor_id', 'event_key'),), 'pk_attr': 'id', 'table_description': "What a vendor's system said of one stock item, once for each of its event ids."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Inbound',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('stock_id', fields.UUIDField(db_index=True)),
                ('vendor_id', fields.UUIDField()),
                ('quantity', fields.IntField(description='Pieces that were announced')),
                ('received', fields.IntField(default=0)),
                ('expected_on', fields.DateField()),
                ('reference', fields.CharField(max_length=80)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('closed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'inbound', 'app': 'marketplace', 'pk_attr': 'id', 'table_description': 'Pieces on their way to a location. Open until it is received or given up.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SellingAhead',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('offer_id', fields.UUIDField(unique=True)),
                ('vendor_id', fields.UUIDField()),
                ('kind', fields.CharEnumField(description='BACKORDER: backorder\nPRE_ORDER: pre_order', enum_type=AheadKind, max_length=10)),
                ('lead_days', fields.IntField(null=True)),
                ('release_on', fields.DateField(null=True)),
            ],
            options={'table': 'selling_ahead', 'app': 'marketplace', 'pk_attr': 'id', 'table_description': 'An offer that is sold before it is on hand: how, and when it can leave.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='StockMovement',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('stock_id', fields.UUIDField()),
                ('vendor_id', fields.UUIDField()),
                ('kind', fields.CharEnumField(description='OPENED: opened\nSOLD: sold\nADJUSTED: adjusted\nCOUNTED: counted\nRECEIVED: received\nRETURNED: returned\nFEED: feed\nCOMPENSATED: compensated', enum_type=MovementKind, max_length=12)),
                ('delta', fields.IntField()),
                ('after', fields.IntField(description='On hand, then')),
                ('order_id', fields.UUIDField(null=True)),
                ('actor', fields.CharField(max_length=60)),
                ('reason', fields.CharField(null=True, max_length=200)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'stock_movement', 'app': 'marketplace', 'pk_attr': 'id', 'table_description': 'Why what is on hand changed: one row for each change, never changed itself.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='StockUpload',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('vendor_id', fields.UUIDField()),
                ('filename', fields.CharField(max_length=120)),
                ('state', fields.CharEnumField(description='CHECKED: checked\nWORKING: working\nDONE: done\nDISCARDED: discarded', enum_type=UploadState, max_length=10)),
                ('is_whole', fields.BooleanField(default=False, description='All lines or none')),
                ('actor', fields.CharField(max_length=60)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('done_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'stock_upload', 'app': 'marketplace', 'pk_attr': 'id', 'table_description': 'A file of stock levels: looked at first, then written line by line or as one.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='UploadLine',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('upload_id', fields.UUIDField()),
                ('vendor_id', fields.UUIDField()),
                ('position', fields.IntField(description='Its line in the file')),
                ('sku', fields.CharField(max_length=80)),
                ('location', fields.CharField(max_length=40)),
                ('on_hand', fields.IntField(null=True)),
                ('stock_id', fields.UUIDField(null=True)),
                ('problem', fields.CharField(null=True, max_length=200)),
                ('written_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'stock_upload_line', 'app': 'marketplace', 'unique_together': (('upload_id', 'position'),), 'pk_attr': 'id', 'table_description': 'One line of a file; `problem` says why it does not count.'},
            bases=['Model'],
        ),
        ops.AlterModelOptions(
            name='Location',
            options={'table': 'location', 'app': 'marketplace', 'unique_together': (('vendor_id', 'code'),), 'pk_attr': 'id', 'table_description': "Where a vendor's stock is. Nothing is promised from one that is closed."},
        ),
        ops.AddField(
            model_name='Location',
            name='closed_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Location',
            name='kind',
            field=fields.CharEnumField(default=LocationKind.WAREHOUSE, db_default='warehouse', description='WAREHOUSE: warehouse\nSTORE: store\nTHIRD_PARTY: third_party', enum_type=LocationKind, max_length=12),
        ),
        ops.AddField(
            model_name='Location',
            name='latitude_microdegrees',
            field=fields.IntField(null=True, description='North is positive'),
        ),
        ops.AddField(
            model_name='Location',
            name='longitude_microdegrees',
            field=fields.IntField(null=True, description='East is positive'),
        ),
        ops.AddField(
            model_name='Location',
            name='postal_code',
            field=fields.CharField(null=True, max_length=20),
        ),
        ops.AddField(
            model_name='Location',
            name='time_zone',
            field=fields.CharField(null=True, description="The vendor's where null", max_length=40),
        ),
        ops.AddField(
            model_name='Reservation',
            name='short',
            field=fields.IntField(default=0, db_default=0, description='Taken back: the shelf had less than it said'),
        ),
        ops.AlterModelOptions(
            name='Stock',
            options={'table': 'stock', 'app': 'marketplace', 'unique_together': (('offer_id', 'location_id'),), 'pk_attr': 'id', 'table_description': 'Pieces of one offer at one location. 0 <= reserved <= on_hand + backorder_limit, always.'},
        ),
        ops.AddField(
            model_name='Stock',
            name='backorder_limit',
            field=fields.IntField(default=0, db_default=0, description='May be sold before it is on hand'),
        ),
        ops.AddField(
            model_name='Stock',
            name='is_low',
            field=fields.BooleanField(default=False, db_default=False, description='The vendor was told'),
        ),
        ops.AddField(
            model_name='Stock',
            name='low_at',
            field=fields.IntField(null=True, description='Tell the vendor when this few are left'),
        ),
        ops.AddField(
            model_name='Stock',
            name='safety',
            field=fields.IntField(default=0, db_default=0, description='Kept back from sale'),
        ),
        ops.AddField(
            model_name='Stock',
            name='version',
            field=fields.BigIntField(default=0, db_default=0, description="The newest event of the vendor's feed"),
        ),
        ops.AlterField(
            model_name="OutgoingMail",
            name="order_id",
            field=fields.UUIDField(null=True, db_index=True),
        ),
        ops.RunSQL(DEFAULTS),
        ops.RunSQL(CHECKS),
        ops.RunSQL(INDEXES),
        ops.RunSQL(ROW_SECURITY),
        ops.RunSQL(MOVEMENTS),
        ops.RunSQL(RESERVING),
        ops.RunSQL(PLACE_ORDER),
    ]
