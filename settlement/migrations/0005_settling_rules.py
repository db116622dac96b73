"""What PostgreSQL holds to between earning and payout, and who sees which row."""

from tortoise.migrations import operations as ops

from marketplace.kit import migration

CHECKS = """
-- These never go below zero: what is held back, on its way or on hold is somebody's already.
CREATE FUNCTION ledger_set_floor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.code IN ('2130', '2140', '2150') THEN NEW.floor_minor := 0; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER account_floor BEFORE INSERT ON ledger_account
    FOR EACH ROW EXECUTE FUNCTION ledger_set_floor();

ALTER TABLE settlement_terms
    ADD CONSTRAINT settlement_terms_one UNIQUE NULLS NOT DISTINCT (vendor_id, version),
    ADD CONSTRAINT settlement_terms_days CHECK (maturity_days BETWEEN 0 AND 365
        AND undelivered_days BETWEEN 1 AND 365 AND reserve_days BETWEEN 0 AND 730
        AND bank_cooling_days BETWEEN 0 AND 90),
    ADD CONSTRAINT settlement_terms_reserve CHECK (reserve_bps BETWEEN 0 AND 10000);
ALTER TABLE payout_policy
    ADD CONSTRAINT payout_policy_currency FOREIGN KEY (currency) REFERENCES currency (code),
    ADD CONSTRAINT payout_policy_limits
        CHECK (auto_approve_minor >= 0 AND second_approval_minor >= auto_approve_minor);

ALTER TABLE earning
    ADD CONSTRAINT earning_matured CHECK ((state = 'available') = (matured_at IS NOT NULL));
CREATE INDEX earning_due ON earning (matures_at) WHERE state = 'pending';
CREATE INDEX earning_of_vendor ON earning (vendor_id, matures_at);
ALTER TABLE reserve_hold
    ADD CONSTRAINT reserve_hold_amounts CHECK (amount_minor > 0 AND released_minor >= 0
        AND used_minor >= 0 AND released_minor + used_minor <= amount_minor);
CREATE INDEX reserve_hold_due ON reserve_hold (release_at)
    WHERE released_minor + used_minor < amount_minor;
CREATE INDEX reserve_hold_of_vendor ON reserve_hold (vendor_id, release_at);
ALTER TABLE money_hold
    ADD CONSTRAINT money_hold_amount CHECK (amount_minor > 0),
    ADD CONSTRAINT money_hold_from CHECK (taken_from IN ('2110', '2120')),
    ADD CONSTRAINT money_hold_ended CHECK ((state = 'held') = (ended_at IS NULL));
CREATE INDEX money_hold_of_vendor ON money_hold (vendor_id, placed_at);
CREATE INDEX money_hold_of_dispute ON money_hold (dispute_id) WHERE dispute_id IS NOT NULL;

ALTER TABLE payout_batch
    ADD CONSTRAINT payout_batch_approved CHECK ((state = 'approved') = (approved_at IS NOT NULL)),
    ADD CONSTRAINT payout_batch_cancelled
        CHECK ((state = 'cancelled') = (cancelled_at IS NOT NULL));
ALTER TABLE payout
    ADD CONSTRAINT payout_amount CHECK (amount_minor > 0),
    ADD CONSTRAINT payout_transferred CHECK (state NOT IN ('transferred', 'sent', 'paid', 'failed',
        'returned') OR transfer_id IS NOT NULL),
    ADD CONSTRAINT payout_sent CHECK (state NOT IN ('sent', 'paid', 'returned')
        OR provider_payout_id IS NOT NULL),
    ADD CONSTRAINT payout_paid CHECK (state <> 'paid' OR paid_at IS NOT NULL);
-- One payout at a time for a vendor and currency: the next waits for the last to end. One that
-- comes back after it was paid may meet the next one; it waits for that before it is retried.
CREATE UNIQUE INDEX payout_live ON payout (vendor_id, currency)
    WHERE state NOT IN ('paid', 'returned', 'cancelled');
CREATE INDEX payout_of_vendor ON payout (vendor_id, created_at);
CREATE INDEX payout_open ON payout (state) WHERE state NOT IN ('paid', 'cancelled');
CREATE INDEX payout_provisional ON payout (paid_at) WHERE state = 'paid' AND final_at IS NULL;
CREATE INDEX skipped_payout_of_vendor ON skipped_payout (vendor_id, batch_id);
CREATE UNIQUE INDEX payout_freeze_live ON payout_freeze (vendor_id, source, source_id)
    NULLS NOT DISTINCT WHERE lifted_at IS NULL;

ALTER TABLE statement ADD CONSTRAINT statement_number CHECK (number > 0);
CREATE INDEX statement_of_batch ON statement (batch_id);
ALTER TABLE statement_line
    ADD CONSTRAINT statement_line_entry FOREIGN KEY (entry_id) REFERENCES ledger_entry (id);
CREATE INDEX statement_line_in_order ON statement_line (statement_id, entry_id);
CREATE INDEX settlement_change_of_vendor ON settlement_change (vendor_id, at)
    WHERE vendor_id IS NOT NULL;
"""

OWN = "vendor_id = (SELECT nullif(nullif(current_setting('souk.scope', true), ''), 'all')::uuid)"
ALL = "(SELECT current_setting('souk.scope', true)) = 'all'"
# A vendor reads what is its own and writes nothing; terms without a vendor are everybody's.
SEEN = {
    "settlement_terms": f"vendor_id IS NULL OR {OWN}",
    "payout_policy": "false",
    "earning": OWN,
    "reserve_hold": OWN,
    "money_hold": OWN,
    "connected_account": OWN,
    "payout_batch": "EXISTS (SELECT 1 FROM payout WHERE payout.batch_id = payout_batch.id)",
    "payout_approval": "false",
    "payout": OWN,
    "skipped_payout": OWN,
    "payout_freeze": OWN,
    "statement": OWN,
    "statement_line": OWN,
    "settlement_change": OWN,
}
ROW_SECURITY = "\n".join(
    f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY scoped ON {table} FOR SELECT USING ({ALL} OR {seen});
CREATE POLICY platform_writes ON {table} FOR ALL USING ({ALL}) WITH CHECK ({ALL});
"""
    for table, seen in SEEN.items()
)

# Any number of postings in one statement each for headers, accounts and entries: the balances of
# all of them are locked once, in account order. Answers with the posting of each key.
POST = """
-- Two questions, for no index answers one of IS NOT DISTINCT FROM.
CREATE FUNCTION ledger_account_of(of_code text, of_vendor uuid, of_currency text) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN of_vendor IS NULL THEN (SELECT id FROM ledger_account
        WHERE code = of_code AND vendor_id IS NULL AND currency = of_currency)
    ELSE (SELECT id FROM ledger_account
        WHERE code = of_code AND vendor_id = of_vendor AND currency = of_currency) END
$$;
DROP FUNCTION ledger_post(jsonb);
CREATE FUNCTION ledger_post(requests jsonb) RETURNS TABLE (idempotency_key text, id uuid)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE reused text;
BEGIN
    -- Looked for before it is written: a repetition is answered although its month is closed.
    PERFORM ledger_open_period(day) FROM (
        SELECT DISTINCT asked.effective_date AS day
        FROM jsonb_populate_recordset(NULL::ledger_transaction, requests) asked
        WHERE NOT EXISTS (SELECT 1 FROM ledger_transaction booked
            WHERE booked.idempotency_key = asked.idempotency_key)
        ORDER BY 1) new;
    -- A twin in flight makes this wait until it has committed or given up.
    INSERT INTO ledger_transaction (id, kind, idempotency_key, fingerprint, effective_date,
            recorded_at, source_type, source_id)
        SELECT asked.id, asked.kind, asked.idempotency_key, asked.fingerprint,
            asked.effective_date, asked.recorded_at, asked.source_type, asked.source_id
        FROM jsonb_populate_recordset(NULL::ledger_transaction, requests) asked
        WHERE NOT EXISTS (SELECT 1 FROM ledger_transaction booked
            WHERE booked.idempotency_key = asked.idempotency_key)
        ORDER BY asked.idempotency_key
        ON CONFLICT (idempotency_key) DO NOTHING;
    SELECT asked.idempotency_key INTO reused
        FROM jsonb_populate_recordset(NULL::ledger_transaction, requests) asked
        JOIN ledger_transaction booked ON booked.idempotency_key = asked.idempotency_key
        WHERE booked.fingerprint <> asked.fingerprint LIMIT 1;
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
        SELECT booked.id, ledger_account_of(item.code, item.vendor_id, item.currency),
            item.currency, item.amount_minor, item.purpose, item.order_id, item.sub_order_id
        FROM ROWS FROM (jsonb_array_elements(requests)) WITH ORDINALITY AS asked (request, nth)
        JOIN ledger_transaction booked ON booked.id = (request->>'id')::uuid
        CROSS JOIN LATERAL ROWS FROM (jsonb_to_recordset(request->'entries') AS (code text,
            vendor_id uuid, currency text, amount_minor bigint, purpose text, order_id uuid,
            sub_order_id uuid)) WITH ORDINALITY AS item (code, vendor_id, currency, amount_minor,
                purpose, order_id, sub_order_id, position)
        ORDER BY asked.nth, item.position;
    RETURN QUERY SELECT booked.idempotency_key::text, booked.id
        FROM jsonb_populate_recordset(NULL::ledger_transaction, requests) asked
        JOIN ledger_transaction booked ON booked.idempotency_key = asked.idempotency_key;
END $$;

-- A connection keeps its plans. One made while a table had a handful of rows reads it whole, for
-- each entry again, when one posting call brings thousands: these always look rows up.
ALTER FUNCTION ledger_account_of(text, uuid, text) SET enable_seqscan = off;
ALTER FUNCTION ledger_check_sealed() SET enable_seqscan = off;
ALTER FUNCTION ledger_check_balanced() SET enable_seqscan = off;
ALTER FUNCTION ledger_check_floor() SET enable_seqscan = off;
ALTER FUNCTION ledger_keep_balance() SET enable_seqscan = off;

-- The application may wait for a balance although it may not write it.
CREATE FUNCTION ledger_hold_balances(held bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM ledger_balance WHERE account_id = ANY(held)
        ORDER BY account_id FOR NO KEY UPDATE;
END $$;
"""

# Terms everybody has until somebody says otherwise: ten business days, no reserve, Mondays.
DEFAULTS = """
INSERT INTO settlement_terms (id, vendor_id, version, valid_from, maturity_days, undelivered_days,
        reserve_bps, reserve_days, schedule, schedule_days, minimums, bank_cooling_days, note,
        changed_by, created_at)
    VALUES ('00000000-0000-7000-8000-000000000001', NULL, 1, '2000-01-01', 10, 30, 0, 90,
        'weekly', '[1]', '{}', 7, 'To begin with', 'system', '2000-01-01');
INSERT INTO payout_policy (currency, auto_approve_minor, second_approval_minor)
    SELECT code, 0, 10000 * 10 ^ exponent FROM currency;
"""


class Migration(migration.Migration):
    dependencies = [("settlement", "0004_settling")]

    operations = [ops.RunSQL(CHECKS), ops.RunSQL(ROW_SECURITY), ops.RunSQL(POST),
        ops.RunSQL(DEFAULTS)]
