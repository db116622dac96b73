"""Parcels leave, whole orders or parts of them; and arrive."""

from contextlib import suppress
from uuid import UUID, uuid4

from starlette.requests import Request
from starlette.responses import Response

from marketplace.kit.errors import DomainError, IllegalMove, NotFound
from marketplace.kit.idempotency import KeyReused
from marketplace.orders import delivering, labelling, shipping
from marketplace.orders.vendor_views import SubOrderDetails
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from vendor_portal.carriers import CHOICES, OTHER
from vendor_portal.sub_orders import (
    address_of,
    asked_for,
    labelled_by,
    overtaken_page,
    sub_order_page,
)

LARGEST_PARCEL = 999_999


async def create(request: Request) -> Response:
    sub_order = await asked_for(request)
    form = await Form.read(request)
    labelled = labelled_by(request)
    carrier = form.choice("carrier", [*labelled, *(value for value, _ in CHOICES)])
    if carrier == OTHER:
        carrier = form.text("other_carrier", longest=60)
    is_packed = carrier in labelled
    number = form.text("tracking_number", longest=64, required=not is_packed)
    units = _units(form, sub_order)
    if form.errors:
        return await _refused(request, sub_order, form, status_code=422)
    asked = {
        "principal": principal_of(request), "sub_order_id": sub_order.id, "units": units,
        "carrier": carrier, "key": str(form.token), "now": request.state.now,
    }  # fmt: skip
    try:
        if is_packed:
            await labelling.pack(**asked)
        else:
            await shipping.ship(**asked, tracking_number=number)
    except KeyReused:
        form.token = uuid4()
        form.refuse("", "This form was sent before. Look at its parcel below before a second one.")
        return await _refused(request, await asked_for(request), form, status_code=409)
    except DomainError as refusal:
        form.refuse("", refusal.message)
        return await _refused(request, await asked_for(request), form, status_code=409)
    notice = f"{carrier} {number} is sent."
    if is_packed:
        notice = f"Packed. {carrier} makes the label; it is here in a moment."
    return see_other(request, address_of(sub_order), notice=notice)


async def deliver(request: Request) -> Response:
    """Saying it twice is as good as once."""
    sub_order = await asked_for(request)
    shipment_id = request.path_params["shipment_id"]
    parcel = next((parcel for parcel in sub_order.parcels if parcel.id == shipment_id), None)
    if parcel is None:
        raise NotFound("shipment")
    notice = f"{parcel.carrier} {parcel.tracking_number} is delivered."
    with suppress(IllegalMove):
        await delivering.deliver(
            principal=principal_of(request), shipment_id=parcel.id, now=request.state.now
        )
    return see_other(request, address_of(sub_order), notice=notice)


def _units(form: Form, sub_order: SubOrderDetails) -> dict[UUID, int]:
    """What the form says is in the parcel. How much is left is the domain's to say.

    A form that is sent twice must mean the same twice, although less is left the second time.
    """
    units = {
        line.id: form.integer(f"send-{line.id}", minimum=0, maximum=LARGEST_PARCEL, empty=0)
        for line in sub_order.lines
    }
    if not form.errors and not any(units.values()):
        form.refuse(f"send-{sub_order.lines[0].id}", "Please say what is in the parcel.")
    return units


async def _refused(
    request: Request, sub_order: SubOrderDetails, form: Form, *, status_code: int
) -> Response:
    if sub_order.can_ship and not sub_order.is_on_hold:
        return await sub_order_page(request, sub_order, form=form, status_code=status_code)
    return await overtaken_page(request, " ".join(form.errors.values()))
