"""A shelf has less than was promised: its line is sent from elsewhere, else paid back.

The shelf itself comes first, if it was filled again, then the vendor's own other locations, then
other vendors. How much is missing is read anew under the order's lock, so hearing the same news
twice, or beside itself, does it once.
"""

from datetime import datetime
from uuid import UUID

from marketplace.inventory import committing, reserving
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection
from marketplace.orders import giving_up, locking, own_places, parcels, taking_off
from marketplace.orders.events import SubOrderRelocated
from marketplace.orders.models import OrderLine, SubOrder
from marketplace.outbox import recording
from marketplace.outbox.routes import Received

REASON = "It was out of stock at the seller"

# An unpaid order is left out: its payment takes stock again, or gives the order up.
_SHORT = """
    SELECT short, stock_id, consumed FROM reservation
    WHERE line_id = $1 AND state = 'committed' AND short > 0
"""
# What the customer is being asked about waits for the answer.
_ASKED = """
    SELECT coalesce(sum(units), 0)::int FROM substitution
    WHERE line_id = $1 AND state = 'proposed'
"""
_VARIANT = "SELECT variant_id FROM offer WHERE id = $1"
_MOVE_LINE = """
    UPDATE order_line SET location_id = (SELECT location_id FROM stock WHERE id = $2) WHERE id = $1
"""


async def on_stock_short(event: Received, *, now: datetime) -> None:
    """Find the missing units of a line elsewhere, or cancel them and give their money back."""
    sub_orders = await locking.lock_sub_orders(event.id_of("order_id"))
    [sub_order] = [part for part in sub_orders if part.id == event.id_of("sub_order_id")]
    lines = await OrderLine.filter(sub_order_id=sub_order.id).order_by("id")
    [line] = [line for line in lines if line.id == event.id_of("line_id")]
    packed = await parcels.packed_units(sub_order.order_id)
    free = taking_off.free_units(lines, packed)[line.id]
    variant_id = await connection().fetchval(_VARIANT, line.offer_id)
    await committing.lock(line_ids=[line.id], variant_ids=[variant_id])
    await reserving.take_again([line.id])
    short = await connection().fetchrow(_SHORT, line.id)
    asked = await connection().fetchval(_ASKED, line.id)
    missing = min(short["short"] - asked, free) if short else 0
    if missing <= 0:
        return
    is_untouched = not short["consumed"] and not asked and free == line.live
    if is_untouched and await _relocate(sub_order, line, short["stock_id"], now):
        return
    await giving_up.give_up(sub_order, {line.id: missing}, reason=REASON, by=SYSTEM, now=now)


async def _relocate(sub_order: SubOrder, line: OrderLine, stock_id: UUID, now: datetime) -> bool:
    """Serve the line, whole, from another location of its vendor that can send it now."""
    taken = await own_places.find(
        offer_id=line.offer_id, order_id=sub_order.order_id, units=line.live,
        unit_price_minor=line.unit_price_minor, now=now, leave_out=stock_id, sells_ahead=False,
    )  # fmt: skip
    if taken is None:
        return False
    await committing.shift(line_id=line.id, stock_id=taken)
    await connection().execute(_MOVE_LINE, line.id, taken)
    event = SubOrderRelocated(
        order_id=sub_order.order_id, sub_order_id=sub_order.id, line_id=line.id, stock_id=taken
    )
    await recording.record([event], now=now)
    return True
