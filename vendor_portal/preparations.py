"""Picking and packing: begin, print the list, say when it is packed."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from marketplace.kit.errors import IllegalMove
from marketplace.kit.principal import Principal
from marketplace.orders import preparing
from marketplace.orders.states import SubOrderState
from marketplace_web.flashing import see_other
from marketplace_web.sessions import principal_of
from vendor_portal.face import portal_page
from vendor_portal.sub_orders import address_lines, address_of, asked_for, overtaken_page

Step = Callable[..., Awaitable[object]]


async def create(request: Request) -> Response:
    notice = "You are packing it now: the customer cannot cancel it alone any more."
    return await _step(request, preparing.start, SubOrderState.PREPARING, notice)


async def make_ready(request: Request) -> Response:
    return await _step(request, preparing.make_ready, SubOrderState.READY, "Packed. Ship it next.")


async def print_pick_list(request: Request) -> Response:
    """Whoever prints the list begins to pick."""
    sub_order = await asked_for(request)
    try:
        await preparing.print_pick_list(
            principal=principal_of(request), sub_order_id=sub_order.id, now=request.state.now
        )
    except IllegalMove as refusal:
        return await overtaken_page(request, refusal.message)
    return see_other(request, f"{address_of(sub_order)}/pick-list")


async def pick_list(request: Request) -> Response:
    sub_order = await asked_for(request)
    return await portal_page(
        request,
        "portal/pick_list.html",
        sub_order=sub_order,
        address=address_lines(sub_order, request.state.reader.locale),
        back=address_of(sub_order),
    )


async def _step(request: Request, step: Step, wanted: SubOrderState, notice: str) -> Response:
    """A second click finds it done, which is as good; anything else is worth a look."""
    sub_order = await asked_for(request)
    principal: Principal = principal_of(request)
    sub_order_id: UUID = sub_order.id
    now: datetime = request.state.now
    try:
        await step(principal=principal, sub_order_id=sub_order_id, now=now)
    except IllegalMove as refusal:
        if (await asked_for(request)).state is not wanted:
            return await overtaken_page(request, refusal.message)
    return see_other(request, address_of(sub_order), notice=notice)
