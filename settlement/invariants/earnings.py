"""Money out once: what happened is in the books exactly once, with exactly its components."""

from settlement.invariants.check import Check
from settlement.invariants.hearing import UNHEARD

# What each shipped sub-order should have earned, and what the ledger says it did.
_EXPECTED = """
    expected AS (
        SELECT sub_order.id, sub_order.number, sub_order.shipped_at, ROW(gross, funding, vendor,
                CASE tax_liable WHEN 'platform' THEN tax ELSE 0 END, commission, vat)::text AS parts
        FROM sub_order JOIN (
            SELECT sub_order_id, sum(gross_minor) AS gross, sum(funding_minor) AS funding,
                sum(vendor_minor) AS vendor, sum(tax_minor) AS tax,
                sum(commission_minor) AS commission, sum(commission_vat_minor) AS vat
            FROM (
                SELECT sub_order_id, gross_minor, funding_minor, vendor_minor, tax_minor,
                    commission_minor, commission_vat_minor FROM order_line
                UNION ALL
                SELECT id, shipping_gross_minor, shipping_funding_minor, shipping_vendor_minor,
                    shipping_tax_minor, 0, 0
                FROM sub_order
                UNION ALL
                SELECT sub_order_id, -gross_minor, -funding_minor, -vendor_minor, -tax_minor,
                    -commission_minor, -commission_vat_minor FROM refund_line WHERE NOT is_earned
            ) part GROUP BY sub_order_id
        ) total ON total.sub_order_id = sub_order.id
    )
"""
_BOOKED = """
    booked AS (
        SELECT posting.source_id AS id, count(DISTINCT posting.id) AS postings, ROW(
            coalesce(sum(amount_minor) FILTER (WHERE code = '2010'), 0),
            coalesce(sum(amount_minor) FILTER (WHERE code = '6110'), 0),
            coalesce(-sum(amount_minor) FILTER (WHERE code = '2110' AND purpose = 'sale'), 0),
            coalesce(-sum(amount_minor) FILTER (WHERE code = '2210'), 0),
            coalesce(-sum(amount_minor) FILTER (WHERE code = '4110'), 0),
            coalesce(-sum(amount_minor) FILTER (WHERE code = '2220'), 0))::text AS parts
        FROM ledger_transaction posting
        JOIN ledger_entry entry ON entry.transaction_id = posting.id
        JOIN ledger_account account ON account.id = entry.account_id
        WHERE posting.kind = 'earning' GROUP BY posting.source_id
    )
"""

_EARNED_ONCE = f"""
    WITH {UNHEARD}, {_EXPECTED}, {_BOOKED}
    SELECT expected.number AS subject, CASE
        WHEN booked.id IS NULL THEN 'shipped, but no earning is booked'
        WHEN shipped_at IS NULL THEN 'earned, but not shipped'
        ELSE format('%s earnings', postings) END AS detail
    FROM expected LEFT JOIN booked USING (id)
    WHERE postings > 1 OR (shipped_at IS NULL AND booked.id IS NOT NULL)
        OR (shipped_at IS NOT NULL AND booked.id IS NULL
            AND expected.parts <> ROW(0, 0, 0, 0, 0, 0)::text
            AND expected.id NOT IN (SELECT (payload->>'sub_order_id')::uuid FROM unheard
                WHERE name = 'sub_order.shipped'))
"""

_EARNED_EXACTLY = f"""
    WITH {_EXPECTED}, {_BOOKED}
    SELECT expected.number AS subject, format('gross, funding, vendor, tax, commission, VAT:'
        ' booked %s, lines and shipping %s', booked.parts, expected.parts) AS detail
    FROM expected JOIN booked USING (id) WHERE booked.parts <> expected.parts
"""

_CAPTURED = f"""
    WITH {UNHEARD}
    SELECT orders.number AS subject, format('%s of %s is not booked', missing.kind, missing.amount)
        AS detail
    FROM (
        SELECT id, order_id, 'capture' AS kind, 'payment.captured' AS event, amount_minor AS amount
        FROM capture
        UNION ALL
        SELECT id, order_id, 'provider_fee', 'payment.fee_known', fee_minor
        FROM capture WHERE fee_minor > 0
    ) missing
    LEFT JOIN orders ON orders.id = missing.order_id
    WHERE NOT EXISTS (SELECT 1 FROM ledger_transaction posting
            WHERE posting.source_id = missing.id AND posting.kind = missing.kind)
        AND missing.id NOT IN (SELECT (payload->>'capture_id')::uuid FROM unheard
            WHERE name = missing.event)
"""

_REFUNDED = f"""
    WITH {UNHEARD}, booked AS (
        SELECT posting.source_id AS id,
            coalesce(-sum(amount_minor) FILTER (WHERE code = '1120'), 0) AS paid,
            coalesce(-sum(amount_minor) FILTER (WHERE code = '2020'), 0) AS owed
        FROM ledger_transaction posting
        JOIN ledger_entry entry ON entry.transaction_id = posting.id
        JOIN ledger_account account ON account.id = entry.account_id
        WHERE posting.source_type = 'refund' GROUP BY posting.source_id
    )
    SELECT refund.id::text AS subject, format('%s of %s; booked: %s paid, %s owed', refund.state,
        refund.amount_minor, coalesce(paid, 0), coalesce(owed, 0)) AS detail
    FROM refund LEFT JOIN booked USING (id)
    WHERE (coalesce(paid, 0), coalesce(owed, 0)) <>
            (CASE refund.state WHEN 'succeeded' THEN refund.amount_minor ELSE 0 END,
            CASE WHEN refund.state IN ('failed', 'settled')
                OR generation > 1 AND refund.state <> 'succeeded'
                THEN refund.amount_minor ELSE 0 END)
        AND refund.id NOT IN (SELECT (payload->>'refund_id')::uuid
            FROM unheard WHERE name IN ('refund.succeeded', 'refund.failed'))
"""

_REVERSED_EXACTLY = """
    SELECT posting.idempotency_key AS subject, format('customer, funding, vendor, commission, VAT:'
        ' booked %s, refund lines %s', booked, expected) AS detail
    FROM ledger_transaction posting
    JOIN (
        SELECT entry.transaction_id, ROW(
            coalesce(-sum(amount_minor) FILTER (WHERE code IN ('1120', '2020')), 0),
            coalesce(-sum(amount_minor) FILTER (WHERE code = '6110'), 0),
            coalesce(sum(amount_minor) FILTER (WHERE code IN ('2110', '2120')
                AND purpose = 'sale'), 0),
            coalesce(sum(amount_minor) FILTER (WHERE code = '4110'), 0),
            coalesce(sum(amount_minor) FILTER (WHERE code = '2220'), 0))::text AS booked
        FROM ledger_entry entry JOIN ledger_account account ON account.id = entry.account_id
        GROUP BY entry.transaction_id
    ) entries ON entries.transaction_id = posting.id
    LEFT JOIN (
        SELECT refund_id, ROW(sum(gross_minor),
            coalesce(sum(funding_minor) FILTER (WHERE is_earned), 0),
            coalesce(sum(vendor_minor) FILTER (WHERE is_earned), 0),
            coalesce(sum(commission_minor) FILTER (WHERE is_earned), 0),
            coalesce(sum(commission_vat_minor) FILTER (WHERE is_earned), 0))::text AS expected
        FROM refund_line GROUP BY refund_id
    ) line ON line.refund_id = posting.source_id
    WHERE posting.kind IN ('refund', 'refund_owed') AND booked IS DISTINCT FROM expected
"""

_SOURCES = """
    SELECT posting.idempotency_key AS subject,
        format('there is no %s %s', source_type, source_id) AS detail
    FROM ledger_transaction posting
    WHERE NOT CASE source_type
        WHEN 'capture' THEN EXISTS (SELECT 1 FROM capture WHERE id = source_id)
        WHEN 'sub_order' THEN EXISTS (SELECT 1 FROM sub_order WHERE id = source_id)
        WHEN 'refund' THEN EXISTS (SELECT 1 FROM refund WHERE id = source_id)
        WHEN 'balance_transaction' THEN EXISTS (SELECT 1 FROM provider_transaction
            WHERE id = split_part(idempotency_key, ':', 3))
        WHEN 'platform_payout' THEN EXISTS (SELECT 1 FROM provider_transaction
            WHERE id = split_part(idempotency_key, ':', 3))
        WHEN 'reserve' THEN EXISTS (SELECT 1 FROM reserve_hold WHERE sub_order_id = source_id)
        WHEN 'hold' THEN EXISTS (SELECT 1 FROM money_hold WHERE id = source_id)
        WHEN 'payout' THEN EXISTS (SELECT 1 FROM payout WHERE id = source_id)
        WHEN 'dispute' THEN EXISTS (SELECT 1 FROM dispute WHERE id = source_id)
        WHEN 'adjustment' THEN EXISTS (SELECT 1 FROM adjustment WHERE id = source_id)
        WHEN 'bank_line' THEN EXISTS (SELECT 1 FROM bank_line WHERE id = source_id)
        WHEN 'break' THEN EXISTS (SELECT 1 FROM reconciliation_break WHERE id = source_id)
        ELSE false END
"""

CHECKS = (
    Check(
        "every-shipped-sub-order-earned-once",
        "A shipped sub-order has one earning, any other has none; news on its way counts as heard.",
        _EARNED_ONCE,
    ),
    Check(
        "earnings-are-exact",
        "An earning is the sub-order's lines and shipping less what was given back before it.",
        _EARNED_EXACTLY,
    ),
    Check(
        "captures-are-booked",
        "Each capture and each fee of the provider is in the books, or its news on its way.",
        _CAPTURED,
    ),
    Check(
        "refunds-are-booked",
        "What was paid back is booked so, what failed is owed; or the news of it is on its way.",
        _REFUNDED,
    ),
    Check(
        "refunds-reverse-exactly",
        "A refund moves what its lines say, component by component.",
        _REVERSED_EXACTLY,
    ),
    Check("postings-have-sources", "Each posting tells of something that exists.", _SOURCES),
)
