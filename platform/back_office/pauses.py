"""An order's deadlines stopped by hand, and let go again."""

from starlette.requests import Request
from starlette.responses import Response

from marketplace.kit.errors import InvalidInput, NotFound
from marketplace.orders import standing
from marketplace.orders.errors import NothingToDo
from marketplace.sla.models import PauseCause
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of

CAUSES = (
    (PauseCause.CARRIER.value, "the carrier cannot take it"),
    (PauseCause.CUSTOMER.value, "we wait for the customer"),
    (PauseCause.PLATFORM.value, "something of ours is out of order"),
)


async def create(request: Request) -> Response:
    form = await Form.read(request)
    cause = form.choice("cause", [value for value, _ in CAUSES])
    note = form.text("note", longest=200)
    if form.errors:
        notice = "Say what it waits for, and why."
        return see_other(request, _address(request), notice=notice, tone="warn")
    try:
        await standing.pause(
            principal=principal_of(request),
            order_id=request.path_params["order_id"],
            cause=PauseCause(cause),
            note=note,
            now=request.state.now,
        )
    except (InvalidInput, NothingToDo) as refusal:
        return see_other(request, _address(request), notice=refusal.message, tone="warn")
    return see_other(request, _address(request), notice="Its deadlines stand still.")


async def end(request: Request) -> Response:
    try:
        cause = PauseCause(request.path_params["cause"])
    except ValueError:
        raise NotFound("pause") from None
    await standing.resume(
        principal=principal_of(request),
        order_id=request.path_params["order_id"],
        cause=cause,
        now=request.state.now,
    )
    return see_other(request, _address(request), notice="Its deadlines go on.")


def _address(request: Request) -> str:
    return f"/back-office/orders/{request.path_params['order_id']}"
