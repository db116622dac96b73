"""What the lines of statements consist of: the SQL that several reports stand on.

A statement holds the entries of a vendor's available account. An entry that says "matured" is
what was left of one sub-order's earning; behind it stand the entries of the pending account that
made it up. A piece is one of those, or any other entry of the available account itself: the
pieces of a statement add up to its lines, each with the heading it is shown under.
"""

# Headings by what was booked and what for. An entry that fits none is shown as `other`.
HEADING = """
    CASE
        WHEN kind = 'earning' AND purpose = 'sale' THEN 'sales'
        WHEN kind = 'earning' AND purpose = 'commission' THEN 'commission'
        WHEN kind = 'earning' AND purpose = 'commission_vat' THEN 'commission_vat'
        WHEN kind IN ('payout_reserved', 'payout_cancelled', 'transfer_reversal') THEN 'paid_out'
        WHEN kind = 'reserve_held' THEN 'reserve_held'
        WHEN kind IN ('reserve_released', 'reserve_used') THEN 'reserve_released'
        WHEN purpose IN ('commission', 'commission_vat') THEN 'commission_returned'
        WHEN kind IN ('refund', 'refund_owed') THEN 'refunds'
        WHEN purpose = 'penalty' THEN 'penalties'
        WHEN purpose = 'fee' THEN 'fees'
        WHEN kind IN ('hold', 'hold_released', 'dispute', 'dispute_won', 'dispute_lost',
                'dispute_regained') OR purpose IN ('dispute', 'dispute_fee') THEN 'disputes'
        WHEN kind = 'adjustment' THEN 'adjustments'
        ELSE 'other'
    END
"""

# Goes on after `WITH chosen AS (SELECT … FROM statement …)`; amounts are above zero for the
# vendor. What matured once is not a piece of what matures later for the same sub-order.
PIECES = f"""
    line AS (
        SELECT chosen.id AS statement_id, entry.id, entry.transaction_id, entry.sub_order_id,
            entry.order_id, entry.purpose, -entry.amount_minor AS amount, entry.currency,
            entry.vendor_id, booked.kind, booked.effective_date, booked.seq, booked.source_type,
            booked.source_id
        FROM chosen JOIN statement_line ON statement_line.statement_id = chosen.id
        JOIN ledger_entry entry ON entry.id = statement_line.entry_id
        JOIN ledger_transaction booked ON booked.id = entry.transaction_id
    ), matured AS (
        SELECT line.statement_id, line.id AS line_id, leg.account_id, leg.sub_order_id,
            leg.id AS leg_id, line.effective_date AS matured_on,
            coalesce((SELECT max(earlier.id) FROM ledger_entry earlier
                JOIN ledger_transaction before ON before.id = earlier.transaction_id
                WHERE earlier.sub_order_id = leg.sub_order_id AND before.kind = 'matured'
                    AND earlier.account_id = leg.account_id AND earlier.id < leg.id), 0) AS after_id
        FROM line JOIN ledger_entry leg ON leg.transaction_id = line.transaction_id
            AND leg.sub_order_id = line.sub_order_id AND leg.id <> line.id
        WHERE line.kind = 'matured'
    ), bare AS (
        SELECT statement_id, id AS line_id, id AS entry_id, NULL::date AS matured_on, order_id,
            sub_order_id, kind, purpose, effective_date, seq, source_type, source_id, currency,
            vendor_id, amount
        FROM line WHERE kind <> 'matured'
        UNION ALL
        SELECT matured.statement_id, matured.line_id, part.id, matured.matured_on, part.order_id,
            part.sub_order_id, booked.kind, part.purpose, booked.effective_date, booked.seq,
            booked.source_type, booked.source_id, part.currency, part.vendor_id,
            -part.amount_minor
        FROM matured JOIN ledger_entry part ON part.sub_order_id = matured.sub_order_id
            AND part.account_id = matured.account_id
            AND part.id > matured.after_id AND part.id < matured.leg_id
        JOIN ledger_transaction booked ON booked.id = part.transaction_id
    ), piece AS (
        SELECT bare.*, {HEADING} AS heading FROM bare
    )
"""

# Behind PIECES: what a sub-order's sale consists of, less what was given back before it was
# earned. Discounts are shared over units half up; goods are what is left, so it always adds up.
SOLD = """
    , sold AS (
        SELECT sub_order.id AS sub_order_id,
            sub_order.shipping_vendor_minor - coalesce(given.shipping, 0)
                - own.liable * (sub_order.shipping_tax_minor - coalesce(given.shipping_tax, 0))
                AS shipping,
            own.liable * (lines.tax + sub_order.shipping_tax_minor - coalesce(given.tax, 0)) AS tax,
            -lines.discount AS discount
        FROM sub_order
        CROSS JOIN LATERAL (
            SELECT (sub_order.tax_liable = 'vendor')::int::bigint AS liable
        ) own
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(tax_minor), 0)::bigint AS tax,
                coalesce(sum((2 * discount_vendor_minor * (quantity - refused - cancelled)
                    + quantity) / nullif(2 * quantity, 0)), 0)::bigint AS discount
            FROM order_line WHERE order_line.sub_order_id = sub_order.id
        ) lines
        LEFT JOIN LATERAL (
            SELECT sum(tax_minor)::bigint AS tax,
                (sum(vendor_minor) FILTER (WHERE line_id IS NULL))::bigint AS shipping,
                (sum(tax_minor) FILTER (WHERE line_id IS NULL))::bigint AS shipping_tax
            FROM refund_line WHERE refund_line.sub_order_id = sub_order.id AND NOT is_earned
        ) given ON true
        WHERE sub_order.id IN (SELECT sub_order_id FROM piece WHERE heading = 'sales')
    )
"""
