"""A vendor cannot send what it had accepted: units come off, with a reason, after a look."""

from collections.abc import Mapping
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from marketplace.orders.vendor_views import SubOrderDetails
from marketplace.orders.windows import CancelReason
from marketplace_web import cancelling
from marketplace_web.cancelling import Asked
from marketplace_web.flashing import see_other
from marketplace_web.sessions import principal_of
from vendor_portal.face import portal_page
from vendor_portal.sub_orders import address_of, asked_for

REASONS: Mapping[str, str] = {
    CancelReason.OUT_OF_STOCK: "Out of stock",
    CancelReason.DAMAGED: "Damaged or faulty",
    CancelReason.WRONG_PRICE: "Wrong price",
    CancelReason.CANNOT_BE_SENT: "Cannot be sent to this address",
    CancelReason.CUSTOMER_ASKED: "The customer asked for it",
    CancelReason.OTHER: "Another reason",
}
# Nobody else is asked to send what its customer does not want any more.
ENDS = frozenset({CancelReason.CUSTOMER_ASKED})
NOTICE = "Cancelled. Another seller sends it, or the customer's money is on its way back."


async def show(request: Request) -> Response:
    sub_order = await asked_for(request)
    asked = await cancelling.blank(
        principal=principal_of(request), order_id=sub_order.order_id, names=_names(sub_order)
    )
    return await _page(request, sub_order, asked)


async def create(request: Request) -> Response:
    sub_order = await asked_for(request)
    asked = await cancelling.posted(
        request,
        principal=principal_of(request),
        order_id=sub_order.order_id,
        names=_names(sub_order),
        reasons=REASONS,
        ends=ENDS,
    )
    if asked.is_done:
        return see_other(request, address_of(sub_order), notice=NOTICE)
    return await _page(request, sub_order, asked)


def _names(sub_order: SubOrderDetails) -> dict[UUID, tuple[str, str]]:
    """Of this sub-order alone: the vendor may have another one in the same order."""
    return {line.id: (line.name, "") for line in sub_order.lines}


async def _page(request: Request, sub_order: SubOrderDetails, asked: Asked) -> Response:
    return await portal_page(
        request,
        "portal/cancellation.html",
        status_code=422 if asked.form.errors else 200,
        sub_order=sub_order,
        asked=asked,
        reasons=REASONS,
        back=address_of(sub_order),
    )
