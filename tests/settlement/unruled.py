"""A database that lets anything happen, to see that the checks find it; for its owner."""

from marketplace.kit.transactions import connection
from settlement.invariants.checking import check_all

CHECKED = (
    "orders", "sub_order", "order_line", "payment", "payment_allocation", "refund", "refund_line",
    "shipment", "stock", "reservation", "sla_clock", "capture", "earning", "reserve_hold",
    "money_hold",
    "payout", "payout_batch", "statement", "statement_line",
)  # fmt: skip


async def allow_anything() -> None:
    """Without the rules that would refuse the differences, until the rollback."""
    await connection().execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in ("ledger_entry", "ledger_transaction", "ledger_balance"):
        await connection().execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    rows = await connection().fetch(
        "SELECT conrelid::regclass::text AS of, conname FROM pg_constraint"
        " WHERE contype = 'c' AND conrelid::regclass::text = ANY($1)",
        CHECKED,
    )
    for row in rows:
        await connection().execute(f"ALTER TABLE {row['of']} DROP CONSTRAINT {row['conname']}")


async def violated() -> dict[str, str]:
    """The checks that found something, with the first detail of each."""
    report = await check_all(connection())
    return {violation.check: violation.detail for violation in reversed(report.violations)}
