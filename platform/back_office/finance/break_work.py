"""What people do about a break: take it up, talk about it, propose what to do, decide."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from back_office.finance.one_break import address_of, break_page, key_of
from marketplace.kit.errors import DomainError, Forbidden, NotFound
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from settlement import people
from settlement.reconciliation import break_queries, breaks, choices

Operation = Callable[..., Awaitable[None]]
DECIDED = "Somebody decided on it before."


async def assign(request: Request) -> Response:
    form, principal = await Form.read(request), principal_of(request)
    known = [key for key, _ in await people.accountants(principal=principal)]
    owner = form.choice("owner", known)
    if form.errors:
        return await break_page(request, form, status_code=422)
    return await _do(request, form, breaks.assign, "It has an owner now.", owner=owner)


async def comment(request: Request) -> Response:
    form = await Form.read(request)
    text = form.text("text", longest=breaks.TEXT_KEPT)
    if form.errors:
        return await break_page(request, form, status_code=422)
    return await _do(request, form, breaks.comment, "Your comment is there.", text=text)


async def propose(request: Request) -> Response:
    form, principal = await Form.read(request), principal_of(request)
    break_id, now = request.path_params["break_id"], request.state.now
    story = await break_queries.find_break(principal=principal, break_id=break_id, now=now)
    fitting = {
        key_of(each): each for each in await choices.choices(principal=principal, story=story)
    }
    chosen = fitting.get(form.choice("remedy", fitting))
    note = form.text("note")
    if form.errors or chosen is None:
        return await break_page(request, form, status_code=422)
    try:
        is_done = await breaks.propose(
            principal=principal, break_id=break_id, remedy=chosen.remedy, against=chosen.against,
            note=note, now=now,
        )  # fmt: skip
    except (Forbidden, NotFound):
        raise
    except DomainError as refusal:
        form.refuse("remedy", refusal.message)
        return await break_page(request, form, status_code=409)
    said = "Done: it was small enough." if is_done else "Proposed. Somebody else has to approve it."
    return see_other(request, address_of(request), notice=said)


async def approve(request: Request) -> Response:
    form = await Form.read(request)
    return await _do(request, form, breaks.approve, "Approved and done.")


async def reject(request: Request) -> Response:
    form = await Form.read(request)
    note = form.text("reason")
    if form.errors:
        return await break_page(request, form, status_code=422)
    return await _do(request, form, breaks.reject, "Rejected. It is looked into again.", note=note)


async def _do(
    request: Request, form: Form, operation: Operation, notice: str, **said: str
) -> Response:
    """Do it and say so; what the domain refuses stands on the page."""
    try:
        await operation(
            principal=principal_of(request),
            break_id=request.path_params["break_id"],
            now=request.state.now,
            **said,
        )
    except Forbidden:
        raise
    except NotFound as missing:
        if missing.thing != "proposal":
            raise
        return see_other(request, address_of(request), notice=DECIDED, tone="info")
    except DomainError as refusal:
        form.refuse("", refusal.message)
        return await break_page(request, form, status_code=409)
    return see_other(request, address_of(request), notice=notice)
