"""Postings look up what is booked already, however many there are.

Joined, the headers were read whole for each posting: the planner takes the rows of a call for a
hundred, and what row-level security adds to each look-up for dear.
"""

from tortoise.migrations import operations as ops

from marketplace.kit import migration

POST = """
CREATE OR REPLACE FUNCTION ledger_post(requests jsonb)
RETURNS TABLE (idempotency_key text, id uuid) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE reused text;
BEGIN
    -- Looked for before it is written: a repetition is answered although its month is closed.
    PERFORM ledger_open_period(day) FROM (
        SELECT DISTINCT asked.effective_date AS day
        FROM jsonb_populate_recordset(NULL::ledger_transaction, requests) asked
        WHERE (SELECT booked.id FROM ledger_transaction booked
            WHERE booked.idempotency_key = asked.idempotency_key) IS NULL
        ORDER BY 1) new;
    -- A twin in flight makes this wait until it has committed or given up.
    INSERT INTO ledger_transaction (id, kind, idempotency_key, fingerprint, effective_date,
            recorded_at, source_type, source_id)
        SELECT asked.id, asked.kind, asked.idempotency_key, asked.fingerprint,
            asked.effective_date, asked.recorded_at, asked.source_type, asked.source_id
        FROM jsonb_populate_recordset(NULL::ledger_transaction, requests) asked
        WHERE (SELECT booked.id FROM ledger_transaction booked
            WHERE booked.idempotency_key = asked.idempotency_key) IS NULL
        ORDER BY asked.idempotency_key
        ON CONFLICT (idempotency_key) DO NOTHING;
    SELECT asked.idempotency_key INTO reused
        FROM jsonb_populate_recordset(NULL::ledger_transaction, requests) asked
        WHERE (SELECT booked.fingerprint FROM ledger_transaction booked
            WHERE booked.idempotency_key = asked.idempotency_key) <> asked.fingerprint LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'key % was used for another posting', reused USING ERRCODE = 'SK101';
    END IF;

    INSERT INTO ledger_account (code, kind, vendor_id, currency)
        SELECT DISTINCT item.code, item.kind, item.vendor_id, item.currency
        FROM jsonb_array_elements(requests) request,
            jsonb_to_recordset(request->'entries')
                item (code text, kind text, vendor_id uuid, currency text)
        WHERE ledger_account_of(item.code, item.vendor_id, item.currency) IS NULL
        ORDER BY 1, 3, 4
        ON CONFLICT DO NOTHING;
    INSERT INTO ledger_entry (transaction_id, account_id, currency, amount_minor, purpose,
            order_id, sub_order_id)
        SELECT new.id, ledger_account_of(item.code, item.vendor_id, item.currency),
            item.currency, item.amount_minor, item.purpose, item.order_id, item.sub_order_id
        FROM (
            SELECT (SELECT booked.id FROM ledger_transaction booked
                    WHERE booked.id = (request->>'id')::uuid) AS id,
                request->'entries' AS entries, nth
            FROM jsonb_array_elements(requests) WITH ORDINALITY AS asked (request, nth)
            OFFSET 0) new
        CROSS JOIN LATERAL ROWS FROM (jsonb_to_recordset(new.entries) AS (code text,
            vendor_id uuid, currency text, amount_minor bigint, purpose text, order_id uuid,
            sub_order_id uuid)) WITH ORDINALITY AS item (code, vendor_id, currency, amount_minor,
                purpose, order_id, sub_order_id, position)
        WHERE new.id IS NOT NULL
        ORDER BY new.nth, item.position;
    RETURN QUERY SELECT asked.idempotency_key::text,
        (SELECT booked.id FROM ledger_transaction booked
            WHERE booked.idempotency_key = asked.idempotency_key)
        FROM jsonb_populate_recordset(NULL::ledger_transaction, requests) asked;
END $$;
ALTER FUNCTION ledger_post(jsonb) SET enable_seqscan = off;
"""


class Migration(migration.Migration):
    dependencies = [("settlement", "0013_fees_and_parts")]

    operations = [ops.RunSQL(POST)]
