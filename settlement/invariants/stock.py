"""Stock: what is promised is on the shelf, and what left the shelf was shipped."""

from settlement.invariants.check import Check

_RESERVED = """
    SELECT stock.id::text AS subject, format('on hand %s, reserved %s, open reservations %s',
        on_hand, reserved, coalesce(open.quantity, 0)) AS detail
    FROM stock
    LEFT JOIN (
        SELECT stock_id, sum(quantity) AS quantity FROM reservation
        WHERE state IN ('held', 'committed') GROUP BY stock_id
    ) open ON open.stock_id = stock.id
    WHERE reserved <> coalesce(open.quantity, 0)
        OR NOT (0 <= reserved AND reserved <= on_hand + backorder_limit)
"""

_LIVE = """
    SELECT sub_order.number || ' line ' || line.position AS subject,
        format('%s live units wait, %s reserved, %s short', live.waiting,
            coalesce(reservation.quantity, 0), coalesce(reservation.short, 0)) AS detail
    FROM order_line line
    JOIN sub_order ON sub_order.id = line.sub_order_id
        AND sub_order.state IN ('pending', 'awaiting_acceptance', 'accepted', 'partly_shipped')
    CROSS JOIN LATERAL (SELECT line.quantity - refused - cancelled - shipped AS waiting) live
    LEFT JOIN reservation ON reservation.line_id = line.id
    WHERE live.waiting <> coalesce(reservation.quantity + reservation.short, 0)
        -- Not paid for in time, so others may have it; its deadline ends the order in a moment.
        AND NOT (sub_order.state = 'pending' AND reservation.state = 'expired')
"""

_CONSUMED = """
    SELECT sub_order.number || ' line ' || line.position AS subject,
        format('shipped %s, taken from the shelf %s', line.shipped,
            coalesce(reservation.consumed, 0)) AS detail
    FROM order_line line
    JOIN sub_order ON sub_order.id = line.sub_order_id
    LEFT JOIN reservation ON reservation.line_id = line.id
    WHERE line.shipped <> coalesce(reservation.consumed, 0)
"""

_MOVED = """
    SELECT stock.id::text AS subject,
        format('on hand %s, its movements say %s', on_hand, coalesce(moved.units, 0)) AS detail
    FROM stock
    LEFT JOIN (
        SELECT stock_id, sum(delta) AS units FROM stock_movement GROUP BY stock_id
    ) moved ON moved.stock_id = stock.id
    WHERE on_hand <> coalesce(moved.units, 0)
"""

CHECKS = (
    Check(
        "stock-is-never-oversold",
        "Reserved stock is the sum of its open reservations, never more than may be sold.",
        _RESERVED,
    ),
    Check(
        "live-units-are-reserved",
        "Every live unit that waits is reserved, or known to be short.",
        _LIVE,
    ),
    Check("shelf-and-parcels-agree", "What was shipped is what left the shelf.", _CONSUMED),
    Check("movements-add-up", "What is on hand is the sum of its movements.", _MOVED),
)
