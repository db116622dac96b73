"""Events and history in a table for each month, told apart by the time in their ids.

What must be unique beside the id is so within a month: an order's numbers, and a change's event,
which is of the same moment and checked to be of the same month. See docs/decisions/0021.
"""

from tortoise.migrations import operations as ops

from marketplace.kit import migration

# Months are months of UTC; `begins` has no zone, so that no session's zone has a say.
MONTHS = """
CREATE FUNCTION first_id(at timestamp) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (lpad(to_hex(trunc(extract(epoch FROM at) * 1000)::bigint), 12, '0')
    || repeat('0', 20))::uuid;

CREATE FUNCTION month_table(whole text, begins timestamp) RETURNS text LANGUAGE sql IMMUTABLE
RETURN whole || to_char(begins, '_YYYY_MM');

CREATE FUNCTION keep_apart(whole text, part text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Reached through the whole, whose policies hold; by itself it shows nobody anything.
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', part);
    EXECUTE format('ALTER TABLE %I ADD UNIQUE (%s)', part,
        CASE whole WHEN 'outbox_event' THEN 'stream_id, seq' ELSE 'event_id' END);
END $$;

CREATE FUNCTION make_month(whole text, begins timestamp) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    part CONSTANT text := month_table(whole, begins);
    since CONSTANT uuid := first_id(begins);
    until CONSTANT uuid := first_id(begins + interval '1 month');
BEGIN
    -- A table that is attached locks less than one that is made as a part.
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS'
        ' INCLUDING STORAGE INCLUDING COMPRESSION)', part, whole);
    PERFORM keep_apart(whole, part);
    IF whole = 'state_change' THEN
        EXECUTE format('ALTER TABLE %I ADD CONSTRAINT state_change_of_its_month'
            ' CHECK (event_id >= %L AND event_id < %L)', part, since, until);
    END IF;
    EXECUTE format('WITH misplaced AS (DELETE FROM %I WHERE id >= %L AND id < %L RETURNING *)'
        ' INSERT INTO %I SELECT * FROM misplaced', whole || '_rest', since, until, part);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        whole, part, since, until);
END $$;
"""

# The new table takes over columns, checks, indexes, comments and rights of the one that was there.
DIVIDE = """
DO $$
DECLARE
    here CONSTANT timestamp := (SELECT coalesce(virtual_now, now()) FROM clock)
        AT TIME ZONE 'UTC';
    months CONSTANT timestamp[] := ARRAY(
        SELECT generate_series(date_trunc('month', here), here + interval '3 months',
            interval '1 month')
        UNION SELECT date_trunc('month', uuid_extract_timestamp(id) AT TIME ZONE 'UTC')
            FROM (SELECT id FROM outbox_event UNION ALL SELECT id FROM state_change) known
            WHERE uuid_extract_version(id) = 7
        ORDER BY 1);
    whole text;
    before text;
    indexes text[];
    told record;
    one record;
BEGIN
    SELECT conname, pg_get_constraintdef(oid) AS said INTO STRICT told FROM pg_constraint
        WHERE contype = 'f' AND confrelid = 'outbox_event'::regclass;
    EXECUTE format('ALTER TABLE delivery DROP CONSTRAINT %I', told.conname);
    FOREACH whole IN ARRAY ARRAY['outbox_event', 'state_change'] LOOP
        before := whole || '_before';
        indexes := ARRAY(SELECT pg_get_indexdef(indexrelid) FROM pg_index
            WHERE indrelid = whole::regclass AND NOT indisunique);
        FOR one IN SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
            WHERE indrelid = whole::regclass
        LOOP
            EXECUTE format('ALTER INDEX %I RENAME TO %I', one.relname, one.relname || '_before');
        END LOOP;
        EXECUTE format('ALTER TABLE %I RENAME TO %I', whole, before);
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS'
            ' INCLUDING STORAGE INCLUDING COMPRESSION INCLUDING COMMENTS, PRIMARY KEY (id))'
            ' PARTITION BY RANGE (id)', whole, before);
        EXECUTE format('COMMENT ON TABLE %I IS %L', whole, obj_description(before::regclass));
        FOR one IN SELECT grantee::regrole AS who, privilege_type AS what
            FROM pg_class, aclexplode(relacl)
            WHERE pg_class.oid = before::regclass AND grantee NOT IN (0, relowner)
        LOOP
            EXECUTE format('GRANT %s ON %I TO %s', one.what, whole, one.who);
        END LOOP;
        FOR one IN SELECT unnest(indexes) AS said LOOP
            EXECUTE one.said;
        END LOOP;
        EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT', whole || '_rest', whole);
        PERFORM keep_apart(whole, whole || '_rest');
        PERFORM make_month(whole, month) FROM unnest(months) month;
        EXECUTE format('INSERT INTO %I SELECT * FROM %I', whole, before);
        EXECUTE format('DROP TABLE %I', before);
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', whole);
    END LOOP;
    EXECUTE format('ALTER TABLE delivery ADD CONSTRAINT %I %s', told.conname, told.said);
END $$;

CREATE POLICY platform_reads ON outbox_event
    USING ((SELECT current_setting('souk.scope', true) = 'all'));
CREATE POLICY all_write ON outbox_event FOR INSERT
    WITH CHECK (nullif(current_setting('souk.scope', true), '') IS NOT NULL);
CREATE POLICY scoped ON state_change
    USING ((SELECT current_setting('souk.scope', true) = 'all')
        OR vendor_id = (SELECT nullif(nullif(current_setting('souk.scope', true), ''), 'all')::uuid));
"""

# Deliveries refer to events, and to each month that is attached: their lock comes first. Whoever
# holds one lock and waits for another is let by, since this gives up long before PostgreSQL looks
# for a deadlock; it is called again.
AHEAD = """
CREATE FUNCTION misplaced_months() RETURNS SETOF timestamp LANGUAGE sql STABLE AS $$
    SELECT DISTINCT date_trunc('month', uuid_extract_timestamp(id) AT TIME ZONE 'UTC')
    FROM (SELECT id FROM outbox_event_rest UNION ALL SELECT id FROM state_change_rest) rest
    WHERE uuid_extract_version(id) = 7
        AND uuid_extract_timestamp(id) BETWEEN '2000-01-01 00:00Z' AND '2100-01-01 00:00Z'
$$;

CREATE FUNCTION make_months(since timestamptz, until timestamptz) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET lock_timeout = '300ms' AS $$
DECLARE
    missing timestamp[];
    begins timestamp;
    told record;
    are_misplaced boolean;
BEGIN
    IF NOT pg_try_advisory_xact_lock(7305002) THEN
        RETURN 0;  -- somebody else is at it
    END IF;
    missing := ARRAY(
        SELECT month FROM (
            SELECT generate_series(date_trunc('month', since AT TIME ZONE 'UTC'),
                until AT TIME ZONE 'UTC', interval '1 month') AS month
            UNION SELECT misplaced_months()) asked
        WHERE to_regclass('public.' || month_table('outbox_event', month)) IS NULL
        ORDER BY month);
    IF cardinality(missing) = 0 THEN
        RETURN 0;
    END IF;
    IF cardinality(missing) > 240 THEN
        RAISE EXCEPTION 'from % to % there are more months than in twenty years', since, until;
    END IF;

    LOCK TABLE delivery IN SHARE ROW EXCLUSIVE MODE;
    LOCK TABLE ONLY outbox_event, ONLY state_change IN SHARE UPDATE EXCLUSIVE MODE;
    LOCK TABLE outbox_event_rest, state_change_rest IN ACCESS EXCLUSIVE MODE;
    -- An event with deliveries cannot leave its table while they refer to it.
    are_misplaced := EXISTS (SELECT FROM outbox_event_rest);
    IF are_misplaced THEN
        SELECT conname, pg_get_constraintdef(oid) AS said INTO STRICT told FROM pg_constraint
            WHERE contype = 'f' AND conrelid = 'delivery'::regclass
                AND confrelid = 'outbox_event'::regclass;
        EXECUTE format('ALTER TABLE delivery DROP CONSTRAINT %I', told.conname);
    END IF;
    FOREACH begins IN ARRAY missing LOOP
        PERFORM make_month('outbox_event', begins);
        PERFORM make_month('state_change', begins);
    END LOOP;
    IF are_misplaced THEN
        EXECUTE format('ALTER TABLE delivery ADD CONSTRAINT %I %s', told.conname, told.said);
    END IF;
    RETURN cardinality(missing);
END $$;
"""

# Asked by the application, which sees no month's table by itself.
TOLD = """
CREATE FUNCTION outside_months() RETURNS TABLE (subject text, detail text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT told.subject, format('%s rows are in no month''s table', told.rows) FROM (
        SELECT 'outbox_event' AS subject, count(*) AS rows FROM outbox_event_rest
        UNION ALL SELECT 'state_change', count(*) FROM state_change_rest) told
    WHERE told.rows > 0
$$;

CREATE FUNCTION months_kept() RETURNS TABLE (
    begins date, events bigint, undone bigint, changes bigint, bytes bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    one text;
    history text;
BEGIN
    FOR one IN SELECT inhrelid::regclass::text FROM pg_inherits
        WHERE inhparent = 'outbox_event'::regclass AND inhrelid::regclass::text ~ '_\\d{4}_\\d\\d$'
        ORDER BY 1
    LOOP
        history := replace(one, 'outbox_event', 'state_change');
        begins := to_date(right(one, 7), 'YYYY_MM');
        EXECUTE format('SELECT count(*), count(*) FILTER (WHERE routed_at IS NULL OR EXISTS ('
            'SELECT FROM delivery WHERE event_id = event.id AND done_at IS NULL)) FROM %I event',
            one) INTO events, undone;
        EXECUTE format('SELECT count(*) FROM %I', history) INTO changes;
        bytes := pg_total_relation_size(one) + pg_total_relation_size(history);
        RETURN NEXT;
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION first_id, month_table, keep_apart, make_month, misplaced_months,
    make_months, outside_months, months_kept FROM PUBLIC;
"""


class Migration(migration.Migration):
    dependencies = [("marketplace", "0018_preference")]

    operations = [ops.RunSQL(MONTHS), ops.RunSQL(DIVIDE), ops.RunSQL(AHEAD), ops.RunSQL(TOLD)]
