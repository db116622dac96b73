"""What each account holds by a day, as they say it and as we do, in SQL."""

from settlement.reconciliation.item_sql import RESERVED_TYPES
from settlement.reconciliation.models import PLATFORM

_DAY = "(created_at AT TIME ZONE 'UTC')::date"

# Amounts are theirs; a balance seen later is rolled back by what moved since the day and before it
# was seen: what was read behind it is not in it.
_THEIRS = f"""
    provider AS (
        SELECT account, currency, coalesce(sum(net_minor) FILTER (WHERE {_DAY} < $1), 0) AS opening,
            coalesce(sum(net_minor) FILTER (WHERE {_DAY} = $1), 0) AS moved
        FROM provider_transaction WHERE {_DAY} <= $1 GROUP BY account, currency
        UNION ALL
        SELECT 'reserved', currency, coalesce(-sum(net_minor) FILTER (WHERE {_DAY} < $1), 0),
            coalesce(-sum(net_minor) FILTER (WHERE {_DAY} = $1), 0)
        FROM provider_transaction WHERE {_DAY} <= $1 AND type IN ({RESERVED_TYPES})
            AND account = '{PLATFORM}'
        GROUP BY currency
    ), held AS (
        SELECT DISTINCT ON (account, currency) account, currency,
            available_minor + pending_minor AS held, reserved_minor, taken_at
        FROM provider_balance ORDER BY account, currency, taken_at DESC
    ), later AS (
        SELECT line.account, line.currency, held.taken_at, line.type, line.net_minor
        FROM provider_transaction line JOIN held
            ON (held.account, held.currency) = (line.account, line.currency)
        WHERE (line.created_at AT TIME ZONE 'UTC')::date > $1
            AND (line.created_at <= held.taken_at OR line.pulled_at <= held.taken_at)
    ), stated AS (
        SELECT account, currency, held - coalesce(sum(net_minor), 0) AS held
        FROM held LEFT JOIN later USING (account, currency, taken_at)
        WHERE (taken_at AT TIME ZONE 'UTC')::date >= $1
        GROUP BY account, currency, held
        UNION ALL
        SELECT 'reserved', currency, reserved_minor
            + coalesce(sum(net_minor) FILTER (WHERE type IN ({RESERVED_TYPES})), 0)
        FROM held LEFT JOIN later USING (account, currency, taken_at)
        WHERE account = '{PLATFORM}' AND (taken_at AT TIME ZONE 'UTC')::date >= $1
        GROUP BY currency, reserved_minor
    )
"""
# Counted from the first statement on; what was there before it is not ours to prove.
_BANK = """
    first_statement AS (
        SELECT DISTINCT ON (bank_account_id) bank_account_id, opening_minor FROM bank_statement
        WHERE opening_minor IS NOT NULL ORDER BY bank_account_id, opens_on, id
    ), last_statement AS (
        SELECT DISTINCT ON (statement.bank_account_id) statement.bank_account_id, closes_on,
            closing_minor
        FROM bank_statement statement JOIN bank_file ON bank_file.id = statement.file_id
        WHERE closing_minor IS NOT NULL AND closes_on <= $1
        ORDER BY statement.bank_account_id, closes_on DESC, imported_at DESC, lines DESC,
            statement.id DESC
    ), bank AS (
        SELECT bank_account.id, bank_account.currency,
            coalesce(sum(amount_minor) FILTER (WHERE booked_on < $1), 0) AS opening,
            coalesce(sum(amount_minor) FILTER (WHERE booked_on = $1), 0) AS moved,
            last_statement.closing_minor - first_statement.opening_minor
                + coalesce(sum(amount_minor) FILTER (WHERE booked_on <= $1
                    AND booked_on > last_statement.closes_on), 0) AS stated
        FROM bank_account LEFT JOIN bank_line line ON line.bank_account_id = bank_account.id
        LEFT JOIN first_statement ON first_statement.bank_account_id = bank_account.id
        LEFT JOIN last_statement ON last_statement.bank_account_id = bank_account.id
        GROUP BY bank_account.id, last_statement.closes_on, last_statement.closing_minor,
            first_statement.opening_minor
    )
"""
_OURS = f"""
    ours AS (
        SELECT CASE account.code WHEN '1120' THEN '{PLATFORM}' WHEN '1130' THEN 'reserved'
                ELSE coalesce(connected.provider_account_id, account.vendor_id::text) END
                AS account,
            account.code, account.vendor_id, account.currency,
            coalesce(sum(entry.amount_minor), 0) AS balance
        FROM ledger_account account
        JOIN ledger_entry entry ON entry.account_id = account.id
        JOIN ledger_transaction posted ON posted.id = entry.transaction_id
        LEFT JOIN connected_account connected ON connected.vendor_id = account.vendor_id
        WHERE account.code IN ('1120', '1130', '1140') AND posted.effective_date <= $1
        GROUP BY 1, account.code, account.vendor_id, account.currency
    ), at_bank AS (
        SELECT coalesce(line.bank_account_id, bank_of_break.id, of_currency.id) AS id,
            account.currency, sum(entry.amount_minor) AS balance
        FROM ledger_account account
        JOIN ledger_entry entry ON entry.account_id = account.id
        JOIN ledger_transaction posted ON posted.id = entry.transaction_id
        LEFT JOIN bank_line line
            ON posted.source_type = 'bank_line' AND line.id = posted.source_id
        LEFT JOIN reconciliation_break difference
            ON posted.source_type = 'break' AND difference.id = posted.source_id
        LEFT JOIN bank_account bank_of_break ON bank_of_break.id::text = difference.account
        LEFT JOIN (SELECT DISTINCT ON (currency) id, currency FROM bank_account
            ORDER BY currency, created_at, id) of_currency
            ON of_currency.currency = account.currency
        WHERE account.code = '1010' AND posted.effective_date <= $1
        GROUP BY 1, account.currency
    )
"""
CASH = f"""
    WITH {_THEIRS}, {_BANK}, {_OURS}
    SELECT coalesce(provider.account, ours.account) AS account,
        coalesce(ours.code, CASE coalesce(provider.account, ours.account)
            WHEN '{PLATFORM}' THEN '1120' WHEN 'reserved' THEN '1130' ELSE '1140' END) AS code,
        coalesce(ours.vendor_id, connected.vendor_id) AS vendor_id,
        coalesce(provider.currency, ours.currency) AS currency,
        coalesce(opening, 0)::bigint AS opening_minor, coalesce(moved, 0)::bigint AS moved_minor,
        stated.held::bigint AS stated_minor,
        coalesce(balance, 0)::bigint AS ledger_minor
    FROM provider FULL JOIN ours
        ON (ours.account, ours.currency) = (provider.account, provider.currency)
    LEFT JOIN stated ON (stated.account, stated.currency) =
        (coalesce(provider.account, ours.account), coalesce(provider.currency, ours.currency))
    LEFT JOIN connected_account connected ON connected.provider_account_id = provider.account
    UNION ALL
    SELECT bank.id::text, '1010', NULL, bank.currency, opening::bigint, moved::bigint,
        stated::bigint, coalesce(balance, 0)::bigint
    FROM bank LEFT JOIN at_bank ON (at_bank.id, at_bank.currency) = (bank.id, bank.currency)
    ORDER BY 1, 4, 2
"""
