"""While a customer's bank asks for its money back, nothing more of the order is sent.

What a dispute says is read when its news is worked off, so the order of the news does not matter.
"""

from datetime import datetime

from marketplace.kit.principal import SYSTEM
from marketplace.orders import locking, placing_hold, substituting
from marketplace.orders.errors import NothingToDo
from marketplace.orders.hold_models import HoldKind, OrderHold
from marketplace.outbox.routes import Received
from settlement.disputes.models import Dispute, DisputeState
from settlement.disputes.states import OPEN

QUESTIONED = OPEN | {DisputeState.LOST}

REASON = (
    "The customer's bank disputes the payment. Send nothing before it is decided; if it is lost, "
    "cancel what was not sent."
)
DECIDED = "The bank has left the payment with us."


async def keep_back(event: Received, *, now: datetime) -> None:
    """Hold the order of a dispute that is open or lost; let it go on when none of it is.

    Asked when a dispute moves, and when something is to be sent again. An order of which nothing is
    left to send is let alone, and so is a hold that a person placed. What a person released is held
    again when the dispute is lost. What its customer is being asked is taken back: a substitute's
    difference cannot be paid back meanwhile.
    """
    order_id = event.id_of("order_id")
    await locking.lock_order(order_id)
    disputes = await Dispute.filter(order_id=order_id)
    if any(dispute.state in QUESTIONED for dispute in disputes):
        try:
            await placing_hold.hold(
                principal=SYSTEM, order_id=order_id, kind=HoldKind.PAYMENT, reason=REASON, now=now
            )
        except NothingToDo:
            return
        await substituting.withdraw_all(order_id=order_id, by=SYSTEM, now=now)
    else:
        ours = await OrderHold.filter(
            order_id=order_id, sub_order_id=None, kind=HoldKind.PAYMENT, placed_by=SYSTEM.key,
            released_at=None,
        )  # fmt: skip
        for hold in ours:
            await placing_hold.lift(hold, note=DECIDED, by=SYSTEM, now=now)
