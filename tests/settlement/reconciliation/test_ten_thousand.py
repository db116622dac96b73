"""Ten thousand orders at once: a run is a matter of seconds."""

from datetime import UTC, datetime
from time import perf_counter

import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from settlement.reconciliation import queries, running
from tests.conftest import Database
from tests.settlement.people import VIEWER

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ORDERS = 10_000
SECONDS = 20.0  # a few on a quiet machine; tests share theirs

# A charge, a payout's transfer and a fee of the provider's own for each, in both books.
_BOOKS = f"""
    SELECT ledger_open_period(date '2026-03-02');
    INSERT INTO ledger_account (code, kind, currency) VALUES
        ('1120', 'asset', 'EUR'), ('2010', 'liability', 'EUR'), ('6210', 'expense', 'EUR');
    CREATE TEMPORARY TABLE sale AS
        SELECT n, kind, sign, gen_random_uuid() AS id FROM generate_series(1, {ORDERS}) n,
            (VALUES ('charge', 1), ('transfer', -1), ('stripe_fee', -1)) kinds (kind, sign);
    INSERT INTO provider_transaction (id, account, type, category, amount_minor, fee_minor,
            net_minor, currency, source_id, metadata, available_at, created_at, pulled_at)
        SELECT 'txn_' || kind || n, 'platform', kind, kind, sign * 100, 0, sign * 100, 'EUR',
            'source_' || kind || n, '{{}}', timestamptz '2026-03-02 12:00Z', timestamptz '2026-03-02 12:00Z', timestamptz '2026-03-02 12:00Z' FROM sale;
    INSERT INTO ledger_transaction (id, kind, idempotency_key, fingerprint, effective_date,
            recorded_at, source_type, source_id)
        SELECT id, 'adjustment', 'balance_transaction:source_' || kind || n, '', date '2026-03-02', timestamptz '2026-03-02 12:00Z',
            'balance_transaction', id FROM sale;
    INSERT INTO ledger_entry (transaction_id, account_id, currency, amount_minor, purpose)
        SELECT sale.id, account.id, 'EUR', sale.sign * 100 * side.sign, 'payment'
        FROM sale, (VALUES ('1120', 1), ('2010', -1)) side (code, sign)
        JOIN ledger_account account USING (code);
    DROP TABLE sale;
"""


async def test_ten_thousand_orders_are_compared_in_seconds(committed_db: Database) -> None:
    async with transaction(SYSTEM) as connection:
        await connection.execute(_BOOKS)

    began = perf_counter()
    run_id = await running.run(principal=SYSTEM, until=NOW.date(), now=NOW)
    took = perf_counter() - began

    [run] = await queries.runs(principal=VIEWER)
    assert (run.metrics["matched_bps"], run.metrics["lines"]) == (10_000, 6 * ORDERS)
    assert run.metrics["open_breaks"] == 0
    assert took < SECONDS
    assert (await running.rerun(principal=SYSTEM, run_id=run_id)).is_same
