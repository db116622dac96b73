"""Staff mark a parcel as delivered when the customer or the carrier says so."""

from starlette.requests import Request
from starlette.responses import Response

from back_office.orders import address_of
from marketplace.kit.errors import IllegalMove, NotFound
from marketplace.orders import delivering, queries
from marketplace_web.flashing import see_other
from marketplace_web.sessions import principal_of


async def create(request: Request) -> Response:
    principal, shipment_id = principal_of(request), request.path_params["shipment_id"]
    order = await queries.find(principal=principal, order_id=request.path_params["order_id"])
    if shipment_id not in {parcel.id for part in order.sub_orders for parcel in part.shipments}:
        raise NotFound("shipment")
    try:
        await delivering.deliver(
            principal=principal, shipment_id=shipment_id, now=request.state.now
        )
    except IllegalMove:
        notice = "The parcel was marked as delivered before."
        return see_other(request, address_of(request), notice=notice, tone="info")
    return see_other(request, address_of(request), notice="The parcel is marked as delivered.")
