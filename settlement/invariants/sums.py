"""Splitting moves rows, it never reprices: an order is the sum of its parts in each component."""

from settlement.invariants.check import Check

_ORDER = """
    SELECT orders.number AS subject,
        format('order %s, its sub-orders %s', whole, coalesce(parts, 'none')) AS detail
    FROM orders
    LEFT JOIN (
        SELECT order_id, ROW(sum(items_minor), sum(discount_minor), sum(shipping_minor),
            sum(tax_minor), sum(total_minor), min(currency), max(currency))::text AS parts
        FROM sub_order GROUP BY order_id
    ) sub ON sub.order_id = orders.id
    CROSS JOIN LATERAL (SELECT ROW(items_minor, discount_minor, shipping_minor, tax_minor,
        total_minor, currency, currency)::text AS whole) own
    WHERE whole IS DISTINCT FROM parts
"""

_SUB_ORDER = """
    SELECT sub_order.number AS subject,
        format('sub-order %s, its lines and shipping %s', whole, coalesce(parts, 'none')) AS detail
    FROM sub_order
    LEFT JOIN (
        SELECT sub_order_id, sum(items_minor) AS items, sum(tax_minor) AS tax,
            sum(discount_platform_minor + discount_vendor_minor) AS discount,
            sum(gross_minor) AS gross
        FROM order_line GROUP BY sub_order_id
    ) line ON line.sub_order_id = sub_order.id
    CROSS JOIN LATERAL (SELECT
        ROW(items_minor, discount_minor, tax_minor, total_minor, shipping_minor)::text AS whole,
        ROW(items, discount, tax + shipping_tax_minor, gross + shipping_gross_minor,
            CASE WHEN tax_inclusive THEN shipping_gross_minor ELSE shipping_net_minor END
        )::text AS parts) both_ways
    WHERE whole <> parts
"""

_LINE = """
    SELECT sub_order.number || ' line ' || line.position AS subject,
        format('items %s, discounts %s and %s, net %s, tax %s, gross %s, funding %s, vendor %s',
            line.items_minor, discount_platform_minor, discount_vendor_minor, net_minor,
            line.tax_minor, gross_minor, funding_minor, vendor_minor) AS detail
    FROM order_line line JOIN sub_order ON sub_order.id = line.sub_order_id
    WHERE line.items_minor - discount_platform_minor - discount_vendor_minor
            <> CASE WHEN tax_inclusive THEN gross_minor ELSE net_minor END
        OR gross_minor + funding_minor
            <> vendor_minor + CASE tax_liable WHEN 'platform' THEN line.tax_minor ELSE 0 END
        OR (line.order_id, line.vendor_id) <> (sub_order.order_id, sub_order.vendor_id)
"""

_PAYMENT = """
    SELECT orders.number AS subject, format('the order costs %s, its payment %s, shared out %s',
        total_minor, coalesce(payment.amount_minor::text, 'missing'), shared) AS detail
    FROM orders
    LEFT JOIN payment ON payment.order_id = orders.id
    LEFT JOIN (
        SELECT payment_id, sum(allocation.amount_minor) AS shared,
            count(*) FILTER (WHERE allocation.amount_minor
                IS DISTINCT FROM sub_order.total_minor) AS wrong
        FROM payment_allocation allocation
        LEFT JOIN sub_order ON sub_order.id = allocation.sub_order_id
        GROUP BY payment_id
    ) allocated ON allocated.payment_id = payment.id
    WHERE payment.id IS NULL OR payment.currency <> orders.currency
        OR payment.amount_minor <> total_minor OR shared IS DISTINCT FROM total_minor OR wrong <> 0
"""

CHECKS = (
    Check(
        "orders-add-up", "An order is the sum of its sub-orders, component by component.", _ORDER
    ),
    Check(
        "sub-orders-add-up",
        "A sub-order is the sum of its lines and its shipping.",
        _SUB_ORDER,
    ),
    Check(
        "lines-add-up",
        "What the customer and the platform pay for a line is what the vendor and the state get.",
        _LINE,
    ),
    Check(
        "payments-cover-orders",
        "A payment asks for what the order costs, and each sub-order's share is its total.",
        _PAYMENT,
    ),
)
