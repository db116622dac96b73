"""The books as a whole: every account's balance, and whether its parts agree with it."""

from settlement import chart
from settlement.reports.report import CURRENCY, Parameter, Report, money, text

_NAMES = ", ".join(f"('{code}', '{name}')" for code, name in chart.NAMES.items())

_TRIAL_BALANCE = f"""
    WITH named (code, name) AS (VALUES {_NAMES}), moved AS (
        SELECT account.code, account.kind, account.currency,
            coalesce(sum(entry.amount_minor) FILTER (WHERE booked.effective_date < $1), 0)::bigint
                AS opening,
            coalesce(sum(entry.amount_minor) FILTER (WHERE entry.amount_minor > 0
                AND ($1::date IS NULL OR booked.effective_date >= $1)), 0)::bigint AS debits,
            coalesce(-sum(entry.amount_minor) FILTER (WHERE entry.amount_minor < 0
                AND ($1::date IS NULL OR booked.effective_date >= $1)), 0)::bigint AS credits,
            sum(entry.amount_minor)::bigint AS closing
        FROM ledger_entry entry JOIN ledger_account account ON account.id = entry.account_id
        JOIN ledger_transaction booked ON booked.id = entry.transaction_id
        WHERE ($2::date IS NULL OR booked.effective_date <= $2)
            AND ($3::text IS NULL OR account.currency = $3)
        GROUP BY account.code, account.kind, account.currency
    )
    SELECT moved.code AS account, coalesce(named.name, moved.code) AS name, moved.kind,
        moved.currency, opening, debits, credits, closing
    FROM moved LEFT JOIN named ON named.code = moved.code
    ORDER BY moved.currency, moved.code
"""

TRIAL_BALANCE = Report(
    name="trial-balance",
    title="Trial balance",
    description="Every account per currency on the day that `to` names: debits above zero, "
    "credits below. Each currency adds up to zero.",
    parameters=(Parameter.FROM, Parameter.TO, Parameter.CURRENCY),
    columns=(
        text("account", "Account"),
        text("name", "Name"),
        text("kind", "Kind"),
        CURRENCY,
        money("opening", "Opening"),
        money("debits", "Debits"),
        money("credits", "Credits"),
        money("closing", "Closing"),
    ),
    query=_TRIAL_BALANCE,
)

# Three sums of the same thing by different ways: all entries by the account's code, each vendor's
# own entries by the name the entry itself carries, and the balances that PostgreSQL keeps.
_TIE_OUT = f"""
    WITH named (code, name) AS (VALUES {_NAMES}), account AS (
        SELECT * FROM ledger_account WHERE code IN (SELECT code FROM ledger_account
            WHERE vendor_id IS NOT NULL) AND ($1::text IS NULL OR currency = $1)
    ), control AS (
        SELECT code, account.currency, sum(amount_minor) AS total
        FROM account JOIN ledger_entry entry ON entry.account_id = account.id GROUP BY 1, 2
    ), by_vendor AS (
        SELECT code, currency, sum(total) AS total FROM (
            SELECT account.code, entry.currency, entry.vendor_id, sum(entry.amount_minor) AS total
            FROM account JOIN ledger_entry entry ON entry.account_id = account.id
            WHERE entry.vendor_id = account.vendor_id GROUP BY 1, 2, 3) vendors GROUP BY 1, 2
    ), kept AS (
        SELECT code, currency, sum(debits_minor - credits_minor) AS total
        FROM account JOIN ledger_balance ON account_id = account.id GROUP BY 1, 2
    )
    SELECT control.code AS account, coalesce(named.name, control.code) AS name, control.currency,
        control.total::bigint AS control, coalesce(by_vendor.total, 0)::bigint AS vendors,
        coalesce(kept.total, 0)::bigint AS kept,
        (control.total - coalesce(by_vendor.total, 0))::bigint AS difference,
        (control.total - coalesce(kept.total, 0))::bigint AS kept_difference
    FROM control LEFT JOIN by_vendor USING (code, currency) LEFT JOIN kept USING (code, currency)
    LEFT JOIN named ON named.code = control.code
    ORDER BY control.currency, control.code
"""

TIE_OUT = Report(
    name="vendor-tie-out",
    title="Vendor subledger tie-out",
    description="Each control account beside the sum of its vendors and beside the balances the "
    "database keeps. Both differences are zero, or the books are wrong.",
    parameters=(Parameter.CURRENCY,),
    columns=(
        text("account", "Account"),
        text("name", "Name"),
        CURRENCY,
        money("control", "Control account"),
        money("vendors", "Sum of vendors"),
        money("kept", "Kept balances"),
        money("difference", "Difference"),
        money("kept_difference", "Difference to kept"),
    ),
    query=_TIE_OUT,
)
