"""Vendors: their tier, and the days on which they are closed, set for them when they call; and the
keys of their systems, which operations can stop.
"""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from back_office.face import office_page
from marketplace.accounts import vendor_keys
from marketplace.accounts.models import Vendor
from marketplace.kit.errors import IllegalMove, InvalidInput, NotFound
from marketplace.sla import policies, tiers, vacations
from marketplace.sla.models import OffersAway
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of

ADDRESS = "/back-office/vendors"
OFFERS = (
    (OffersAway.UNAVAILABLE.value, "Take its offers off the shelf"),
    (OffersAway.VISIBLE.value, "Leave its offers for sale"),
)
FIELDS = ("first_day", "last_day", "note")


async def index(request: Request) -> Response:
    found = await policies.vendors(principal=principal_of(request))
    return await office_page(request, "back_office/vendors.html", vendors=found)


async def show(request: Request) -> Response:
    return await _page(request, Form.blank(offers=OffersAway.UNAVAILABLE.value))


async def change_tier(request: Request) -> Response:
    form = await Form.read(request)
    try:
        await tiers.change(
            principal=principal_of(request),
            vendor_id=request.path_params["vendor_id"],
            tier=form.text("tier", longest=40),
        )
    except InvalidInput as refusal:
        form.refuse("tier", f"Accepted: {refusal.accepts}.")
        return await _page(request, form, status_code=422)
    return see_other(request, _address(request), notice="The tier is changed.")


async def close(request: Request) -> Response:
    form = await Form.read(request)
    first_day, last_day = form.day("first_day"), form.day("last_day")
    offers = form.choice("offers", [value for value, _ in OFFERS])
    note = form.text("note", required=False, longest=vacations.LONGEST_NOTE)
    if form.errors or first_day is None or last_day is None:
        return await _page(request, form, status_code=422)
    try:
        await vacations.close(
            principal=principal_of(request),
            vendor_id=request.path_params["vendor_id"],
            first_day=first_day,
            last_day=last_day,
            offers=OffersAway(offers),
            note=note,
            now=request.state.now,
        )
    except InvalidInput as refusal:
        form.refuse(refusal.name if refusal.name in FIELDS else "", f"{refusal.problem}.")
        return await _page(request, form, status_code=422)
    return see_other(request, _address(request), notice="Its deadlines wait on these days.")


async def reopen(request: Request) -> Response:
    try:
        await vacations.reopen(
            principal=principal_of(request),
            vendor_id=request.path_params["vendor_id"],
            closure_id=request.path_params["closure_id"],
            now=request.state.now,
        )
    except IllegalMove as refusal:
        return see_other(request, _address(request), notice=refusal.message, tone="warn")
    return see_other(request, _address(request), notice="Taken back.")


async def revoke_key(request: Request) -> Response:
    name = await vendor_keys.revoke(
        principal=principal_of(request),
        vendor_id=request.path_params["vendor_id"],
        key_id=request.path_params["key_id"],
        now=request.state.now,
    )
    return see_other(request, _address(request), notice=f"The key of {name} opens nothing now.")


async def back(request: Request) -> Response:
    """The address of a form that was posted is not a page of its own."""
    return RedirectResponse(_address(request), status_code=303)


async def _page(request: Request, form: Form, *, status_code: int = 200) -> Response:
    principal = principal_of(request)
    vendor = await _vendor(request)
    closures = await vacations.of_vendor(principal=principal, vendor_id=vendor.id)
    may_revoke = vendor_keys.may_revoke_keys(principal)
    keys = (
        await vendor_keys.of_vendor(principal=principal, vendor_id=vendor.id) if may_revoke else ()
    )
    return await office_page(
        request,
        "back_office/vendor.html",
        status_code=status_code,
        vendor=vendor,
        closures=closures,
        keys=keys,
        form=form,
        offers=OFFERS,
        may_change=vacations.may_close(principal),
    )


async def _vendor(request: Request) -> Vendor:
    vendor_id: UUID = request.path_params["vendor_id"]
    found = await policies.vendors(principal=principal_of(request))
    vendor = next((vendor for vendor in found if vendor.id == vendor_id), None)
    if vendor is None:
        raise NotFound("vendor")
    return vendor


def _address(request: Request) -> str:
    return f"{ADDRESS}/{request.path_params['vendor_id']}"
