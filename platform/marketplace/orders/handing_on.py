"""What a vendor is late with goes to another one, as the policy says; else it stays."""

from datetime import datetime

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection
from marketplace.orders import locking, parcels, rerouting, taking_off
from marketplace.orders.models import OrderLine
from marketplace.orders.states import TO_SEND, SubOrderMove, SubOrderState
from marketplace.outbox.routes import Received

REASON = "The seller did not answer or send it in time"

_MOVABLE = (SubOrderState.AWAITING_ACCEPTANCE, *TO_SEND)
_ASKED = """
    SELECT EXISTS (SELECT 1 FROM substitution WHERE sub_order_id = $1 AND state = 'proposed')
"""


async def on_reroute_due(event: Received, *, now: datetime) -> None:
    """Give all that is in no parcel to vendors that can send all of it, at no cost to the customer.

    Where none can, or the customer is being asked about it, the vendor keeps it and may still send
    it: unlike a refusal this takes nothing off the order.
    """
    sub_orders = await locking.lock_sub_orders(event.id_of("order_id"))
    [sub_order] = [part for part in sub_orders if part.id == event.id_of("sub_order_id")]
    if sub_order.state not in _MOVABLE or await connection().fetchval(_ASKED, sub_order.id):
        return
    lines = await OrderLine.filter(sub_order_id=sub_order.id).order_by("id")
    packed = await parcels.packed_units(sub_order.order_id)
    units = {line: free for line, free in taking_off.free_units(lines, packed).items() if free}
    if not units:
        return
    step = taking_off.step_of(sub_order, lines, units)
    left = await rerouting.send_elsewhere(
        sub_order=sub_order, units=units, whole=step is SubOrderMove.CANCEL, in_part=False,
        reason=REASON, now=now,
    )  # fmt: skip
    if not left and step is not SubOrderMove.CANCEL_PART:
        lines = await OrderLine.filter(sub_order_id=sub_order.id).order_by("id")
        await taking_off.take_off(sub_order, lines, {}, by=SYSTEM, now=now, reason=REASON)
