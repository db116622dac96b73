"""The appeals that wait, and the answers to them."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from back_office.face import office_page
from back_office.standing import words
from back_office.standing.vendors import ADDRESS
from marketplace.kit.errors import IllegalMove, InvalidInput
from marketplace.scorecards import appealing, by_hand, standing_lists
from marketplace.scorecards.errors import StandingChanged
from marketplace.sla import access
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of

QUEUE = f"{ADDRESS}/appeals"
GRANTED = "Granted. The vendor stands well again and is told by e-mail."
DENIED = "Denied. The vendor reads your answer in an e-mail."
ANSWERED = "Somebody answered this appeal before you."
EMPTY = f"Please answer in 1 to {by_hand.LONGEST_REASON} characters. The vendor reads it."


async def index(request: Request) -> Response:
    principal = principal_of(request)
    return await office_page(
        request,
        "back_office/standing/appeals.html",
        waiting=await standing_lists.appeals(principal=principal),
        states=words.STATES,
        say=words.causes,
        longest=by_hand.LONGEST_REASON,
        may_answer=access.is_operator(principal),
    )


async def grant(request: Request) -> Response:
    return await _answer(request, appealing.grant, GRANTED)


async def deny(request: Request) -> Response:
    return await _answer(request, appealing.deny, DENIED)


async def back(request: Request) -> Response:
    """The address of a form that was posted is not a page of its own."""
    return RedirectResponse(QUEUE, status_code=303)


async def _answer(
    request: Request, decide: Callable[..., Awaitable[None]], notice: str
) -> Response:
    form = await Form.read(request)
    try:
        await decide(
            principal=principal_of(request),
            appeal_id=request.path_params["appeal_id"],
            answer=form.text("answer", required=False, longest=by_hand.LONGEST_REASON),
            seen=form.uuid("seen"),
            now=request.state.now,
        )
    except InvalidInput:
        return see_other(request, QUEUE, notice=EMPTY, tone="bad")
    except IllegalMove:
        return see_other(request, QUEUE, notice=ANSWERED, tone="info")
    except StandingChanged as refused:
        return see_other(request, QUEUE, notice=refused.message, tone="warn")
    return see_other(request, QUEUE, notice=notice)
