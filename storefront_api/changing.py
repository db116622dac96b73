"""What a customer changes on the tracking page: cancels units, corrects the address."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from marketplace.kit.principal import Principal
from marketplace.orders import queries
from marketplace.orders.views import OrderView
from marketplace_web import cancelling, readdressing
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.rendering import render

# The address is the key to the page: nobody is to keep it, find it, or be told it.
HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "same-origin",
}
CANCELLED = "Cancelled. What you had paid for it is on its way back to you."
READDRESSED = "Thank you. It goes to the corrected address."


async def cancellation(request: Request, customer: Principal) -> Response:
    order = await _order(customer)
    names = _names(order)
    if request.method == "POST":
        asked = await cancelling.posted(request, principal=customer, order_id=order.id, names=names)
        if asked.is_done:
            return see_other(request, _back(request), notice=CANCELLED)
    else:
        asked = await cancelling.blank(principal=customer, order_id=order.id, names=names)
    return _page(request, "tracking/cancellation.html", order, asked, asked.form)


async def address(request: Request, customer: Principal) -> Response:
    order = await _order(customer)
    if request.method == "POST":
        asked = await readdressing.posted(request, principal=customer, order_id=order.id)
        if asked.is_done:
            return see_other(request, _back(request), notice=READDRESSED)
    else:
        country = order.address.get("country", "")
        form = Form.blank(version=order.version, country=country)
        asked = readdressing.Asked(form=form)
    return _page(request, "tracking/address.html", order, asked, asked.form)


async def _order(customer: Principal) -> OrderView:
    assert customer.id is not None, customer
    return await queries.find(principal=customer, order_id=customer.id)


def _names(order: OrderView) -> dict[UUID, tuple[str, str]]:
    return {
        line.id: (line.name, f"From {part.vendor_name}")
        for part in order.sub_orders
        for line in part.lines
    }


def _page(request: Request, template: str, order: OrderView, asked: object, form: Form) -> Response:
    response = render(
        request,
        template,
        status_code=422 if form.errors else 200,
        order=order,
        asked=asked,
        back=_back(request),
    )
    response.headers.update(HEADERS)
    return response


def _back(request: Request) -> str:
    return request.url_for("tracking", token=request.path_params["token"]).path
