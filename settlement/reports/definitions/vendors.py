"""What is held back of vendors, and what vendors owe."""

from settlement.reports.report import CURRENCY, Parameter, Report, day, money, text

_RESERVE = """
    SELECT vendor.code AS vendor, vendor.name AS vendor_name, moved.currency, opening, held,
        released, used, other, closing, next.release_on AS next_release,
        coalesce(next.waiting, 0)::bigint AS next_amount
    FROM (
        SELECT account.vendor_id, account.currency,
            coalesce(-sum(amount_minor) FILTER (WHERE effective_date < $1), 0)::bigint AS opening,
            coalesce(-sum(amount_minor) FILTER (WHERE in_period AND booked.kind = 'reserve_held'),
                0)::bigint AS held,
            coalesce(-sum(amount_minor) FILTER (WHERE in_period
                AND booked.kind = 'reserve_released'), 0)::bigint AS released,
            coalesce(-sum(amount_minor) FILTER (WHERE in_period AND booked.kind = 'reserve_used'),
                0)::bigint AS used,
            coalesce(-sum(amount_minor) FILTER (WHERE in_period AND booked.kind NOT IN
                ('reserve_held', 'reserve_released', 'reserve_used')), 0)::bigint AS other,
            (-sum(amount_minor))::bigint AS closing
        FROM ledger_account account JOIN ledger_entry entry ON entry.account_id = account.id
        JOIN ledger_transaction booked ON booked.id = entry.transaction_id
        CROSS JOIN LATERAL (SELECT $1::date IS NULL OR effective_date >= $1 AS in_period) period
        WHERE account.code = '2130' AND ($2::date IS NULL OR effective_date <= $2)
            AND ($3::uuid IS NULL OR account.vendor_id = $3)
            AND ($4::text IS NULL OR account.currency = $4)
        GROUP BY account.vendor_id, account.currency
    ) moved JOIN vendor ON vendor.id = moved.vendor_id
    LEFT JOIN LATERAL (
        SELECT (release_at AT TIME ZONE 'UTC')::date AS release_on,
            sum(amount_minor - released_minor - used_minor) AS waiting
        FROM reserve_hold WHERE reserve_hold.vendor_id = moved.vendor_id
            AND reserve_hold.currency = moved.currency
            AND released_minor + used_minor < amount_minor
        GROUP BY 1 ORDER BY 1 LIMIT 1
    ) next ON true
    ORDER BY vendor.code, moved.currency
"""

RESERVE = Report(
    name="reserve",
    title="Reserve roll-forward",
    description="What was held back of each vendor at the beginning, what came and went, what is "
    "held at the end, and what is released next.",
    parameters=(Parameter.FROM, Parameter.TO, Parameter.VENDOR, Parameter.CURRENCY),
    columns=(
        text("vendor", "Vendor"),
        text("vendor_name", "Name"),
        CURRENCY,
        money("opening", "Opening"),
        money("held", "Held"),
        money("released", "Released"),
        money("used", "Used"),
        money("other", "Other"),
        money("closing", "Closing"),
        day("next_release", "Next release"),
        money("next_amount", "Next amount"),
    ),
    query=_RESERVE,
)

# What came in paid the oldest debts first, so that what is still owed is the newest of them.
_AGEING = """
    WITH entry AS (
        SELECT account.vendor_id, account.currency, account.code, booked.effective_date AS day,
            ledger_entry.id, ledger_entry.amount_minor AS owed
        FROM ledger_account account JOIN ledger_entry ON ledger_entry.account_id = account.id
        JOIN ledger_transaction booked ON booked.id = ledger_entry.transaction_id
        WHERE account.code IN ('2120', '1310') AND booked.effective_date <= $1
            AND ($2::uuid IS NULL OR account.vendor_id = $2)
            AND ($3::text IS NULL OR account.currency = $3)
    ), debtor AS (
        SELECT vendor_id, currency, code, sum(owed) AS owed FROM entry
        GROUP BY 1, 2, 3 HAVING sum(owed) > 0
    ), debt AS (
        SELECT entry.*, debtor.owed AS total, sum(entry.owed) OVER (
            PARTITION BY entry.vendor_id, entry.currency, entry.code
            ORDER BY entry.day DESC, entry.id DESC) AS and_newer
        FROM entry JOIN debtor USING (vendor_id, currency, code) WHERE entry.owed > 0
    ), open AS (
        SELECT vendor_id, currency, code, $1 - day AS age,
            least(owed, total - (and_newer - owed)) AS owed
        FROM debt WHERE and_newer - owed < total
    )
    SELECT vendor.code AS vendor, vendor.name AS vendor_name, open.currency,
        CASE open.code WHEN '1310' THEN 'receivable' ELSE 'available' END AS stage,
        (-sum(owed))::bigint AS balance,
        coalesce(sum(owed) FILTER (WHERE age <= 30), 0)::bigint AS days_30,
        coalesce(sum(owed) FILTER (WHERE age BETWEEN 31 AND 60), 0)::bigint AS days_60,
        coalesce(sum(owed) FILTER (WHERE age BETWEEN 61 AND 90), 0)::bigint AS days_90,
        coalesce(sum(owed) FILTER (WHERE age > 90), 0)::bigint AS older,
        ($1 - max(age)::int)::date AS since
    FROM open JOIN vendor ON vendor.id = open.vendor_id
    GROUP BY vendor.code, vendor.name, open.currency, open.code
    ORDER BY vendor.code, open.currency, open.code
"""

AGEING = Report(
    name="vendor-ageing",
    title="Vendors who owe",
    description="Vendors whose balance is below zero on a day, by the age of what they owe; "
    "`stage` says whether sales still pay it back or it was made a receivable.",
    parameters=(Parameter.DAY, Parameter.VENDOR, Parameter.CURRENCY),
    columns=(
        text("vendor", "Vendor"),
        text("vendor_name", "Name"),
        CURRENCY,
        text("stage", "Stage"),
        money("balance", "Balance"),
        money("days_30", "Up to 30 days"),
        money("days_60", "31 to 60 days"),
        money("days_90", "61 to 90 days"),
        money("older", "Over 90 days"),
        day("since", "Since"),
    ),
    query=_AGEING,
)
