"""How vendors stand: all of them, one of them with its history, and staff's own decisions."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from back_office.face import office_page
from back_office.standing import words
from marketplace.kit.errors import IllegalMove, InvalidInput
from marketplace.scorecards import by_hand, judging, limits, standing_lists, standing_stories
from marketplace.scorecards.errors import StandingChanged
from marketplace.scorecards.standing_lists import Part
from marketplace.scorecards.standing_models import StandingState
from marketplace.scorecards.standing_stories import Card
from marketplace.sla import access
from marketplace_web import paging
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of

ADDRESS = "/back-office/standing"
SUSPENDED = "Its offers are off sale. Open orders go on. It is told by e-mail."
LIFTED = "It stands well again, and is told by e-mail. What was held against it is excused."
CHANGED = "Its standing has changed meanwhile. Please look again."
SHOWN_DAYS = 14


async def index(request: Request) -> Response:
    principal, asked = principal_of(request), paging.asked(request)
    state, search = _state(request), request.query_params.get("q", "").strip()[:120]
    rows = await standing_lists.listed(
        principal=principal,
        state=state,
        search=search,
        part=Part(limit=asked.limit, after=_key(asked.after), before=_key(asked.before)),
    )
    counts = await standing_lists.counts(principal=principal)
    return await office_page(
        request,
        "back_office/standing/index.html",
        page=paging.page(request, rows, asked, key=lambda one: (one.name, str(one.id))),
        state_options=[
            (each.value, name if each is StandingState.GOOD else f"{name} ({counts.get(each, 0)})")
            for each, (name, _) in words.STATES.items()
        ],
        states=words.STATES,
        say=words.causes,
        is_filtered=state is not None or bool(search),
    )


async def show(request: Request) -> Response:
    return await _page(request, Form.blank())


async def suspend(request: Request) -> Response:
    return await _by_hand(request, by_hand.suspend, SUSPENDED)


async def lift(request: Request) -> Response:
    return await _by_hand(request, by_hand.lift, LIFTED)


async def back(request: Request) -> Response:
    """The address of a form that was posted is not a page of its own."""
    return RedirectResponse(_address(request), status_code=303)


async def _by_hand(
    request: Request, decide: Callable[..., Awaitable[None]], notice: str
) -> Response:
    form = await Form.read(request)
    reason = form.text("reason", longest=by_hand.LONGEST_REASON)
    if form.errors:
        return await _page(request, form, status_code=422)
    try:
        await decide(
            principal=principal_of(request),
            vendor_id=request.path_params["vendor_id"],
            reason=reason,
            seen=form.uuid("seen"),
            now=request.state.now,
        )
    except (IllegalMove, StandingChanged):
        return see_other(request, _address(request), notice=CHANGED, tone="warn")
    return see_other(request, _address(request), notice=notice)


async def _page(request: Request, form: Form, *, status_code: int = 200) -> Response:
    principal = principal_of(request)
    story = await standing_stories.of_vendor(
        principal=principal, vendor_id=request.path_params["vendor_id"]
    )
    said = await limits.content(principal=principal)
    newest = story.cards[0] if story.cards else None
    return await office_page(
        request,
        "back_office/standing/vendor.html",
        status_code=status_code,
        story=story,
        state=words.STATES[story.state],
        say=words.causes,
        moves=words.MOVES,
        appeals=words.APPEALS,
        figures=[
            words.judged(one, is_excused=one.line.metric in story.excused)
            for one in (_judged(newest, said) if newest else [])
        ],
        newest=newest,
        days=story.cards[:SHOWN_DAYS],
        form=form,
        longest=by_hand.LONGEST_REASON,
        may_change=access.is_operator(principal),
    )


def _judged(card: Card, said: limits.Content) -> list[judging.Judged]:
    return judging.judge(said.lines, figures=card.figures, newer=card.newer)


def _state(request: Request) -> StandingState | None:
    asked = request.query_params.get("state")
    if asked and asked not in set(StandingState):
        raise InvalidInput("state", "there is no such standing", ", ".join(StandingState))
    return StandingState(asked) if asked else None


def _key(key: paging.Key | None) -> tuple[str, UUID] | None:
    return (str(key[0]), UUID(str(key[1]))) if key else None


def _address(request: Request) -> str:
    return f"{ADDRESS}/{request.path_params['vendor_id']}"
