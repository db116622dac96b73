"""What a vendor is late with goes to another one, as the policy says; else it stays."""

from datetime import datetime

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection
from marketplace.orders import held, locking, parcels, rerouting, taking_off
from marketplace.orders.events import SubOrderHandedOn
from marketplace.orders.expiring import REASON as UNANSWERED
from marketplace.orders.models import OrderLine
from marketplace.orders.states import SubOrderMove
from marketplace.outbox import recording
from marketplace.outbox.routes import Received
from marketplace.sla.models import ClockKind

UNSENT = "The seller did not send it in time"

# What was answered or sent meanwhile, though late, is its vendor's again.
_MISSED = """
    SELECT kind FROM sla_clock
    WHERE id = $1 AND met_at IS NULL AND void_at IS NULL AND superseded_at IS NULL
"""
_ASKED = """
    SELECT EXISTS (SELECT 1 FROM substitution WHERE sub_order_id = $1 AND state = 'proposed')
"""


async def on_reroute_due(event: Received, *, now: datetime) -> None:
    """Give all that is in no parcel to vendors that can send all of it, at no cost to the customer.

    Where none can the vendor keeps it and may still send it: unlike a refusal this takes nothing
    off the order. What is on hold, or the customer is being asked about, is let alone, and a line
    of which money went back stays; a later action of the policy may ask again.
    """
    sub_orders = await locking.lock_sub_orders(event.id_of("order_id"))
    [sub_order] = [part for part in sub_orders if part.id == event.id_of("sub_order_id")]
    clock_id = event.id_of("clock_id")
    kind = await connection().fetchval(_MISSED, clock_id)
    if kind is None or await held.among([sub_order.id]):
        return
    if await connection().fetchval(_ASKED, sub_order.id):
        return
    lines = await OrderLine.filter(sub_order_id=sub_order.id).order_by("id")
    free = taking_off.free_units(lines, await parcels.packed_units(sub_order.order_id))
    units = {line.id: free[line.id] for line in lines if free[line.id] and not line.refunded_minor}
    step = taking_off.step_of(sub_order, lines, units)
    reason = UNANSWERED if kind == ClockKind.ACCEPT_BY else UNSENT
    left = await rerouting.send_elsewhere(
        sub_order=sub_order, units=units, whole=step is SubOrderMove.CANCEL, in_part=False,
        reason=reason, now=now,
    )  # fmt: skip
    if left or not units:
        return
    if step is not SubOrderMove.CANCEL_PART:
        lines = await OrderLine.filter(sub_order_id=sub_order.id).order_by("id")
        await taking_off.take_off(sub_order, lines, {}, by=SYSTEM, now=now, reason=reason)
    told = SubOrderHandedOn(
        order_id=sub_order.order_id, sub_order_id=sub_order.id, clock_id=clock_id
    )
    await recording.record([told], now=now)
