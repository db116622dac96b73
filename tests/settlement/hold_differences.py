"""What a hand in the database may leave of holds."""

from tests.settlement.difference import Difference

_HOLD = (
    "INSERT INTO order_hold (id, order_id, kind, reason, placed_by, placed_at, released_by,"
    " released_at, note) SELECT order_id, order_id, 'manual', 'Look', 'staff', {placed},"
    " {by}, {released}, {by}"
    " FROM sub_order WHERE number LIKE '%-A'"
)

HOLDS = [
    Difference(
        "nothing-is-released-while-held",
        _HOLD.format(
            placed="released_at - interval '1 hour'",
            by="'staff'",
            released="released_at + interval '1 hour'",
        ),
    ),
    Difference(
        "held-orders-stand-still",
        _HOLD.format(placed="released_at + interval '1 hour'", by="NULL", released="NULL"),
    ),
]
