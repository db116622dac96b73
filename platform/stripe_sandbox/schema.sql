-- Stripe's objects as they are served, unexpanded; seq is the order in which they came to be.
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    created INTEGER NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (account, type, id)
) STRICT;
CREATE INDEX IF NOT EXISTS objects_in_order ON objects (account, type, seq);
CREATE INDEX IF NOT EXISTS objects_by_time ON objects (account, type, created);
CREATE INDEX IF NOT EXISTS objects_by_id ON objects (id);
CREATE INDEX IF NOT EXISTS objects_by_intent
    ON objects (account, type, json_extract(body, '$.payment_intent'))
    WHERE type IN ('charge', 'refund');
CREATE INDEX IF NOT EXISTS refunds_by_charge
    ON objects (account, type, json_extract(body, '$.charge')) WHERE type = 'refund';
CREATE INDEX IF NOT EXISTS disputes_by_charge
    ON objects (account, type, json_extract(body, '$.charge')) WHERE type = 'dispute';
CREATE INDEX IF NOT EXISTS transactions_by_source
    ON objects (account, type, json_extract(body, '$.source')) WHERE type = 'balance_transaction';
CREATE INDEX IF NOT EXISTS transactions_by_type
    ON objects (account, type, json_extract(body, '$.type')) WHERE type = 'balance_transaction';
CREATE INDEX IF NOT EXISTS transfers_by_id ON objects (id) WHERE type = 'transfer';
CREATE INDEX IF NOT EXISTS transfers_by_destination
    ON objects (account, type, json_extract(body, '$.destination')) WHERE type = 'transfer';
CREATE INDEX IF NOT EXISTS transfers_by_group
    ON objects (account, type, json_extract(body, '$.transfer_group')) WHERE type = 'transfer';
CREATE INDEX IF NOT EXISTS transfers_by_source
    ON objects (account, type, json_extract(body, '$.source_transaction'))
    WHERE type = 'transfer';
CREATE INDEX IF NOT EXISTS reversals_by_transfer
    ON objects (account, type, json_extract(body, '$.transfer'))
    WHERE type = 'transfer_reversal';
CREATE INDEX IF NOT EXISTS payouts_by_status
    ON objects (account, type, json_extract(body, '$.status')) WHERE type = 'payout';

-- The sandbox's own books: the entries of one balance transaction add up to zero.
CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    balance_transaction TEXT NOT NULL,
    book TEXT NOT NULL CHECK (book IN (
        'balance', 'fees', 'customers', 'disputes', 'reserved', 'transfers', 'bank')),
    currency TEXT NOT NULL,
    amount INTEGER NOT NULL,
    available_on INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS entries_by_book
    ON entries (account, book, currency, available_on, amount);

-- The entries of the balance added up: what a balance costs to read does not grow with its past.
CREATE TABLE IF NOT EXISTS holdings (
    account TEXT NOT NULL,
    currency TEXT NOT NULL,
    available_on INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (account, currency, available_on)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS entries_are_held AFTER INSERT ON entries WHEN NEW.book = 'balance'
BEGIN
    INSERT INTO holdings VALUES (NEW.account, NEW.currency, NEW.available_on, NEW.amount)
    ON CONFLICT DO UPDATE SET amount = amount + excluded.amount;
END;
CREATE TRIGGER IF NOT EXISTS entries_mature AFTER UPDATE OF available_on ON entries
WHEN NEW.book = 'balance'
BEGIN
    INSERT INTO holdings VALUES (OLD.account, OLD.currency, OLD.available_on, -OLD.amount)
    ON CONFLICT DO UPDATE SET amount = amount + excluded.amount;
    INSERT INTO holdings VALUES (NEW.account, NEW.currency, NEW.available_on, NEW.amount)
    ON CONFLICT DO UPDATE SET amount = amount + excluded.amount;
END;
-- A file from before holdings.
INSERT INTO holdings
SELECT account, currency, available_on, SUM(amount) FROM entries
WHERE book = 'balance' AND NOT EXISTS (SELECT 1 FROM holdings) GROUP BY 1, 2, 3;

-- What happens by itself once the clock gets there.
CREATE TABLE IF NOT EXISTS deferred (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    work TEXT NOT NULL,
    object_id TEXT NOT NULL,
    due_at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS deferred_by_due ON deferred (due_at);

-- How each account pays out, where somebody has said so: Stripe's balance settings.
CREATE TABLE IF NOT EXISTS balance_settings (
    account TEXT PRIMARY KEY,
    body TEXT NOT NULL
) STRICT;

-- What the platform's bank wrote: minor units, negative when they leave.
CREATE TABLE IF NOT EXISTS bank_lines (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    day TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount INTEGER NOT NULL,
    counterparty TEXT NOT NULL,
    reference TEXT NOT NULL,
    text TEXT NOT NULL,
    payout TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS bank_lines_by_day ON bank_lines (account, currency, day, id);

CREATE TABLE IF NOT EXISTS idempotency (
    account TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    request_id TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (account, key)
) STRICT;
CREATE INDEX IF NOT EXISTS idempotency_by_age ON idempotency (created);

-- Webhooks to send. waits_for_later holds one back until a later one has arrived.
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    event TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed', 'lost')),
    waits_for_later INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    last_problem TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, next_attempt_at);
CREATE INDEX IF NOT EXISTS deliveries_by_event ON deliveries (event);

CREATE TABLE IF NOT EXISTS faults (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    target TEXT,
    remaining INTEGER NOT NULL,
    seconds REAL NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS violations (
    id INTEGER PRIMARY KEY,
    request_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    status INTEGER NOT NULL,
    problems TEXT NOT NULL,
    answer TEXT NOT NULL
) STRICT;
