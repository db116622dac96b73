"""From what customers paid to what the marketplace keeps, month by month."""

from settlement.reports.report import CURRENCY, Parameter, Report, day, money

# Every column is a sum over one account, income above zero. A sale's prepayment is what the
# customer paid for what was shipped; with the platform's discounts it is what it was sold for.
_QUERY = """
    SELECT date_trunc('month', booked.effective_date)::date AS month, entry.currency,
        coalesce(-sum(amount_minor) FILTER (WHERE code = '2010' AND booked.kind = 'capture'),
            0)::bigint AS captured,
        coalesce(-sum(amount_minor) FILTER (WHERE code = '2010' AND booked.kind NOT IN
            ('capture', 'earning')), 0)::bigint AS cancelled,
        coalesce(-sum(amount_minor) FILTER (WHERE code = '2010' AND booked.kind <> 'earning'),
            0)::bigint AS net_paid,
        coalesce(sum(amount_minor) FILTER (WHERE code = '2010' AND booked.kind = 'earning'),
            0)::bigint AS shipped,
        coalesce(sum(amount_minor) FILTER (WHERE booked.kind = 'earning' AND code = '6110'),
            0)::bigint AS funded,
        coalesce(sum(amount_minor) FILTER (WHERE booked.kind = 'earning' AND code = '2110'
            AND purpose = 'sale'), 0)::bigint AS to_vendors,
        coalesce(sum(amount_minor) FILTER (WHERE booked.kind = 'earning' AND code = '2210'),
            0)::bigint AS tax,
        coalesce(-sum(amount_minor) FILTER (WHERE code = '4110' AND booked.kind = 'earning'),
            0)::bigint AS commission,
        coalesce(-sum(amount_minor) FILTER (WHERE code = '4110' AND booked.kind <> 'earning'),
            0)::bigint AS commission_returned,
        coalesce(-sum(amount_minor) FILTER (WHERE account.kind = 'income' AND code <> '4110'),
            0)::bigint AS other_income,
        coalesce(-sum(amount_minor) FILTER (WHERE account.kind = 'income'), 0)::bigint AS revenue,
        coalesce(-sum(amount_minor) FILTER (WHERE code = '6110'), 0)::bigint AS discounts,
        coalesce(-sum(amount_minor) FILTER (WHERE code IN ('6210', '6220')), 0)::bigint
            AS provider_fees,
        coalesce(-sum(amount_minor) FILTER (WHERE account.kind = 'expense' AND code NOT IN
            ('6110', '6210', '6220')), 0)::bigint AS losses,
        coalesce(-sum(amount_minor) FILTER (WHERE account.kind IN ('income', 'expense')),
            0)::bigint AS contribution
    FROM ledger_entry entry JOIN ledger_account account ON account.id = entry.account_id
    JOIN ledger_transaction booked ON booked.id = entry.transaction_id
    WHERE ($1::date IS NULL OR booked.effective_date >= $1)
        AND ($2::date IS NULL OR booked.effective_date <= $2)
        AND ($3::text IS NULL OR entry.currency = $3)
    GROUP BY 1, 2
    ORDER BY 1, 2
"""

REVENUE = Report(
    name="revenue-bridge",
    title="Revenue bridge",
    description="Captured, less what was cancelled, is what was paid. Shipped and the platform's "
    "own discounts, less vendors' part and tax, is nothing: only commission and other income are "
    "revenue. Less discounts, fees and losses it is what remains.",
    parameters=(Parameter.FROM, Parameter.TO, Parameter.CURRENCY),
    columns=(
        day("month", "Month"),
        CURRENCY,
        money("captured", "Captured"),
        money("cancelled", "Cancelled before shipping"),
        money("net_paid", "Net paid"),
        money("shipped", "Shipped"),
        money("funded", "Funded by discounts"),
        money("to_vendors", "Vendors' part"),
        money("tax", "Tax"),
        money("commission", "Commission"),
        money("commission_returned", "Commission returned"),
        money("other_income", "Other income"),
        money("revenue", "Revenue"),
        money("discounts", "Discounts"),
        money("provider_fees", "Provider fees"),
        money("losses", "Losses"),
        money("contribution", "Remains"),
    ),
    query=_QUERY,
)
