"""What PostgreSQL itself holds to: the ledger balances, is only added to, and stays within bounds.

Trigger functions are SECURITY DEFINER: they see every row whatever the scope of the connection,
and the application's role needs no right to change balances or periods.
"""

from tortoise.migrations import operations as ops

from marketplace.kit import migration

CHECKS = """
INSERT INTO currency (code, exponent) VALUES
    ('AUD', 2), ('BHD', 3), ('BRL', 2), ('CAD', 2), ('CHF', 2), ('CZK', 2), ('DKK', 2),
    ('EUR', 2), ('GBP', 2), ('INR', 2), ('JOD', 3), ('JPY', 0), ('KRW', 0), ('KWD', 3),
    ('MXN', 2), ('NOK', 2), ('NZD', 2), ('OMR', 3), ('PLN', 2), ('SEK', 2), ('TND', 3),
    ('TRY', 2), ('USD', 2);
ALTER TABLE currency ADD CONSTRAINT currency_exponent CHECK (exponent BETWEEN 0 AND 4);

ALTER TABLE accounting_period
    ALTER COLUMN status SET DEFAULT 'open',
    ADD CONSTRAINT accounting_period_order CHECK (ends >= starts),
    ADD CONSTRAINT accounting_period_status CHECK (status IN ('open', 'soft_closed', 'closed')),
    ADD CONSTRAINT accounting_period_no_overlap
        EXCLUDE USING gist (daterange(starts, ends, '[]') WITH &&);

ALTER TABLE ledger_account
    ADD CONSTRAINT ledger_account_kind CHECK (kind = CASE left(code, 1)
        WHEN '1' THEN 'asset' WHEN '2' THEN 'liability' WHEN '3' THEN 'equity'
        WHEN '4' THEN 'income' WHEN '6' THEN 'expense' WHEN '7' THEN 'expense'
        WHEN '9' THEN 'memo' END),
    ADD CONSTRAINT ledger_account_code CHECK (code ~ '^[1-9][0-9]{3}$'),
    ADD CONSTRAINT ledger_account_currency_known FOREIGN KEY (currency) REFERENCES currency (code),
    ADD CONSTRAINT ledger_account_one UNIQUE NULLS NOT DISTINCT (code, vendor_id, currency),
    ADD CONSTRAINT ledger_account_with_currency UNIQUE (id, currency);

-- top_xid seals: entries join the database transaction that wrote their header, or none.
ALTER TABLE ledger_transaction
    ADD COLUMN seq bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    ADD COLUMN top_xid xid8 NOT NULL DEFAULT pg_current_xact_id();
ALTER TABLE ledger_entry
    ADD CONSTRAINT ledger_entry_not_zero CHECK (amount_minor <> 0),
    ADD CONSTRAINT ledger_entry_account_currency
        FOREIGN KEY (account_id, currency) REFERENCES ledger_account (id, currency);
ALTER TABLE ledger_balance
    ALTER COLUMN debits_minor SET DEFAULT 0,
    ALTER COLUMN credits_minor SET DEFAULT 0,
    ALTER COLUMN version SET DEFAULT 0,
    ADD CONSTRAINT ledger_balance_account
        FOREIGN KEY (account_id) REFERENCES ledger_account (id) ON DELETE RESTRICT,
    ADD CONSTRAINT ledger_balance_amounts CHECK (debits_minor >= 0 AND credits_minor >= 0);
CREATE INDEX ledger_entry_of_account ON ledger_entry (account_id, id) INCLUDE (amount_minor);
CREATE INDEX ledger_entry_of_sub_order ON ledger_entry (sub_order_id)
    WHERE sub_order_id IS NOT NULL;
CREATE INDEX ledger_transaction_source ON ledger_transaction (source_id);
"""

# Checked at commit, for the header too: a transaction without entries is refused as well.
BALANCED = """
CREATE FUNCTION ledger_check_balanced() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    checked uuid;
    entries bigint;
    wrong text;
BEGIN
    IF TG_TABLE_NAME = 'ledger_entry' THEN checked := NEW.transaction_id;
    ELSE checked := NEW.id; END IF;
    SELECT coalesce(sum(n), 0), string_agg(currency || ' ' || total, ', ') FILTER (WHERE total <> 0)
        INTO entries, wrong
        FROM (SELECT currency, count(*) AS n, sum(amount_minor) AS total
            FROM ledger_entry WHERE transaction_id = checked GROUP BY currency) by_currency;
    IF entries < 2 THEN
        RAISE EXCEPTION 'ledger transaction % has % entries, two are the least', checked, entries
            USING ERRCODE = 'check_violation';
    END IF;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'ledger transaction % is out of balance by %', checked, wrong
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER entry_balanced AFTER INSERT ON ledger_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_check_balanced();
CREATE CONSTRAINT TRIGGER transaction_balanced AFTER INSERT ON ledger_transaction
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_check_balanced();
"""

APPEND_ONLY = """
CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: the ledger is only added to', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'object_not_in_prerequisite_state';
END $$;
""" + "\n".join(
    f"""
CREATE TRIGGER {table}_append_only BEFORE {changes} ON {table}
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
"""
    for table, changes in {
        "ledger_transaction": "UPDATE OR DELETE",
        "ledger_entry": "UPDATE OR DELETE",
        "ledger_account": "UPDATE OF id, code, kind, vendor_id, currency OR DELETE",
        "accounting_period": "UPDATE OF id, starts, ends OR DELETE",
        "currency": "UPDATE OR DELETE",
        "ledger_balance": "DELETE",
    }.items()
)

# Months open on demand, in the order postings need them, but never behind one that is closed.
# Two that open the same month meet at the exclusion constraint: the second waits, then finds it.
PERIODS = """
CREATE FUNCTION ledger_open_period(day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE first date := date_trunc('month', day);
BEGIN
    IF EXISTS (SELECT 1 FROM accounting_period WHERE day BETWEEN starts AND ends) THEN RETURN; END IF;
    IF EXISTS (SELECT 1 FROM accounting_period WHERE status <> 'open' AND starts > day) THEN
        RAISE EXCEPTION 'no accounting period for %, and a later one is closed already', day
            USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO accounting_period (starts, ends)
        VALUES (first, (first + interval '1 month')::date - 1) ON CONFLICT DO NOTHING;
END $$;

CREATE FUNCTION ledger_enter_period() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE entered accounting_period;
BEGIN
    -- The lock lets a month close only after the postings in flight have committed.
    SELECT * INTO entered FROM accounting_period
        WHERE NEW.effective_date BETWEEN starts AND ends FOR SHARE;
    IF entered.id IS NULL THEN
        RAISE EXCEPTION 'no accounting period for %', NEW.effective_date
            USING ERRCODE = 'check_violation';
    END IF;
    IF entered.status <> 'open' THEN
        RAISE EXCEPTION 'accounting period % to % is %', entered.starts, entered.ends, entered.status
            USING ERRCODE = 'check_violation';
    END IF;
    NEW.period_id := entered.id;
    NEW.top_xid := pg_current_xact_id();
    RETURN NEW;
END $$;
CREATE TRIGGER transaction_period BEFORE INSERT ON ledger_transaction
    FOR EACH ROW EXECUTE FUNCTION ledger_enter_period();
"""

# pg_current_xact_id() is the outermost transaction's: entries written inside savepoints pass.
SEALED = """
CREATE FUNCTION ledger_check_sealed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM ledger_transaction
            WHERE id = NEW.transaction_id AND top_xid = pg_current_xact_id()) THEN
        RAISE EXCEPTION 'ledger transaction % is sealed', NEW.transaction_id
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    NEW.vendor_id := (SELECT vendor_id FROM ledger_account WHERE id = NEW.account_id);
    RETURN NEW;
END $$;
CREATE TRIGGER entry_sealed BEFORE INSERT ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_check_sealed();
"""

# A cached balance for accounts that many ask for or that have a floor; one for the provider's
# account would make every posting wait for every other.
BALANCES = """
CREATE FUNCTION ledger_open_balance() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO ledger_balance (account_id) VALUES (NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER account_balance AFTER INSERT ON ledger_account FOR EACH ROW
    WHEN (NEW.vendor_id IS NOT NULL OR NEW.floor_minor IS NOT NULL)
    EXECUTE FUNCTION ledger_open_balance();

CREATE FUNCTION ledger_keep_balance() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM ledger_balance WHERE account_id IN (SELECT account_id FROM added)
        ORDER BY account_id FOR NO KEY UPDATE;
    UPDATE ledger_balance SET
            debits_minor = debits_minor + moved.debits,
            credits_minor = credits_minor + moved.credits,
            version = version + 1
        FROM (SELECT account_id, sum(greatest(amount_minor, 0)) AS debits,
                sum(greatest(-amount_minor, 0)) AS credits
            FROM added GROUP BY account_id) moved
        WHERE ledger_balance.account_id = moved.account_id;
    RETURN NULL;
END $$;
CREATE TRIGGER entry_balance AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_keep_balance();

CREATE FUNCTION ledger_check_floor() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    account ledger_account;
    balance bigint;
BEGIN
    SELECT * INTO account FROM ledger_account WHERE id = NEW.account_id;
    IF account.floor_minor IS NULL THEN RETURN NULL; END IF;
    SELECT CASE WHEN account.kind IN ('liability', 'income', 'equity')
            THEN credits_minor - debits_minor ELSE debits_minor - credits_minor END
        INTO balance FROM ledger_balance WHERE account_id = account.id;
    IF balance < account.floor_minor THEN
        RAISE EXCEPTION 'account % would fall to %, its floor is %',
            account.code, balance, account.floor_minor USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER balance_floor AFTER UPDATE ON ledger_balance
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_check_floor();
"""

class Migration(migration.Migration):
    dependencies = [("settlement", "0001_initial")]

    operations = [
        ops.RunSQL(CHECKS),
        ops.RunSQL(BALANCED),
        ops.RunSQL(APPEND_ONLY),
        ops.RunSQL(PERIODS),
        ops.RunSQL(SEALED),
        ops.RunSQL(BALANCES),
    ]
