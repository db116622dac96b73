"""When the shop is closed: deadlines are extended over it, customers may still order or not."""

from collections.abc import Sequence
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from marketplace.kit.errors import IllegalMove, InvalidInput
from marketplace.kit.principal import Principal
from marketplace.sla import vacations
from marketplace.sla.models import OffersAway, VendorClosure
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from vendor_portal.face import DAYS_OFF, portal_page

ADDRESS = DAYS_OFF
OFFERS = (
    (OffersAway.UNAVAILABLE.value, "Take my offers off the shelf until I am back"),
    (OffersAway.VISIBLE.value, "Leave them: orders wait until I am back"),
)
FIELDS = ("first_day", "last_day", "note")


async def show(request: Request) -> Response:
    return await _page(request, Form.blank(offers=OffersAway.UNAVAILABLE.value))


async def create(request: Request) -> Response:
    principal, vendor_id = _who(request)
    form = await Form.read(request)
    first_day, last_day = form.day("first_day"), form.day("last_day")
    offers = form.choice("offers", [value for value, _ in OFFERS])
    note = form.text("note", required=False, longest=vacations.LONGEST_NOTE)
    if form.errors or first_day is None or last_day is None:
        return await _page(request, form, status_code=422)
    try:
        await vacations.close(
            principal=principal,
            vendor_id=vendor_id,
            first_day=first_day,
            last_day=last_day,
            offers=OffersAway(offers),
            note=note,
            now=request.state.now,
        )
    except InvalidInput as refusal:
        form.refuse(refusal.name if refusal.name in FIELDS else "", f"{refusal.problem}.")
        return await _page(request, form, status_code=422)
    notice = "Noted. Deadlines that fall into it are extended."
    return see_other(request, ADDRESS, notice=notice)


async def take_back(request: Request) -> Response:
    principal, vendor_id = _who(request)
    try:
        await vacations.reopen(
            principal=principal,
            vendor_id=vendor_id,
            closure_id=request.path_params["closure_id"],
            now=request.state.now,
        )
    except IllegalMove as refusal:
        return see_other(request, ADDRESS, notice=refusal.message, tone="warn")
    return see_other(request, ADDRESS, notice="Taken back. You work on these days.")


async def back(request: Request) -> Response:
    """The address of a form that was posted is not a page of its own."""
    return RedirectResponse(ADDRESS, status_code=303)


async def _page(request: Request, form: Form, *, status_code: int = 200) -> Response:
    principal, vendor_id = _who(request)
    closures = await vacations.of_vendor(principal=principal, vendor_id=vendor_id)
    today = request.state.now.astimezone(request.state.reader.zone).date()
    return await portal_page(
        request,
        "portal/vacations.html",
        status_code=status_code,
        form=form,
        offers=OFFERS,
        today=today,
        closures=_sorted(closures),
        may_close=vacations.may_close(principal),
    )


def _sorted(closures: Sequence[VendorClosure]) -> list[VendorClosure]:
    """What was taken back is history, not a plan."""
    return [closure for closure in closures if closure.cancelled_at is None]


def _who(request: Request) -> tuple[Principal, UUID]:
    principal = principal_of(request)
    assert principal.vendor_id is not None, principal
    return principal, principal.vendor_id
