"""Staff say that a parcel did not arrive, and how it goes on."""

from starlette.requests import Request
from starlette.responses import Response

from back_office.orders import address_of
from marketplace.kit.errors import Forbidden, IllegalMove, NotFound
from marketplace.orders import losing, queries
from marketplace.orders.tracks import Resolution
from marketplace.orders.windows import CANCELLERS
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of

WISHES = {"send_again": Resolution.REPLACED, "pay_back": Resolution.REFUNDED}
REPORTS = {"lost": False, "returned": True}
NOTED = "Noted. Now decide how it goes on."
DONE = {
    Resolution.REPLACED: "Noted. The seller sends it again.",
    Resolution.REFUNDED: "Noted. The customer's money is on its way back.",
}


async def create(request: Request) -> Response:
    principal, shipment_id = principal_of(request), request.path_params["shipment_id"]
    if not principal.roles & CANCELLERS:
        raise Forbidden("decide about a parcel")
    order = await queries.find(principal=principal, order_id=request.path_params["order_id"])
    if shipment_id not in {parcel.id for part in order.sub_orders for parcel in part.shipments}:
        raise NotFound("shipment")
    act = (await Form.read(request)).choice("act", [*WISHES, *REPORTS])
    try:
        if act in REPORTS:
            await losing.report(
                principal=principal, shipment_id=shipment_id, came_back=REPORTS[act],
                reason="The marketplace was told", now=request.state.now,
            )  # fmt: skip
            notice = NOTED
        elif act:
            done = await losing.resolve(
                principal=principal, shipment_id=shipment_id, wish=WISHES[act],
                now=request.state.now,
            )  # fmt: skip
            notice = DONE[done]
        else:
            notice = "Nothing is changed."
    except IllegalMove:
        return see_other(request, address_of(request), notice="It was decided before.", tone="info")
    return see_other(request, address_of(request), notice=notice)
