"""Every entry of an account in the order it was booked, with the balance it led to."""

from settlement.reports.report import (
    CURRENCY,
    Parameter,
    Report,
    count,
    day,
    money,
    text,
    time,
)

# The balance runs over all entries of an account; only then is the period cut out of it.
_QUERY = """
    SELECT * FROM (
        SELECT booked.seq AS posting, booked.effective_date AS day, booked.recorded_at,
            booked.kind, account.code AS account, vendor.code AS vendor,
            orders.number AS "order", entry.purpose, entry.currency,
            greatest(entry.amount_minor, 0) AS debit, greatest(-entry.amount_minor, 0) AS credit,
            (sum(entry.amount_minor) OVER (PARTITION BY account.id
                ORDER BY booked.effective_date, booked.seq, entry.id))::bigint AS balance,
            entry.id AS entry_id, booked.source_type, booked.source_id,
            booked.idempotency_key AS key
        FROM ledger_entry entry JOIN ledger_account account ON account.id = entry.account_id
        JOIN ledger_transaction booked ON booked.id = entry.transaction_id
        LEFT JOIN vendor ON vendor.id = account.vendor_id
        LEFT JOIN orders ON orders.id = entry.order_id
        WHERE ($1::text IS NULL OR account.code = $1)
            AND ($2::uuid IS NULL OR account.vendor_id = $2)
            AND ($3::text IS NULL OR account.currency = $3)
            AND ($5::date IS NULL OR booked.effective_date <= $5)
    ) entry
    WHERE ($4::date IS NULL OR day >= $4)
    ORDER BY account, vendor, currency, day, posting, entry_id
"""

GENERAL_LEDGER = Report(
    name="general-ledger",
    title="General ledger",
    description="Every entry by account and day, with the account's running balance.",
    parameters=(
        Parameter.ACCOUNT,
        Parameter.VENDOR,
        Parameter.CURRENCY,
        Parameter.FROM,
        Parameter.TO,
    ),
    columns=(
        count("posting", "Posting"),
        day("day", "Day"),
        time("recorded_at", "Recorded"),
        text("kind", "Kind"),
        text("account", "Account"),
        text("vendor", "Vendor"),
        text("order", "Order"),
        text("purpose", "For"),
        CURRENCY,
        money("debit", "Debit"),
        money("credit", "Credit"),
        money("balance", "Balance"),
        count("entry_id", "Entry"),
        text("source_type", "About a"),
        text("source_id", "Which"),
        text("key", "Key"),
    ),
    query=_QUERY,
)
