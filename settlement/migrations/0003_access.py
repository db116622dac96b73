"""Who reads and who writes: vendors see their own, and one statement posts for the platform."""

from tortoise.migrations import operations as ops

from marketplace.kit import migration

# A vendor's connection reads its own entries and what belongs to them, and writes nothing here.
# Balances and periods have no policy that lets a connection write: only the functions above do.
OWN = "vendor_id = (SELECT nullif(nullif(current_setting('souk.scope', true), ''), 'all')::uuid)"
ROW_SECURITY = "\n".join(
    f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY scoped ON {table} FOR SELECT
    USING ((SELECT current_setting('souk.scope', true)) = 'all' OR {own});
"""
    for table, own in {
        "currency": "true",
        "accounting_period": "true",
        "ledger_account": OWN,
        "ledger_entry": OWN,
        "ledger_transaction": "EXISTS (SELECT 1 FROM ledger_entry"
        " WHERE ledger_entry.transaction_id = ledger_transaction.id)",
        "ledger_balance": "EXISTS (SELECT 1 FROM ledger_account"
        " WHERE ledger_account.id = ledger_balance.account_id)",
    }.items()
) + "\n".join(
    f"""
CREATE POLICY platform_writes ON {table} FOR INSERT
    WITH CHECK ((SELECT current_setting('souk.scope', true)) = 'all');
"""
    for table in ("ledger_account", "ledger_transaction", "ledger_entry")
)


# Header, accounts that are missing, entries. Its caller is settlement.ledger.
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


class Migration(migration.Migration):
    dependencies = [("settlement", "0002_rules")]

    operations = [ops.RunSQL(ROW_SECURITY), ops.RunSQL(POST)]
