"""What happens to a parcel after it is packed: label, hand-over, pick-up, or worse."""

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from marketplace.kit.errors import DomainError, NotFound
from marketplace.orders import collecting, labelling, losing, shipping
from marketplace.orders.tracks import Resolution
from marketplace.orders.vendor_views import Parcel, SubOrderDetails
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from vendor_portal.sub_orders import address_of, asked_for, overtaken_page

WISHES = {"send_again": Resolution.REPLACED, "pay_back": Resolution.REFUNDED}
DONE = {
    Resolution.REPLACED: "Noted. Pack it once more: its units are reserved for it.",
    Resolution.REFUNDED: "Noted. The customer's money is on its way back.",
}
Act = Callable[[Request, SubOrderDetails, Parcel, Form], Awaitable[str]]


async def lay_ready(request: Request) -> Response:
    """All that is left waits at one of the vendor's places for its customer."""
    sub_order = await asked_for(request)
    form = await Form.read(request)
    place = form.choice("place", [place for place, _ in sub_order.places])
    if form.errors:
        return await overtaken_page(request, "Please choose where it is collected.")
    try:
        await collecting.make_ready(
            principal=principal_of(request), sub_order_id=sub_order.id, location_id=UUID(place),
            key=str(form.token), now=request.state.now,
        )  # fmt: skip
    except DomainError as refusal:
        return await overtaken_page(request, refusal.message)
    notice = "Laid ready. The customer has an e-mail, and says a code at the counter."
    return see_other(request, address_of(sub_order), notice=notice)


async def show_label(request: Request) -> Response:
    """What the carrier gave us to print."""
    parcel = _parcel(request, await asked_for(request))
    if parcel.label is None:
        raise NotFound("label")
    return PlainTextResponse(parcel.label)


async def _hand_over(
    request: Request, sub_order: SubOrderDetails, parcel: Parcel, form: Form
) -> str:
    await shipping.hand_over(
        principal=principal_of(request), shipment_id=parcel.id, now=request.state.now
    )
    return f"{parcel.carrier} {parcel.tracking_number} is sent."


async def _take_apart(
    request: Request, sub_order: SubOrderDetails, parcel: Parcel, form: Form
) -> str:
    await labelling.unpack(
        principal=principal_of(request), shipment_id=parcel.id, now=request.state.now
    )
    return "Taken apart. Its units can be packed again."


async def _collect(request: Request, sub_order: SubOrderDetails, parcel: Parcel, form: Form) -> str:
    await collecting.collect(
        principal=principal_of(request), shipment_id=parcel.id, code=form.text("code", longest=20),
        now=request.state.now,
    )  # fmt: skip
    return "Collected. Thank you."


async def _report(request: Request, sub_order: SubOrderDetails, parcel: Parcel, form: Form) -> str:
    came_back = form.value("happened") == "returned"
    reason = "It came back to the seller" if came_back else "The seller says it is lost"
    await losing.report(
        principal=principal_of(request), shipment_id=parcel.id, came_back=came_back, reason=reason,
        now=request.state.now,
    )  # fmt: skip
    return "Noted. Now decide how it goes on: send it again, or pay it back."


async def _decide(request: Request, sub_order: SubOrderDetails, parcel: Parcel, form: Form) -> str:
    wish = form.choice("wish", WISHES)
    done = await losing.resolve(
        principal=principal_of(request), shipment_id=parcel.id,
        wish=WISHES.get(wish, Resolution.REFUNDED), is_sellable=form.checked("sellable"),
        now=request.state.now,
    )  # fmt: skip
    if wish == "send_again" and done is Resolution.REFUNDED:
        return "There is too little on the shelf: the customer's money is on its way back."
    return DONE[done]


def _posted(act: Act) -> Callable[[Request], Awaitable[Response]]:
    """A form about one parcel: done, or the page as it is with what was wrong."""

    async def handle(request: Request) -> Response:
        sub_order = await asked_for(request)
        parcel, form = _parcel(request, sub_order), await Form.read(request)
        try:
            notice = await act(request, sub_order, parcel, form)
        except NotFound:
            raise
        except DomainError as refusal:
            return await overtaken_page(request, refusal.message)
        return see_other(request, address_of(sub_order), notice=notice)

    return handle


ACTS: Mapping[str, Callable[[Request], Awaitable[Response]]] = {
    "hand-over": _posted(_hand_over),
    "dismantling": _posted(_take_apart),
    "collection": _posted(_collect),
    "loss": _posted(_report),
    "decision": _posted(_decide),
}


def _parcel(request: Request, sub_order: SubOrderDetails) -> Parcel:
    shipment_id = request.path_params["shipment_id"]
    for parcel in sub_order.parcels:
        if parcel.id == shipment_id:
            return parcel
    raise NotFound("shipment")
