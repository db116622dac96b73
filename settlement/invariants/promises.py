"""Nothing reaches a vendor before it is paid and free, and one key has one effect."""

from settlement.invariants.check import Check

_RELEASED = """
    SELECT sub_order.number AS subject,
        format('%s, released %s, %s of %s captured', state, coalesce(released_at::text, 'never'),
            coalesce(captured_minor, 0), sub_order.total_minor) AS detail
    FROM sub_order LEFT JOIN payment_allocation allocation
        ON allocation.sub_order_id = sub_order.id
    WHERE (state NOT IN ('pending', 'cancelled') AND released_at IS NULL)
        OR (state = 'pending' AND released_at IS NOT NULL)
        OR (released_at IS NOT NULL AND coalesce(captured_minor, 0) < sub_order.total_minor)
"""

_UNHELD = """
    SELECT concat_ws(' ', orders.number, sub_order.number) AS subject,
        format('released %s, and a %s hold of %s was open', sub_order.released_at, hold.kind,
            hold.placed_at) AS detail
    FROM order_hold hold JOIN orders ON orders.id = hold.order_id
    JOIN sub_order ON sub_order.order_id = hold.order_id
        AND (hold.sub_order_id IS NULL OR hold.sub_order_id = sub_order.id)
    WHERE hold.placed_at < sub_order.released_at
        AND (hold.released_at IS NULL OR hold.released_at > sub_order.released_at)
"""

_STANDING = """
    SELECT concat_ws(' ', orders.number, hold.kind) AS subject,
        CASE WHEN hold.released_at IS NULL THEN 'it is held, and its deadlines run'
            ELSE 'its hold has ended, and its deadlines stand still' END AS detail
    FROM order_hold hold JOIN orders ON orders.id = hold.order_id
    LEFT JOIN sla_pause pause ON pause.reference = hold.id AND pause.cause = 'hold'
        AND pause.resumed_at IS NULL
    WHERE (hold.released_at IS NULL) <> (pause.id IS NOT NULL)
    UNION ALL
    SELECT orders.number, 'its deadlines stand still for a hold that is none'
    FROM sla_pause pause JOIN orders ON orders.id = pause.order_id
    WHERE pause.cause = 'hold' AND pause.resumed_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM order_hold WHERE order_hold.id = pause.reference)
"""

_HELD = """
    SELECT sub_order.number || ' line ' || line.position AS subject,
        format('the vendor may ship it, its stock is only %s', reservation.state) AS detail
    FROM sub_order
    JOIN order_line line ON line.sub_order_id = sub_order.id
    JOIN reservation ON reservation.line_id = line.id
    WHERE sub_order.state <> 'pending' AND reservation.state = 'held'
"""

_KEYS = """
    SELECT concat_ws(' ', operation, result_id) AS subject,
        format('%s keys name it: %s', count(*), string_agg(key, ', ' ORDER BY key)) AS detail
    FROM idempotency_record WHERE operation IN
        ('place_order', 'ship', 'pack', 'ready_for_pickup', 'refund')
    GROUP BY operation, result_id HAVING count(*) > 1
    UNION ALL
    SELECT concat_ws(' ', operation, key), format('what it made, %s, does not exist', result_id)
    FROM idempotency_record WHERE NOT CASE operation
        WHEN 'place_order' THEN EXISTS (SELECT 1 FROM orders WHERE orders.id = result_id)
        WHEN 'ship' THEN EXISTS (SELECT 1 FROM shipment WHERE shipment.id = result_id)
        WHEN 'pack' THEN EXISTS (SELECT 1 FROM shipment WHERE shipment.id = result_id)
        WHEN 'ready_for_pickup'
            THEN EXISTS (SELECT 1 FROM shipment WHERE shipment.id = result_id)
        WHEN 'refund' THEN EXISTS (SELECT 1 FROM refund WHERE refund.id = result_id)
        ELSE true END
"""

_ATTEMPTS = """
    SELECT orders.number AS subject, format('%s attempts took the money', count(*)) AS detail
    FROM capture
    JOIN payment ON payment.id = capture.payment_id
    JOIN orders ON orders.id = payment.order_id
    GROUP BY orders.number HAVING count(*) > 1
    UNION ALL
    SELECT orders.number, format('money of attempt %s, which is %s', attempt.id, attempt.state)
    FROM capture
    JOIN payment_attempt attempt ON attempt.id = capture.attempt_id
    JOIN orders ON orders.id = capture.order_id
    WHERE attempt.state <> 'captured'
"""

CHECKS = (
    Check(
        "nothing-is-released-unpaid",
        "A vendor sees a sub-order only after its payment covers it.",
        _RELEASED,
    ),
    Check(
        "nothing-is-released-while-held",
        "A vendor sees a sub-order only after every hold that came before has ended.",
        _UNHELD,
    ),
    Check(
        "held-orders-stand-still",
        "An order's deadlines stand still for a hold exactly while that is open.",
        _STANDING,
    ),
    Check("released-stock-is-committed", "What a vendor may ship is committed stock.", _HELD),
    Check(
        "one-key-one-effect",
        "One key has made one order, shipment or refund, and that exists.",
        _KEYS,
    ),
    Check(
        "an-order-is-paid-once",
        "An order's money was taken once, by an attempt that knows it.",
        _ATTEMPTS,
    ),
)
