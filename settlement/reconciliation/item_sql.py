"""Every line of the three books as an item with its key, in SQL."""

from settlement.reconciliation.models import PLATFORM
from settlement.reconciliation.rules import RESERVES

UUID = "'^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'"
RESERVED_TYPES = ", ".join(f"'{kind}'" for kind in sorted(RESERVES))

# A reversal is about what the posting was about that it takes back.
# What moved our accounts at the provider and the bank, and the fees in the same posting. One
# posting may touch an account in several entries: they are one item.
_MOVED = """
    moved AS MATERIALIZED (
        SELECT entry.transaction_id, account.code, account.vendor_id, account.currency,
            sum(entry.amount_minor)::bigint AS net
        FROM ledger_account account JOIN ledger_entry entry ON entry.account_id = account.id
        WHERE account.code IN ('1120', '1130', '1140', '1160', '1010', '6210', '6220')
        GROUP BY entry.transaction_id, account.code, account.vendor_id, account.currency
    )
"""
# The attempt of a payout that a posting is about, and what the provider calls it.
_ATTEMPT = """
    LEFT JOIN provider_operation attempted ON about.source_type = 'payout'
        AND about.kind LIKE 'payout_%' AND attempted.key =
            'mkt:payout:' || about.source_id || ':' || split_part(about.idempotency_key, ':', 3)
"""
_KEY = """
    CASE about.source_type
        WHEN 'capture' THEN capture.charge_id
        WHEN 'refund' THEN 'refund:' || about.source_id
        WHEN 'dispute' THEN coalesce(dispute.provider_dispute_id, about.idempotency_key)
        WHEN 'payout' THEN CASE
            WHEN about.kind IN ('transfer', 'transfer_reversal', 'payout_cancelled')
                THEN coalesce(payout.transfer_id, about.idempotency_key)
            ELSE coalesce(attempted.result_id, payout.provider_payout_id, about.idempotency_key)
            END
        WHEN 'platform_payout' THEN CASE moved.code WHEN '1160' THEN 'transit:' ELSE '' END
            || split_part(about.idempotency_key, ':', 2)
        WHEN 'balance_transaction' THEN split_part(about.idempotency_key, ':', 2)
        WHEN 'bank_line' THEN CASE moved.code
            WHEN '1160' THEN 'transit:' || split_part(about.idempotency_key, ':', 3)
            ELSE 'line:' || about.source_id END
        WHEN 'break' THEN difference.key
        ELSE about.idempotency_key
    END
"""
_LEDGER = f"""
    SELECT concat_ws(':', 'ledger', posted.id, moved.code, moved.currency) AS item,
        'ledger' AS side,
        CASE moved.code WHEN '1120' THEN '{PLATFORM}' WHEN '1130' THEN 'reserved'
            WHEN '1140' THEN coalesce(connected.provider_account_id, moved.vendor_id::text)
            WHEN '1160' THEN 'transit'
            ELSE coalesce(booked.bank_account_id, of_currency.id)::text END AS account,
        {_KEY} AS key, posted.kind, '' AS category, moved.currency,
        moved.net + coalesce(fee.net, 0) AS amount_minor, coalesce(fee.net, 0) AS fee_minor,
        posted.effective_date AS day, about.source_type || ':' || about.source_id AS subject,
        NULL::text AS rate, '' AS words, false AS is_repeated, false AS is_reversal
    FROM moved JOIN ledger_transaction posted ON posted.id = moved.transaction_id
    JOIN ledger_transaction about ON about.id = coalesce(posted.reverses_id, posted.id)
    LEFT JOIN (
        SELECT transaction_id, currency, sum(net)::bigint AS net FROM moved
        WHERE code IN ('6210', '6220') GROUP BY transaction_id, currency
    ) fee ON moved.code = '1120'
        AND (fee.transaction_id, fee.currency) = (moved.transaction_id, moved.currency)
    LEFT JOIN capture ON about.source_type = 'capture' AND capture.id = about.source_id
    LEFT JOIN dispute ON about.source_type = 'dispute' AND dispute.id = about.source_id
    LEFT JOIN payout ON about.source_type = 'payout' AND payout.id = about.source_id
    {_ATTEMPT}
    LEFT JOIN bank_line booked ON about.source_type = 'bank_line' AND booked.id = about.source_id
    LEFT JOIN reconciliation_break difference
        ON about.source_type = 'break' AND difference.id = about.source_id
    LEFT JOIN connected_account connected ON connected.vendor_id = moved.vendor_id
    LEFT JOIN (SELECT DISTINCT ON (currency) id, currency FROM bank_account
        ORDER BY currency, created_at, id) of_currency ON of_currency.currency = moved.currency
    WHERE moved.code IN ('1120', '1130', '1140', '1160', '1010') AND moved.net <> 0
"""
# A payment's refund names the payment, which names the transfer: all three have its key. A refund
# of ours that was sent once more has another name there, and is still the same refund.
_PROVIDER = f"""
    SELECT 'provider:' || line.id AS item, 'provider' AS side, line.account,
        coalesce('refund:' || coalesce(refund.id, named.id), parent.related_id, line.related_id,
            line.source_id, line.id) AS key,
        line.type AS kind, line.category, line.currency, line.amount_minor, line.fee_minor,
        (line.created_at AT TIME ZONE 'UTC')::date AS day, NULL::text AS subject,
        line.exchange_rate AS rate, coalesce(line.description, '') AS words, false AS is_repeated,
        false AS is_reversal
    FROM provider_transaction line
    LEFT JOIN provider_transaction parent ON line.type = 'payment_refund'
        AND (parent.source_id, parent.account) = (line.related_id, line.account)
    LEFT JOIN refund ON refund.provider_refund_id = line.source_id
    LEFT JOIN refund named ON named.id = CASE WHEN line.type LIKE '%refund%'
        AND line.metadata->>'refund_id' ~ {UUID} THEN (line.metadata->>'refund_id')::uuid END
"""
# What the provider holds back is a book of its own: what leaves the balance enters it.
_RESERVED = f"""
    SELECT 'provider:' || id || ':reserved', 'provider', 'reserved', coalesce(source_id, id), type,
        category, currency, -net_minor, 0, (created_at AT TIME ZONE 'UTC')::date, NULL, NULL, '',
        false, false
    FROM provider_transaction WHERE type IN ({RESERVED_TYPES}) AND account = '{PLATFORM}'
"""
_BANK = """
    SELECT 'bank:' || id, 'bank', bank_account_id::text, 'line:' || id, 'bank', '', currency,
        amount_minor, 0, booked_on, NULL, NULL,
        concat_ws(' ', nullif(reference, ''), end_to_end, text, counterparty),
        running > 0 AND reference <> '', is_reversal
    FROM bank_line
"""
# Payouts that arrived by a booking which one of these may take back, and were not taken back yet.
ARRIVALS = """
    SELECT 'bank:' || line.id AS item, 'bank' AS side, line.bank_account_id::text AS account,
        'line:' || line.id AS key, 'bank' AS kind, '' AS category, line.currency,
        line.amount_minor, 0 AS fee_minor, line.booked_on AS day,
        string_agg(split_part(posting.idempotency_key, ':', 3), ',' ORDER BY posting.seq)
            AS subject,
        concat_ws(' ', nullif(line.reference, ''), line.end_to_end, line.text, line.counterparty)
            AS words
    FROM bank_line line
    JOIN ledger_transaction posting ON posting.source_id = line.id AND posting.kind = 'bank'
        AND posting.reverses_id IS NULL
    WHERE NOT line.is_reversal
        AND EXISTS (SELECT 1 FROM bank_line back WHERE back.id = ANY($1)
            AND back.bank_account_id = line.bank_account_id
            AND back.amount_minor = -line.amount_minor AND back.booked_on >= line.booked_on)
        AND NOT EXISTS (
            SELECT 1 FROM ledger_transaction other WHERE other.reverses_id = posting.id)
        AND NOT EXISTS (SELECT 1 FROM ledger_transaction other
            JOIN bank_line taking ON taking.id = other.source_id AND taking.is_reversal
            WHERE other.kind = 'bank' AND other.seq > posting.seq
                AND split_part(other.idempotency_key, ':', 3)
                    = split_part(posting.idempotency_key, ':', 3))
    GROUP BY line.id ORDER BY line.booked_on, line.id
"""
_ALL = f"""{_MOVED}, item AS MATERIALIZED (
        {_LEDGER} UNION ALL {_PROVIDER} UNION ALL {_RESERVED} UNION ALL {_BANK}
    )"""
OF_KEY = f"WITH {_ALL} SELECT * FROM item WHERE key = $1 ORDER BY item"
# What is open by a day: keys with a line that is in no match, and keys whose lines stand on both
# sides of that day's midnight. With them come all lines of these keys.
ITEMS = f"""
    WITH {_ALL}, wanted AS MATERIALIZED (
        SELECT key FROM item LEFT JOIN matched_item USING (item)
        GROUP BY key HAVING min(day) <= $1
            AND (bool_or(matched_item.item IS NULL AND day <= $1) OR max(day) > $1)
    )
    SELECT item.* FROM item JOIN wanted USING (key) ORDER BY key, item
"""
