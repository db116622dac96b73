"""Corrections by hand: what waits for a second person, and what became of each."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from back_office.finance.acting import BASE, answer, finance_page, happenings
from back_office.finance.adjustment_words import FROM_ELSEWHERE, KINDS, STATES
from back_office.finance.asked import one_of
from marketplace_web import paging
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from settlement import access, chart
from settlement.adjustments import deciding, queries
from settlement.adjustments.models import AdjustmentState

BOOKED = "It is approved and booked."
REJECTED = "It is rejected. Nothing is booked."


async def index(request: Request) -> Response:
    """Those that wait for somebody come first, by themselves."""
    principal = principal_of(request)
    access.check_viewer(principal, "see adjustments")
    asked = paging.asked(request)
    typed = one_of("state", request.query_params.get("state", ""), AdjustmentState)
    state = AdjustmentState(typed) if typed else None
    rows = await queries.page(
        principal=principal, state=state, most=asked.limit,
        after=UUID(str(asked.after[0])) if asked.after else None,
    )  # fmt: skip
    is_first = state is None and asked.after is None
    waiting = await queries.page(principal=principal, state=AdjustmentState.PROPOSED)
    return await finance_page(
        request,
        "adjustments.html",
        page=paging.page(request, rows, asked, key=lambda row: (str(row.id),)),
        waiting=waiting if is_first else [],
        states=[(each.value, words) for each, (words, _) in STATES.items()],
        state_words=STATES,
        is_filtered=state is not None,
        kinds=KINDS,
        offered=[(kind, words) for kind, words in KINDS.items() if kind not in FROM_ELSEWHERE],
    )


async def show(request: Request) -> Response:
    principal = principal_of(request)
    access.check_viewer(principal, "see an adjustment")
    found = await queries.find(
        principal=principal, adjustment_id=request.path_params["adjustment_id"]
    )
    told = await queries.told(principal=principal, adjustment_id=found.id)
    return await finance_page(
        request,
        "adjustment.html",
        adjustment=found,
        words=KINDS[found.kind],
        state_words=STATES[found.state],
        account=found.account and f"{found.account} {chart.NAMES[found.account]}",
        posting_id=told.posting_id,
        order_id=told.order_id,
        story=happenings(told.story),
        is_mine=found.proposed_by == principal.key,
        form=Form.blank(),
    )


async def approve(request: Request) -> Response:
    doing = deciding.approve(
        principal=principal_of(request), adjustment_id=request.path_params["adjustment_id"],
        now=request.state.now,
    )  # fmt: skip
    return await answer(request, _address(request), doing, notice=BOOKED)


async def reject(request: Request) -> Response:
    reason = (await Form.read(request)).text("reason")
    if not reason:
        return see_other(request, _address(request), notice="Please say why.", tone="bad")
    doing = deciding.reject(
        principal=principal_of(request), adjustment_id=request.path_params["adjustment_id"],
        reason=reason, now=request.state.now,
    )  # fmt: skip
    return await answer(request, _address(request), doing, notice=REJECTED)


def _address(request: Request) -> str:
    return f"{BASE}/adjustments/{request.path_params['adjustment_id']}"
