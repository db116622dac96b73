"""Routing rules: all versions, one of them with its table, and what may be done with it."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from back_office.face import office_page
from back_office.routing import comparing
from back_office.routing import form as fields
from marketplace.kit.errors import DomainError, InvalidInput
from marketplace.routing import queries, rule_sets, simulating
from marketplace.routing.errors import InvalidRules
from marketplace.routing.queries import WholeRules
from marketplace.routing.rankers import Ranker
from marketplace.routing.states import RuleSetState
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of

BASE = "/back-office/routing"
TONES = {
    RuleSetState.DRAFT: "", RuleSetState.SHADOW: "info", RuleSetState.ACTIVE: "good",
    RuleSetState.RETIRED: "",
}  # fmt: skip


async def index(request: Request) -> Response:
    return await _list(request, Form.blank())


async def create(request: Request) -> Response:
    """A draft like the active version of its channel."""
    form = await Form.read(request)
    name, like = form.text("name", longest=80), form.value("like")
    principal = principal_of(request)
    there = {str(rules.id): rules for rules in await queries.rule_sets(principal=principal)}
    if like not in there:
        form.refuse("like", "Please choose one of the list.")
    if form.errors:
        return await _list(request, form, status_code=422)
    made = await rule_sets.draft(
        principal=principal, channel_id=there[like].channel_id, like=UUID(like), name=name,
        now=request.state.now,
    )  # fmt: skip
    return see_other(request, f"{BASE}/{made}", notice="The draft is made. Nothing follows it yet.")


async def show(request: Request) -> Response:
    found = await _found(request)
    return await _page(request, found, _filled(found))


async def save(request: Request) -> Response:
    form, found = await Form.read(request), await _found(request)
    document, numbers = fields.read(form, currency=found.currency)
    name = form.text("name", longest=80)
    needed = form.integer("needed_percent", minimum=0, maximum=100)
    if form.errors:
        return await _page(request, found, form, status_code=422)
    try:
        await rule_sets.change(
            principal=principal_of(request), rule_set_id=found.rules.id, name=name,
            document=document, needed_percent=needed, now=request.state.now,
            expected_edition=int(form.value("edition") or 0),
        )  # fmt: skip
    except InvalidRules as refusal:
        fields.refuse(form, refusal, numbers)
        return await _page(request, found, form, status_code=422)
    return see_other(request, f"{BASE}/{found.rules.id}", notice="The draft is saved.")


async def move(request: Request) -> Response:
    """Try it, end the try, roll it out, let it take over, or put it away."""
    form, found = await Form.read(request), await _found(request)
    asked = {"principal": principal_of(request), "rule_set_id": found.rules.id,
             "now": request.state.now}  # fmt: skip
    try:
        match form.value("do"):
            case "shadow":
                await rule_sets.shadow(**asked)
                notice = "It decides beside the active version from now on."
            case "end":
                await rule_sets.end(**asked)
                notice = "It is a draft again."
            case "activate":
                await rule_sets.activate(**asked)
                notice = "It decides from now on."
            case "retire":
                await rule_sets.retire(**asked)
                notice = "It is put away."
            case "roll_out":
                percent = form.integer("percent", minimum=0, maximum=100)
                if form.errors:
                    return await _page(request, found, _with_error(found, form), status_code=422)
                await rule_sets.roll_out(percent=percent, **asked)
                notice = f"It decides {percent} percent of the orders."
            case _:
                raise InvalidInput("do", "there is no such move", "one of the buttons")
    except DomainError as refusal:
        return see_other(request, f"{BASE}/{found.rules.id}", notice=refusal.message, tone="bad")
    return see_other(request, f"{BASE}/{found.rules.id}", notice=notice)


async def simulate(request: Request) -> Response:
    form, found = await Form.read(request), await _found(request)
    wanted = form.integer("orders", minimum=1, maximum=simulating.MOST)
    if form.errors:
        return await _page(request, found, _with_error(found, form), status_code=422)
    try:
        made = await simulating.start(
            principal=principal_of(request), rule_set_id=found.rules.id, wanted=wanted,
            now=request.state.now,
        )  # fmt: skip
    except DomainError as refusal:
        return see_other(request, f"{BASE}/{found.rules.id}", notice=refusal.message, tone="bad")
    return see_other(request, f"{BASE}/simulations/{made}", notice="The simulation is under way.")


async def back(request: Request) -> Response:
    return RedirectResponse(f"{BASE}/{request.path_params['rule_set_id']}", status_code=303)


async def _list(request: Request, form: Form, *, status_code: int = 200) -> Response:
    principal = principal_of(request)
    there = await queries.rule_sets(principal=principal)
    return await office_page(
        request,
        "back_office/routing/rule_sets.html",
        status_code=status_code,
        rule_sets=there,
        tones=TONES,
        choices=[
            (str(rules.id), f"{rules.channel_name}: version {rules.version}, {rules.name}")
            for rules in there
        ],
        may_edit=bool(principal.roles & rule_sets.EDITORS),
        form=form,
    )


async def _page(
    request: Request, found: WholeRules, form: Form, *, status_code: int = 200
) -> Response:
    principal = principal_of(request)
    may_edit = bool(principal.roles & rule_sets.EDITORS)
    return await office_page(
        request,
        "back_office/routing/rule_set.html",
        status_code=status_code,
        found=found,
        rules=found.rules,
        tones=TONES,
        form=form,
        rows=fields.rows_of(form),
        parts=fields,
        rankers=[ranker.value for ranker in Ranker],
        may_edit=may_edit,
        is_open=may_edit and found.rules.state is RuleSetState.DRAFT,
        differences=comparing.differences(found.active, found.rules, currency=found.currency),
    )


def _filled(found: WholeRules) -> Form:
    rules = found.rules
    return fields.filled(rules.name, rules.needed_percent, rules.document, currency=found.currency)


def _with_error(found: WholeRules, asked: Form) -> Form:
    """The kept rules, with what was wrong with the small form beside them."""
    form = _filled(found)
    for name, message in asked.errors.items():
        form.refuse(name, message)
    return form


async def _found(request: Request) -> WholeRules:
    return await queries.rule_set(
        principal=principal_of(request), rule_set_id=request.path_params["rule_set_id"]
    )
