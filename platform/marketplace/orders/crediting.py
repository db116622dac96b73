"""A missed deadline gives the customer something back, as its policy says."""

from datetime import datetime
from uuid import UUID

from marketplace.kit.money import split
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection
from marketplace.orders import locking, refunding
from marketplace.orders.models import OrderLine
from marketplace.outbox.routes import Received

REASON = "For the delay"

_IS_DISPUTED = "SELECT disputed_minor > 0 FROM payment_allocation WHERE sub_order_id = $1"
_RUN = "SELECT order_id, amount_minor FROM sla_action_run WHERE id = $1"


async def on_credit_due(event: Received, *, now: datetime) -> None:
    """Refund the credit by amounts of the lines, once; less if less is left of them.

    Nothing where a bank has asked for the money: it decides what the customer gets.
    """
    run_id = event.id_of("run_id")
    run = await connection().fetchrow(_RUN, run_id)
    await locking.lock_order(run["order_id"])
    if await connection().fetchval(_IS_DISPUTED, event.id_of("sub_order_id")):
        return
    amounts = await _amounts(event.id_of("sub_order_id"), run["amount_minor"])
    if not amounts:
        return
    await refunding.request(
        principal=SYSTEM,
        order_id=run["order_id"],
        units={},
        shipping_of=[],
        amounts=amounts,
        reason=REASON,
        key=f"sla:{run_id}",
        now=now,
    )


async def _amounts(sub_order_id: UUID, credit_minor: int) -> dict[UUID, int]:
    """Over the lines by what is left of each: no line gives more than it has."""
    lines = await OrderLine.filter(sub_order_id=sub_order_id).order_by("id")
    left = {
        line.id: line.gross_minor - line.refunded_minor
        for line in lines
        if line.refunded < line.quantity and line.gross_minor > line.refunded_minor
    }
    credit = min(credit_minor, sum(left.values()))
    if credit == 0:
        return {}
    shares = zip(left, split(credit, list(left.values())), strict=True)
    return {line_id: minor for line_id, minor in shares if minor}
