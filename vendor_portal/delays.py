"""Something takes longer: the vendor promises another day, and the customer hears of it."""

from starlette.requests import Request
from starlette.responses import Response

from marketplace.kit.errors import InvalidInput
from marketplace.orders import delays
from marketplace.orders.errors import NothingToDo
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from vendor_portal.sub_orders import address_of, asked_for, overtaken_page, sub_order_page


async def create(request: Request) -> Response:
    sub_order = await asked_for(request)
    form = await Form.read(request)
    day = form.day("delayed_to")
    reason = form.text("delay_reason", longest=delays.LONGEST_REASON)
    if form.errors or day is None:
        return await sub_order_page(request, sub_order, delay=form, status_code=422)
    try:
        await delays.announce(
            principal=principal_of(request),
            sub_order_id=sub_order.id,
            day=day,
            reason=reason,
            now=request.state.now,
        )
    except NothingToDo as refusal:
        return await overtaken_page(request, refusal.message)
    except InvalidInput as refusal:
        field = "delayed_to" if refusal.name == "day" else "delay_reason"
        form.refuse(field, f"{refusal.problem}.".capitalize())
        return await sub_order_page(request, sub_order, delay=form, status_code=422)
    notice = "The customer is told of the new day. Your own deadline stays as it is."
    return see_other(request, address_of(sub_order), notice=notice)
