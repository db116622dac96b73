"""The limits: what is in force, a draft tried on today's figures, and putting it in force."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from back_office.face import office_page
from back_office.standing import limit_form, words
from back_office.standing.vendors import ADDRESS
from marketplace.kit.errors import IllegalMove, InvalidInput, NotFound
from marketplace.scorecards import limit_drafting, trying
from marketplace.scorecards import limits as reading
from marketplace.scorecards.limit_models import LimitState
from marketplace.scorecards.metrics import WINDOWS, Metric
from marketplace.sla import access
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of

LIMITS = f"{ADDRESS}/limits"
SAVED = "The draft is kept, and nobody is judged by it. Look at it, then put it in force."
ACTIVE = "They are in force: each vendor's next figures are judged by them."
REPLACED = "That draft was changed or thrown away meanwhile. Please look at the one there is."
MOST_NAMES = 30  # vendors of a preview


async def index(request: Request) -> Response:
    principal = principal_of(request)
    said = await reading.content(principal=principal)
    return await office_page(
        request,
        "back_office/standing/limits.html",
        active=said.version,
        lines=[words.line(one) for one in said.lines],
        versions=await reading.versions(principal=principal),
        may_change=access.is_operator(principal),
    )


async def show(request: Request) -> Response:
    """One version, and whom it would warn and suspend by the newest figures."""
    principal, version_id = principal_of(request), request.path_params["version_id"]
    said = await reading.content(principal=principal, version_id=version_id)
    return await office_page(
        request,
        "back_office/standing/limit_version.html",
        version=said.version,
        lines=[words.line(one) for one in said.lines],
        tried=await trying.on_newest(principal=principal, version_id=version_id),
        now_in_force=await trying.on_newest(principal=principal),
        most=MOST_NAMES,
        say=words.causes,
        may_change=access.is_operator(principal),
    )


async def edit(request: Request) -> Response:
    """The draft there is, else what is in force."""
    principal = principal_of(request)
    access.check_operator(principal, limit_drafting.TO_DO)
    versions = await reading.versions(principal=principal)
    draft = next((one.id for one in versions if one.state is LimitState.DRAFT), None)
    said = await reading.content(principal=principal, version_id=draft)
    note = said.version.note if draft else ""
    return await _form_page(request, limit_form.blank(said, note=note))


async def save(request: Request) -> Response:
    form = await Form.read(request)
    lines, note = limit_form.lines(form), form.text("note", longest=limit_drafting.LONGEST_NOTE)
    if form.errors:
        return await _form_page(request, form, status_code=422)
    try:
        version_id = await limit_drafting.save(
            principal=principal_of(request), lines=lines, note=note, now=request.state.now
        )
    except InvalidInput as refusal:
        field = f"{refusal.name}-target" if refusal.name in list(Metric) else ""
        form.refuse(field, f"{refusal.problem.capitalize()}. Accepted: {refusal.accepts}.")
        return await _form_page(request, form, status_code=422)
    return see_other(request, f"{LIMITS}/{version_id}", notice=SAVED)


async def activate(request: Request) -> Response:
    version_id = request.path_params["version_id"]
    address = f"{LIMITS}/{version_id}"
    try:
        await limit_drafting.activate(
            principal=principal_of(request), version_id=version_id, now=request.state.now
        )
    except IllegalMove:
        return see_other(request, address, notice="They were in force already.", tone="info")
    except NotFound:
        return see_other(request, LIMITS, notice=REPLACED, tone="warn")
    return see_other(request, address, notice=ACTIVE)


async def discard(request: Request) -> Response:
    version_id = request.path_params["version_id"]
    try:
        await limit_drafting.discard(principal=principal_of(request), version_id=version_id)
    except NotFound:
        return see_other(request, LIMITS, notice="There was no such draft.", tone="info")
    return see_other(request, LIMITS, notice="The draft is gone.")


async def back(request: Request) -> Response:
    """The address of a form that was posted is not a page of its own."""
    return RedirectResponse(LIMITS, status_code=303)


async def _form_page(request: Request, form: Form, *, status_code: int = 200) -> Response:
    return await office_page(
        request,
        "back_office/standing/limit_draft.html",
        status_code=status_code,
        form=form,
        rows=limit_form.rows(),
        windows=[(str(days), f"{days} days") for days in WINDOWS],
    )
