"""Ten thousand orders at once: a run is a matter of seconds."""

from datetime import UTC, datetime
from time import perf_counter

import asyncpg
import pytest

from marketplace.kit.principal import SYSTEM
from settlement.reconciliation import queries, running
from tests.conftest import Database
from tests.settlement.people import VIEWER

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ORDERS = 10_000
SECONDS = 60.0  # a few on a quiet machine; tests share theirs

# A charge, a transfer and a fee of the provider's own for each, the same in both books. Written
# past the ledger's triggers, which would take longer than the run.
_SALE = f"""
    (SELECT n, kind, sign * 100 AS amount, md5(kind || n)::uuid AS id,
        'source_' || kind || n AS source, timestamptz '2026-03-02 12:00Z' AS at
    FROM generate_series(1, {ORDERS}) n,
        (VALUES ('charge', 1), ('transfer', -1), ('stripe_fee', -1)) kinds (kind, sign)) sale
"""
_BOOKS = f"""
    SELECT ledger_open_period('2026-03-02');
    ALTER TABLE ledger_transaction DISABLE TRIGGER USER;
    ALTER TABLE ledger_entry DISABLE TRIGGER USER;
    INSERT INTO ledger_account (code, kind, currency) VALUES
        ('1120', 'asset', 'EUR'), ('2010', 'liability', 'EUR');
    INSERT INTO provider_transaction (id, account, type, category, amount_minor, fee_minor,
            net_minor, currency, source_id, metadata, available_at, created_at, pulled_at)
        SELECT 'txn_' || kind || n, 'platform', kind, kind, amount, 0, amount, 'EUR', source,
            '{{}}', at, at, at FROM {_SALE};
    INSERT INTO ledger_transaction (id, kind, idempotency_key, fingerprint, effective_date,
            recorded_at, source_type, source_id, period_id)
        SELECT id, 'adjustment', 'balance_transaction:' || source, '', '2026-03-02', at,
            'balance_transaction', id, (SELECT id FROM accounting_period) FROM {_SALE};
    INSERT INTO ledger_entry (transaction_id, account_id, currency, amount_minor, purpose)
        SELECT sale.id, account.id, 'EUR', sale.amount * side.sign, 'payment'
        FROM {_SALE}, (VALUES ('1120', 1), ('2010', -1)) side (code, sign)
        JOIN ledger_account account USING (code);
"""


async def test_ten_thousand_orders_are_compared_in_seconds(committed_db: Database) -> None:
    owner = await asyncpg.connect(committed_db.owner_url)
    await owner.execute(_BOOKS)
    await owner.close()

    began = perf_counter()
    run_id = await running.run(principal=SYSTEM, until=NOW.date(), now=NOW)
    took = perf_counter() - began

    [run] = await queries.runs(principal=VIEWER)
    assert (run.metrics["matched_bps"], run.metrics["lines"]) == (10_000, 6 * ORDERS)
    assert run.metrics["open_breaks"] == 0
    assert took < SECONDS
    assert (await running.rerun(principal=SYSTEM, run_id=run_id)).is_same
