"""Operations and support cancel what has not left yet, after a look at what it gives back."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from back_office.face import office_page
from back_office.orders import address_of
from marketplace.orders import queries
from marketplace.orders.views import OrderView
from marketplace_web import cancelling
from marketplace_web.cancelling import Asked
from marketplace_web.flashing import see_other
from marketplace_web.sessions import principal_of

NOTICE = "Cancelled. What was paid for it is on its way back."


async def show(request: Request) -> Response:
    principal, order = principal_of(request), await _order(request)
    asked = await cancelling.blank(principal=principal, order_id=order.id, names=_names(order))
    return await _page(request, order, asked)


async def create(request: Request) -> Response:
    principal, order = principal_of(request), await _order(request)
    asked = await cancelling.posted(
        request, principal=principal, order_id=order.id, names=_names(order)
    )
    if asked.is_done:
        return see_other(request, address_of(request), notice=NOTICE)
    return await _page(request, order, asked)


async def _order(request: Request) -> OrderView:
    return await queries.find(
        principal=principal_of(request), order_id=request.path_params["order_id"]
    )


def _names(order: OrderView) -> dict[UUID, tuple[str, str]]:
    return {
        line.id: (line.name, f"{part.vendor_name}, {part.number}")
        for part in order.sub_orders
        for line in part.lines
    }


async def _page(request: Request, order: OrderView, asked: Asked) -> Response:
    return await office_page(
        request,
        "back_office/cancellation.html",
        status_code=422 if asked.form.errors else 200,
        order=order,
        asked=asked,
        back=address_of(request),
    )
