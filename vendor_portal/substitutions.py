"""A vendor cannot send a line and offers its customer something else of its own."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from marketplace.orders.vendor_views import SubOrderDetails
from marketplace_web import substituting
from marketplace_web.flashing import see_other
from marketplace_web.sessions import principal_of
from marketplace_web.substituting import Asked, Choices
from vendor_portal.face import portal_page
from vendor_portal.sub_orders import address_of, asked_for


async def show(request: Request) -> Response:
    sub_order = await asked_for(request)
    asked = await substituting.blank(
        principal=principal_of(request), sub_order_id=sub_order.id, lines=_lines(sub_order)
    )
    return await _page(request, sub_order, asked)


async def create(request: Request) -> Response:
    sub_order = await asked_for(request)
    asked = await substituting.posted(
        request, principal=principal_of(request), sub_order_id=sub_order.id, lines=_lines(sub_order)
    )
    if not asked.is_done:
        return await _page(request, sub_order, asked)
    notice = "The customer is asked, and has two days. Please keep both until then."
    return see_other(request, _address(sub_order), notice=notice)


async def withdraw(request: Request) -> Response:
    sub_order = await asked_for(request)
    is_done = await substituting.withdrawn(
        request, principal=principal_of(request), order_id=sub_order.order_id
    )
    if not is_done:
        notice = "The customer was faster: it is answered."
        return see_other(request, _address(sub_order), notice=notice, tone="warn")
    notice = "Taken back. Please send the line as it was ordered, or cancel it."
    return see_other(request, _address(sub_order), notice=notice)


async def back(request: Request) -> Response:
    """The address of a form that was posted is not a page of its own."""
    return RedirectResponse(_address(await asked_for(request)), status_code=303)


def _address(sub_order: SubOrderDetails) -> str:
    return f"{address_of(sub_order)}/substitution"


def _lines(sub_order: SubOrderDetails) -> Choices:
    return [(line.id, line.name) for line in sub_order.lines if line.left]


async def _page(request: Request, sub_order: SubOrderDetails, asked: Asked) -> Response:
    return await portal_page(
        request,
        "portal/substitution.html",
        status_code=422 if asked.form.errors else 200,
        sub_order=sub_order,
        asked=asked,
        names={line.id: line.name for line in sub_order.lines},
        back=address_of(sub_order),
    )
