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
    WHERE reserved <> coalesce(open.quantity, 0) OR NOT (0 <= reserved AND reserved <= on_hand)
"""

_LIVE = """
    SELECT sub_order.number || ' line ' || line.position AS subject,
        format('%s live units wait, %s reserved', live.waiting, coalesce(reservation.quantity, 0))
            AS detail
    FROM order_line line
    JOIN sub_order ON sub_order.id = line.sub_order_id
        AND sub_order.state IN ('pending', 'awaiting_acceptance', 'accepted', 'preparing', 'ready',
            'partly_shipped')
    CROSS JOIN LATERAL (SELECT line.quantity - refused - cancelled - shipped AS waiting) live
    LEFT JOIN reservation ON reservation.line_id = line.id
    WHERE live.waiting <> coalesce(reservation.quantity, 0)
"""

_CONSUMED = """
    SELECT sub_order.number || ' line ' || line.position AS subject,
        format('shipped %s and given up for lost %s, taken from the shelf %s', line.shipped,
            coalesce(gone.units, 0), coalesce(reservation.consumed, 0)) AS detail
    FROM order_line line
    JOIN sub_order ON sub_order.id = line.sub_order_id
    LEFT JOIN reservation ON reservation.line_id = line.id
    LEFT JOIN (
        SELECT line_id, sum(quantity) AS units
        FROM shipment_line JOIN shipment ON shipment.id = shipment_line.shipment_id
        WHERE shipment.resolution IS NOT NULL GROUP BY line_id
    ) gone ON gone.line_id = line.id
    WHERE line.shipped + coalesce(gone.units, 0) <> coalesce(reservation.consumed, 0)
"""

CHECKS = (
    Check(
        "stock-is-never-oversold",
        "Reserved stock is the sum of its open reservations and never more than is on hand.",
        _RESERVED,
    ),
    Check("live-units-are-reserved", "Every live unit that waits is reserved.", _LIVE),
    Check("shelf-and-parcels-agree", "What was shipped is what left the shelf.", _CONSUMED),
)
