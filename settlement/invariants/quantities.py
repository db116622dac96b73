"""Units keep their chain, and what is finished holds nothing back."""

from settlement.invariants.check import Check

_PARCELS = """
    SELECT sub_order.number || ' line ' || line.position AS subject,
        format('shipped %s and delivered %s, its parcels hold %s and %s', line.shipped,
            line.delivered, coalesce(parcels.shipped, 0), coalesce(parcels.delivered, 0)) AS detail
    FROM order_line line
    JOIN sub_order ON sub_order.id = line.sub_order_id
    LEFT JOIN (
        SELECT line_id, sum(quantity) AS shipped,
            sum(quantity) FILTER (WHERE shipment.delivered_at IS NOT NULL) AS delivered
        FROM shipment_line JOIN shipment ON shipment.id = shipment_line.shipment_id
        WHERE shipment.shipped_at IS NOT NULL AND shipment.resolution IS NULL
        GROUP BY line_id
    ) parcels ON parcels.line_id = line.id
    WHERE line.shipped <> coalesce(parcels.shipped, 0)
        OR line.delivered <> coalesce(parcels.delivered, 0)
        OR NOT (line.quantity - refused - cancelled >= line.shipped
            AND line.shipped >= line.delivered)
"""

_STATES = """
    SELECT sub_order.number AS subject, format('%s with %s live, %s shipped, %s delivered units',
        state, live, shipped, delivered) AS detail
    FROM sub_order JOIN (
        SELECT sub_order_id, sum(quantity - refused - cancelled) AS live, sum(shipped) AS shipped,
            sum(delivered) AS delivered
        FROM order_line GROUP BY sub_order_id
    ) line ON line.sub_order_id = sub_order.id
    WHERE NOT CASE
            WHEN state IN ('pending', 'awaiting_acceptance', 'accepted', 'preparing', 'ready')
                THEN live > 0 AND shipped = 0
            WHEN state = 'partly_shipped' THEN 0 < shipped AND shipped < live
            WHEN state = 'shipped' THEN live > 0 AND shipped = live AND delivered < live
            WHEN state IN ('delivered', 'closed') THEN live > 0 AND delivered = live
            ELSE live = 0 AND shipped = 0 END
        OR shipped_at IS NULL AND state IN ('shipped', 'delivered', 'closed')
        OR (delivered_at IS NOT NULL) <> (state IN ('delivered', 'closed'))
"""

_RESERVATIONS = """
    SELECT sub_order.number || ' line ' || line.position AS subject,
        format('%s, and %s units still %s', sub_order.state, reservation.quantity,
            reservation.state) AS detail
    FROM reservation
    JOIN order_line line ON line.id = reservation.line_id
    JOIN sub_order ON sub_order.id = line.sub_order_id
    WHERE reservation.state IN ('held', 'committed')
        AND sub_order.state IN ('shipped', 'delivered', 'closed', 'refused', 'expired',
            'cancelled')
"""

# A parcel that waits holds units that are live and have not left, each once.
_PACKED = """
    SELECT sub_order.number || ' line ' || line.position AS subject,
        format('%s live, %s shipped, and %s in parcels that wait', line.quantity - refused
            - cancelled, line.shipped, packed.units) AS detail
    FROM order_line line
    JOIN sub_order ON sub_order.id = line.sub_order_id
    JOIN (
        SELECT line_id, sum(quantity) AS units
        FROM shipment_line JOIN shipment ON shipment.id = shipment_line.shipment_id
        WHERE shipment.state IN ('created', 'labelled', 'ready_for_pickup') GROUP BY line_id
    ) packed ON packed.line_id = line.id
    WHERE packed.units > line.quantity - refused - cancelled - line.shipped
"""

_TRACKED = """
    SELECT concat_ws(' ', shipment.carrier, shipment.tracking_number) AS subject,
        format('%s, its history leads to %s', shipment.state, coalesce(last.to_state, 'nothing'))
            AS detail
    FROM shipment
    LEFT JOIN (
        SELECT DISTINCT ON (change.subject_id) change.subject_id, to_state
        FROM state_change change JOIN outbox_event event ON event.id = change.event_id
        WHERE change.subject = 'shipment' ORDER BY change.subject_id, event.seq DESC
    ) last ON last.subject_id = shipment.id
    WHERE coalesce(last.to_state, 'handed_over') <> shipment.state
        AND NOT (last.to_state IS NULL AND shipment.state = 'in_transit')
"""

CHECKS = (
    Check(
        "units-match-their-parcels",
        "Shipped and delivered units are those of the parcels, and live >= shipped >= delivered.",
        _PARCELS,
    ),
    Check(
        "packed-units-wait-once",
        "What is in a parcel that waits for its carrier is live and has not left.",
        _PACKED,
    ),
    Check(
        "parcels-have-histories",
        "A parcel's history ends in the state that it has; one that left at once may have none.",
        _TRACKED,
    ),
    Check("states-match-their-units", "A sub-order's state is what its units say.", _STATES),
    Check(
        "finished-sub-orders-reserve-nothing",
        "A finished sub-order keeps no reservation.",
        _RESERVATIONS,
    ),
)
