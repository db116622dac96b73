"""A posting costs the same on the first day and in the tenth year."""

import json
from uuid import uuid4

import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from settlement import chart, ledger
from settlement.earnings import pending
from settlement.ledger import Entry, Kind, Posting, Purpose
from tests.conftest import Database
from tests.runtime.plans import conditions
from tests.settlement.rows import NOW

pytestmark = pytest.mark.anyio

READ_WHOLE = "SELECT sum(seq_scan)::int FROM pg_stat_xact_user_tables WHERE relname LIKE 'ledger_%'"


def earning(minor: int) -> Posting:
    sub_order_id, vendor_id = uuid4(), uuid4()
    entries = [
        Entry(
            account=account, amount_minor=amount, currency="USD", purpose=Purpose.SALE,
            sub_order_id=sub_order_id,
        )
        for account, amount in (
            (chart.CUSTOMER_PREPAYMENTS, minor), (chart.vendor_pending(vendor_id), -minor),
        )
    ]  # fmt: skip
    return Posting(
        kind=Kind.EARNING, key=f"earning:{sub_order_id}", effective_date=NOW.date(),
        source_type="sub_order", source_id=sub_order_id, entries=entries,
    )  # fmt: skip


async def test_no_posting_reads_a_table_of_the_ledger_from_end_to_end(
    committed_db: Database,
) -> None:
    async with transaction(SYSTEM):
        await ledger.post_all([earning(minor) for minor in range(1, 301)], now=NOW)

    async with transaction(SYSTEM):
        for minor in range(1, 9):
            again = earning(minor)
            await ledger.post_all([again, earning(minor)], now=NOW)
            await ledger.post_all([again], now=NOW)
        await connection().execute("SET CONSTRAINTS ALL IMMEDIATE")
        assert not await connection().fetchval(READ_WHOLE)


async def test_what_is_left_of_sub_orders_is_found_by_their_entries(db: object) -> None:
    [plan] = json.loads(
        await connection().fetchval(f"EXPLAIN (FORMAT json) {pending.LEFT}", [uuid4()])
    )

    [led] = conditions(plan["Plan"], "ledger_entry")
    assert "sub_order_id = ANY" in led
    assert conditions(plan["Plan"], "ledger_account") == {"(id = entry.account_id)"}
