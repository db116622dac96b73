"""One statement posts: header, accounts that are missing, entries. Its caller is settlement.ledger."""

from tortoise import migrations
from tortoise.migrations import operations as ops

POST = """
CREATE FUNCTION ledger_post(request jsonb) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    posted ledger_transaction := jsonb_populate_record(NULL::ledger_transaction, request);
    first ledger_transaction;
BEGIN
    -- Looked for before it is written: a repetition is answered although its month is closed.
    SELECT * INTO first FROM ledger_transaction WHERE idempotency_key = posted.idempotency_key;
    IF NOT FOUND THEN
        PERFORM ledger_open_period(posted.effective_date);
        -- A twin in flight makes this wait until it has committed or given up.
        INSERT INTO ledger_transaction (id, kind, idempotency_key, fingerprint, effective_date,
                recorded_at, source_type, source_id)
            VALUES (posted.id, posted.kind, posted.idempotency_key, posted.fingerprint,
                posted.effective_date, posted.recorded_at, posted.source_type, posted.source_id)
            ON CONFLICT (idempotency_key) DO NOTHING;
        IF NOT FOUND THEN
            SELECT * INTO first FROM ledger_transaction
                WHERE idempotency_key = posted.idempotency_key;
        END IF;
    END IF;
    IF first.id IS NOT NULL THEN
        IF first.fingerprint <> posted.fingerprint THEN
            RAISE EXCEPTION 'key % was used for another posting', posted.idempotency_key
                USING ERRCODE = 'SK101';
        END IF;
        RETURN first.id;
    END IF;

    INSERT INTO ledger_account (code, kind, vendor_id, currency)
        SELECT DISTINCT item.code, item.kind, item.vendor_id, item.currency
        FROM jsonb_to_recordset(request->'entries')
            item (code text, kind text, vendor_id uuid, currency text)
        WHERE NOT EXISTS (SELECT 1 FROM ledger_account account
            WHERE (account.code, account.currency) = (item.code, item.currency)
                AND account.vendor_id IS NOT DISTINCT FROM item.vendor_id)
        ORDER BY 1, 3, 4
        ON CONFLICT DO NOTHING;
    INSERT INTO ledger_entry (transaction_id, account_id, currency, amount_minor, purpose,
            order_id, sub_order_id)
        SELECT posted.id, account.id, item.currency, item.amount_minor, item.purpose,
            item.order_id, item.sub_order_id
        FROM ROWS FROM (jsonb_to_recordset(request->'entries') AS (code text, vendor_id uuid,
            currency text, amount_minor bigint, purpose text, order_id uuid, sub_order_id uuid))
            WITH ORDINALITY AS item (code, vendor_id, currency, amount_minor, purpose,
                order_id, sub_order_id, position)
        JOIN ledger_account account ON (account.code, account.currency) = (item.code, item.currency)
            AND account.vendor_id IS NOT DISTINCT FROM item.vendor_id
        ORDER BY item.position;
    RETURN posted.id;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("settlement", "0002_rules")]

    operations = [ops.RunSQL(POST)]
