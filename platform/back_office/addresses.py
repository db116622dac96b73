"""Operations and support correct an address for the customer."""

from starlette.requests import Request
from starlette.responses import Response

from back_office.face import office_page
from back_office.orders import address_of
from marketplace.accounts.addresses import ADDRESS_FIELDS
from marketplace.orders import queries
from marketplace.orders.views import OrderView
from marketplace_web import readdressing
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.readdressing import Asked
from marketplace_web.sessions import principal_of


async def show(request: Request) -> Response:
    order = await _order(request)
    filled = {key: order.address.get(key, "") for key in ADDRESS_FIELDS}
    form = Form.blank(version=order.version, name=order.customer_name, **filled)
    return await _page(request, order, Asked(form=form))


async def create(request: Request) -> Response:
    order = await _order(request)
    asked = await readdressing.posted(request, principal=principal_of(request), order_id=order.id)
    if asked.is_done:
        return see_other(request, address_of(request), notice="The address is corrected.")
    return await _page(request, order, asked)


async def _order(request: Request) -> OrderView:
    return await queries.find(
        principal=principal_of(request), order_id=request.path_params["order_id"]
    )


async def _page(request: Request, order: OrderView, asked: Asked) -> Response:
    return await office_page(
        request,
        "back_office/address.html",
        status_code=422 if asked.form.errors else 200,
        order=order,
        asked=asked,
        back=address_of(request),
    )
