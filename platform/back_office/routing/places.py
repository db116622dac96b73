"""Outages, closures and a day's capacity, of every seller."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from back_office.face import office_page
from marketplace.kit.errors import InvalidInput
from marketplace.routing import closing, places
from marketplace_web import place_forms
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of

ADDRESS = "/back-office/routing/places"


async def index(request: Request) -> Response:
    return await places_page(request, Form.blank())


async def close(request: Request) -> Response:
    form, principal = await Form.read(request), principal_of(request)
    there, _ = await places.everything(principal=principal, now=request.state.now)
    asked = place_forms.closure(request, form, there)
    if asked is not None:
        try:
            await closing.close(
                principal=principal, vendor_id=asked.vendor_id, location_id=asked.location_id,
                reason=asked.reason, starts_at=request.state.now, ends_at=asked.ends_at,
                now=request.state.now,
            )  # fmt: skip
        except InvalidInput as refusal:
            form.refuse(refusal.name, refusal.message)
    if form.errors:
        return await places_page(request, form, status_code=422)
    return see_other(request, ADDRESS, notice="Nothing new leaves from there until it is over.")


async def change(request: Request) -> Response:
    form, principal = await Form.read(request), principal_of(request)
    there, _ = await places.everything(principal=principal, now=request.state.now)
    place = place_forms.find(there, request.path_params["location_id"])
    asked = place_forms.profile(form)
    if form.errors:
        return see_other(request, ADDRESS, notice=" ".join(form.errors.values()), tone="bad")
    await closing.set_profile(
        principal=principal, location_id=place.id, vendor_id=place.vendor_id,
        promise_days=asked.promise_days, daily_lines=asked.daily_lines, ships_to=asked.ships_to,
    )  # fmt: skip
    return see_other(request, ADDRESS, notice=f"{place.name} is changed.")


async def reopen(request: Request) -> Response:
    await closing.reopen(
        principal=principal_of(request), closure_id=request.path_params["closure_id"],
        now=request.state.now,
    )  # fmt: skip
    return see_other(request, ADDRESS, notice="It is open again.")


async def back(request: Request) -> Response:
    return RedirectResponse(ADDRESS, status_code=303)


async def places_page(
    request: Request, form: Form, *, score: Form | None = None, status_code: int = 200
) -> Response:
    principal = principal_of(request)
    there, closures = await places.everything(principal=principal, now=request.state.now)
    return await office_page(
        request,
        "back_office/routing/places.html",
        status_code=status_code,
        places=there,
        closures=closures,
        choices=place_forms.choices(there),
        may_change=bool(principal.roles & closing.CLOSERS),
        form=form,
        score=score or Form.blank(),
        scores=await places.scores(principal=principal),
        sellers=list({str(place.vendor_id): place.vendor for place in there}.items()),
        address=ADDRESS,
        ending="/back-office/routing/closures",
    )
