"""Payments: counters are the sums of what happened, and nothing goes back that did not come."""

from settlement.invariants.check import Check

_OPEN = "('requested', 'submitting', 'pending')"

_COUNTERS = f"""
    SELECT orders.number AS subject,
        format('captured, claimed, refunded: counted %s, happened %s', counted, happened) AS detail
    FROM payment
    JOIN orders ON orders.id = payment.order_id
    LEFT JOIN (
        SELECT payment_id, sum(amount_minor) AS amount FROM capture GROUP BY payment_id
    ) captured ON captured.payment_id = payment.id
    LEFT JOIN (
        SELECT payment_id, sum(amount_minor) FILTER (WHERE state IN {_OPEN}) AS claimed,
            sum(amount_minor) FILTER (WHERE state IN ('succeeded', 'settled')) AS succeeded
        FROM refund GROUP BY payment_id
    ) refunded ON refunded.payment_id = payment.id
    CROSS JOIN LATERAL (SELECT
        ROW(captured_minor, refund_claimed_minor, refunded_minor)::text AS counted,
        ROW(coalesce(captured.amount, 0), coalesce(claimed, 0), coalesce(succeeded, 0))::text
            AS happened) both_ways
    WHERE counted <> happened OR captured_minor > payment.amount_minor
        OR refund_claimed_minor + refunded_minor > captured_minor
        OR refunded_minor + disputed_minor > captured_minor
"""

_ALLOCATIONS = """
    SELECT orders.number AS subject, format('captured, claimed, refunded, disputed:'
        ' the payment %s, its shares %s', whole, parts) AS detail
    FROM payment
    JOIN orders ON orders.id = payment.order_id
    LEFT JOIN (
        SELECT payment_id, ROW(sum(captured_minor), sum(refund_claimed_minor),
            sum(refunded_minor), sum(disputed_minor))::text AS parts
        FROM payment_allocation GROUP BY payment_id
    ) shared ON shared.payment_id = payment.id
    CROSS JOIN LATERAL (SELECT ROW(captured_minor, refund_claimed_minor, refunded_minor,
        disputed_minor)::text AS whole) own
    WHERE whole IS DISTINCT FROM parts
"""

_SHARES = f"""
    SELECT sub_order.number AS subject, format('claimed %s and refunded %s, its refunds say %s'
        ' and %s', refund_claimed_minor, refunded_minor, coalesce(claimed, 0),
        coalesce(succeeded, 0)) AS detail
    FROM payment_allocation allocation
    JOIN sub_order ON sub_order.id = allocation.sub_order_id
    LEFT JOIN (
        SELECT line.sub_order_id,
            sum(line.gross_minor) FILTER (WHERE refund.state IN {_OPEN}) AS claimed,
            sum(line.gross_minor) FILTER (WHERE refund.state IN ('succeeded', 'settled'))
                AS succeeded
        FROM refund_line line JOIN refund ON refund.id = line.refund_id GROUP BY line.sub_order_id
    ) refunded ON refunded.sub_order_id = sub_order.id
    WHERE refund_claimed_minor <> coalesce(claimed, 0) OR refunded_minor <> coalesce(succeeded, 0)
        OR refund_claimed_minor + refunded_minor > captured_minor
        OR refunded_minor + disputed_minor > captured_minor
"""

_REFUND = """
    SELECT refund.id::text AS subject,
        format('refund of %s, its lines %s', amount_minor, coalesce(gross, 0)) AS detail
    FROM refund LEFT JOIN (
        SELECT refund_id, sum(gross_minor) AS gross FROM refund_line GROUP BY refund_id
    ) line ON line.refund_id = refund.id
    WHERE amount_minor <> coalesce(gross, 0)
"""

CHECKS = (
    Check(
        "payments-count-what-happened",
        "Captured is the sum of captures; refunded and claimed of refunds, within captured.",
        _COUNTERS,
    ),
    Check(
        "shares-add-up-to-the-payment",
        "What is captured, claimed and refunded of a payment is that of its sub-orders.",
        _ALLOCATIONS,
    ),
    Check(
        "shares-count-their-refunds",
        "A sub-order has back what its refunds say, and never more than it was paid.",
        _SHARES,
    ),
    Check("refunds-add-up", "A refund is the sum of its lines.", _REFUND),
)
