"""The life of a sub-order and of a shipment."""

from enum import StrEnum

from marketplace.kit.states import StateMachine


class SubOrderState(StrEnum):
    PENDING = "pending"
    AWAITING_ACCEPTANCE = "awaiting_acceptance"
    ACCEPTED = "accepted"
    PREPARING = "preparing"
    READY = "ready"
    PARTLY_SHIPPED = "partly_shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CLOSED = "closed"
    REFUSED = "refused"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class SubOrderMove(StrEnum):
    """CANCEL ends it, CANCEL_PART leaves something to send, CANCEL_REST what has left already.

    Of units that were lost or came back: RESHIP sends them again, nothing else being out of the
    door, RESHIP_PART when something is; WRITE_OFF gives up all that was out, WRITE_OFF_PART some.
    """

    RELEASE = "release"
    ACCEPT = "accept"
    REFUSE = "refuse"
    EXPIRE = "expire"
    PREPARE = "prepare"
    MAKE_READY = "make_ready"
    SHIP_PART = "ship_part"
    SHIP_REST = "ship_rest"
    CANCEL_PART = "cancel_part"
    CANCEL_REST = "cancel_rest"
    CANCEL = "cancel"
    RESHIP_PART = "reship_part"
    RESHIP = "reship"
    WRITE_OFF_PART = "write_off_part"
    WRITE_OFF = "write_off"
    DELIVER = "deliver"
    CLOSE = "close"


_SHIP = {
    SubOrderMove.SHIP_PART: SubOrderState.PARTLY_SHIPPED,
    SubOrderMove.SHIP_REST: SubOrderState.SHIPPED,
}


def _cancel(state: SubOrderState) -> dict[SubOrderMove, SubOrderState]:
    return {SubOrderMove.CANCEL_PART: state, SubOrderMove.CANCEL: SubOrderState.CANCELLED}


SUB_ORDER = StateMachine(
    "sub-order",
    start=SubOrderState.PENDING,
    moves={
        # In part only what is paid for and held: an unpaid order is cancelled whole.
        SubOrderState.PENDING: {
            SubOrderMove.RELEASE: SubOrderState.AWAITING_ACCEPTANCE,
            **_cancel(SubOrderState.PENDING),
        },
        SubOrderState.AWAITING_ACCEPTANCE: {
            SubOrderMove.ACCEPT: SubOrderState.ACCEPTED,
            SubOrderMove.REFUSE: SubOrderState.REFUSED,
            SubOrderMove.EXPIRE: SubOrderState.EXPIRED,
            **_cancel(SubOrderState.AWAITING_ACCEPTANCE),
        },
        SubOrderState.ACCEPTED: {
            SubOrderMove.PREPARE: SubOrderState.PREPARING,
            **_SHIP,
            **_cancel(SubOrderState.ACCEPTED),
        },
        SubOrderState.PREPARING: {
            SubOrderMove.MAKE_READY: SubOrderState.READY,
            **_SHIP,
            **_cancel(SubOrderState.PREPARING),
        },
        SubOrderState.READY: {**_SHIP, **_cancel(SubOrderState.READY)},
        SubOrderState.PARTLY_SHIPPED: {
            **_SHIP,
            SubOrderMove.CANCEL_PART: SubOrderState.PARTLY_SHIPPED,
            SubOrderMove.CANCEL_REST: SubOrderState.SHIPPED,
            SubOrderMove.RESHIP_PART: SubOrderState.PARTLY_SHIPPED,
            SubOrderMove.RESHIP: SubOrderState.PREPARING,
            SubOrderMove.WRITE_OFF_PART: SubOrderState.PARTLY_SHIPPED,
            SubOrderMove.WRITE_OFF: SubOrderState.PREPARING,
        },
        SubOrderState.SHIPPED: {
            SubOrderMove.DELIVER: SubOrderState.DELIVERED,
            SubOrderMove.RESHIP_PART: SubOrderState.PARTLY_SHIPPED,
            SubOrderMove.RESHIP: SubOrderState.PREPARING,
            SubOrderMove.WRITE_OFF_PART: SubOrderState.SHIPPED,
            SubOrderMove.WRITE_OFF: SubOrderState.CANCELLED,
        },
        SubOrderState.DELIVERED: {SubOrderMove.CLOSE: SubOrderState.CLOSED},
    },
)
# Of it something is still to be sent.
TO_SEND = (
    SubOrderState.ACCEPTED, SubOrderState.PREPARING, SubOrderState.READY,
    SubOrderState.PARTLY_SHIPPED,
)  # fmt: skip


class ShipmentState(StrEnum):
    CREATED = "created"
    LABELLED = "labelled"
    HANDED_OVER = "handed_over"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    EXCEPTION = "exception"
    DELIVERED = "delivered"
    LOST = "lost"
    RETURNED_TO_SENDER = "returned_to_sender"
    READY_FOR_PICKUP = "ready_for_pickup"
    COLLECTED = "collected"
    CANCELLED = "cancelled"


class ShipmentMove(StrEnum):
    LABEL = "label"
    HAND_OVER = "hand_over"
    TRAVEL = "travel"
    GO_OUT = "go_out"
    HIT_TROUBLE = "hit_trouble"
    DELIVER = "deliver"
    LOSE = "lose"
    SEND_BACK = "send_back"
    MAKE_READY = "make_ready"
    COLLECT = "collect"
    CANCEL = "cancel"


_ENDS = {
    ShipmentMove.DELIVER: ShipmentState.DELIVERED,
    ShipmentMove.LOSE: ShipmentState.LOST,
    ShipmentMove.SEND_BACK: ShipmentState.RETURNED_TO_SENDER,
}
SHIPMENT = StateMachine(
    "shipment",
    start=ShipmentState.CREATED,
    moves={
        ShipmentState.CREATED: {
            ShipmentMove.LABEL: ShipmentState.LABELLED,
            ShipmentMove.HAND_OVER: ShipmentState.HANDED_OVER,
            ShipmentMove.MAKE_READY: ShipmentState.READY_FOR_PICKUP,
            ShipmentMove.CANCEL: ShipmentState.CANCELLED,
        },
        ShipmentState.LABELLED: {
            ShipmentMove.HAND_OVER: ShipmentState.HANDED_OVER,
            ShipmentMove.CANCEL: ShipmentState.CANCELLED,
        },
        ShipmentState.HANDED_OVER: {
            ShipmentMove.TRAVEL: ShipmentState.IN_TRANSIT,
            ShipmentMove.GO_OUT: ShipmentState.OUT_FOR_DELIVERY,
            ShipmentMove.HIT_TROUBLE: ShipmentState.EXCEPTION,
            **_ENDS,
        },
        ShipmentState.IN_TRANSIT: {
            ShipmentMove.GO_OUT: ShipmentState.OUT_FOR_DELIVERY,
            ShipmentMove.HIT_TROUBLE: ShipmentState.EXCEPTION,
            **_ENDS,
        },
        ShipmentState.OUT_FOR_DELIVERY: {
            ShipmentMove.HIT_TROUBLE: ShipmentState.EXCEPTION,
            **_ENDS,
        },
        ShipmentState.EXCEPTION: {
            ShipmentMove.TRAVEL: ShipmentState.IN_TRANSIT,
            ShipmentMove.GO_OUT: ShipmentState.OUT_FOR_DELIVERY,
            **_ENDS,
        },
        # Declared lost, and found before anybody decided what to do.
        ShipmentState.LOST: {ShipmentMove.DELIVER: ShipmentState.DELIVERED},
        ShipmentState.READY_FOR_PICKUP: {
            ShipmentMove.COLLECT: ShipmentState.COLLECTED,
            ShipmentMove.CANCEL: ShipmentState.CANCELLED,
        },
    },
)
PACKED = (ShipmentState.CREATED, ShipmentState.LABELLED, ShipmentState.READY_FOR_PICKUP)
UNDER_WAY = (
    ShipmentState.HANDED_OVER, ShipmentState.IN_TRANSIT, ShipmentState.OUT_FOR_DELIVERY,
    ShipmentState.EXCEPTION,
)  # fmt: skip
ARRIVED = (ShipmentState.DELIVERED, ShipmentState.COLLECTED)
GONE = (ShipmentState.LOST, ShipmentState.RETURNED_TO_SENDER)
