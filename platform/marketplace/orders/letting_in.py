"""Vendors may see what is paid for and held by nothing, and their accept-by clocks start."""

from datetime import datetime

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection
from marketplace.orders import held, moving
from marketplace.orders.events import SubOrderReleased
from marketplace.orders.models import SubOrder
from marketplace.orders.states import SubOrderMove
from marketplace.sla import starting
from marketplace.sla.models import ClockKind
from marketplace.sla.starting import Wanted

_RELEASED_AT = "UPDATE sub_order SET released_at = $2 WHERE id = ANY($1)"


async def let_in(pending: list[SubOrder], *, now: datetime) -> None:
    """Show paid sub-orders of one locked order to their vendors; their answers are awaited.

    What is held stays unseen, until `releasing.release_freed` brings it here once more.
    """
    on_hold = await held.among([part.id for part in pending])
    free = [part for part in pending if part.id not in on_hold]
    if not free:
        return
    await moving.move(
        free,
        SubOrderMove.RELEASE,
        tell=lambda part: SubOrderReleased(order_id=part.order_id, sub_order_id=part.id),
        by=SYSTEM,
        now=now,
    )
    await connection().execute(_RELEASED_AT, [part.id for part in free], now)
    answers = [
        Wanted(
            kind=ClockKind.ACCEPT_BY,
            sub_order_id=part.id,
            order_id=part.order_id,
            vendor_id=part.vendor_id,
        )
        for part in free
    ]
    await starting.start(answers, now=now)
