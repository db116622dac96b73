"""Write the next version of the deadline policy, look at it, and put it in force."""

from starlette.requests import Request
from starlette.responses import Response

from back_office import policy_form
from back_office.deadline_words import ACTIONS, MOMENTS, RULED, UNITS
from back_office.deadlines import ADDRESS
from back_office.face import office_page
from marketplace.kit.errors import IllegalMove, InvalidInput, NotFound
from marketplace.sla import access, drafting, policies
from marketplace.sla.policy_models import PolicyState
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of


async def edit(request: Request) -> Response:
    """The draft there is, else what is in force."""
    principal = principal_of(request)
    access.check_operator(principal, "change the deadlines")
    versions = await policies.versions(principal=principal)
    draft = next((one.id for one in versions if one.state is PolicyState.DRAFT), None)
    said = await policies.content(principal=principal, version_id=draft)
    note = said.version.note if draft else ""
    return await _page(request, policy_form.blank(said, note=note))


async def save(request: Request) -> Response:
    form = await Form.read(request)
    rules, actions = policy_form.rules(form), policy_form.actions(form)
    note = form.text("note", longest=drafting.LONGEST_NOTE)
    if form.errors:
        return await _page(request, form, status_code=422)
    try:
        version_id = await drafting.save(
            principal=principal_of(request),
            rules=rules,
            actions=actions,
            note=note,
            now=request.state.now,
        )
    except InvalidInput as refusal:
        form.refuse("", f"{refusal.name.capitalize()}: {refusal.problem}. {refusal.accepts}.")
        return await _page(request, form, status_code=422)
    notice = "The draft is kept. Look at it, then put it in force."
    return see_other(request, f"{ADDRESS}/policies/{version_id}", notice=notice)


async def activate(request: Request) -> Response:
    version_id = request.path_params["version_id"]
    address = f"{ADDRESS}/policies/{version_id}"
    try:
        await drafting.activate(
            principal=principal_of(request), version_id=version_id, now=request.state.now
        )
    except IllegalMove:
        return see_other(request, address, notice="It was in force already.", tone="info")
    notice = "It is in force: what starts from now goes by it."
    return see_other(request, address, notice=notice)


async def discard(request: Request) -> Response:
    version_id = request.path_params["version_id"]
    try:
        await drafting.discard(principal=principal_of(request), version_id=version_id)
    except NotFound:
        return see_other(request, ADDRESS, notice="There was no such draft.", tone="info")
    return see_other(request, ADDRESS, notice="The draft is gone.")


async def _page(request: Request, form: Form, *, status_code: int = 200) -> Response:
    rule_numbers, action_numbers = policy_form.counts(form)
    return await office_page(
        request,
        "back_office/policy_draft.html",
        status_code=status_code,
        form=form,
        rule_numbers=rule_numbers,
        action_numbers=action_numbers,
        kinds=RULED,
        units=UNITS,
        moments=MOMENTS,
        actions=ACTIONS,
    )
