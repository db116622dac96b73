"""The life of a sub-order and of a shipment."""

from enum import StrEnum

from marketplace.kit.states import StateMachine


class SubOrderState(StrEnum):
    PENDING = "pending"
    AWAITING_ACCEPTANCE = "awaiting_acceptance"
    ACCEPTED = "accepted"
    PARTLY_SHIPPED = "partly_shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    REFUSED = "refused"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class SubOrderMove(StrEnum):
    RELEASE = "release"
    ACCEPT = "accept"
    REFUSE = "refuse"
    EXPIRE = "expire"
    CANCEL = "cancel"
    SHIP_PART = "ship_part"
    SHIP_REST = "ship_rest"
    DELIVER = "deliver"


SUB_ORDER = StateMachine(
    "sub-order",
    start=SubOrderState.PENDING,
    moves={
        SubOrderState.PENDING: {
            SubOrderMove.RELEASE: SubOrderState.AWAITING_ACCEPTANCE,
            SubOrderMove.CANCEL: SubOrderState.CANCELLED,
        },
        SubOrderState.AWAITING_ACCEPTANCE: {
            SubOrderMove.ACCEPT: SubOrderState.ACCEPTED,
            SubOrderMove.REFUSE: SubOrderState.REFUSED,
            SubOrderMove.EXPIRE: SubOrderState.EXPIRED,
        },
        SubOrderState.ACCEPTED: {
            SubOrderMove.SHIP_PART: SubOrderState.PARTLY_SHIPPED,
            SubOrderMove.SHIP_REST: SubOrderState.SHIPPED,
        },
        SubOrderState.PARTLY_SHIPPED: {
            SubOrderMove.SHIP_PART: SubOrderState.PARTLY_SHIPPED,
            SubOrderMove.SHIP_REST: SubOrderState.SHIPPED,
        },
        SubOrderState.SHIPPED: {SubOrderMove.DELIVER: SubOrderState.DELIVERED},
    },
)


class ShipmentState(StrEnum):
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"


class ShipmentMove(StrEnum):
    DELIVER = "deliver"


SHIPMENT = StateMachine(
    "shipment",
    start=ShipmentState.IN_TRANSIT,
    moves={ShipmentState.IN_TRANSIT: {ShipmentMove.DELIVER: ShipmentState.DELIVERED}},
)
