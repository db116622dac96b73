"""Months of the books: which are open, and closing them."""

from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from back_office.finance.acting import BASE, answer, finance_page
from marketplace.kit.errors import NotFound
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from settlement.adjustments import closing, months
from settlement.models import PeriodStatus

LIST = f"{BASE}/months"
STATUSES = {
    PeriodStatus.OPEN: ("Open", "info"),
    PeriodStatus.SOFT_CLOSED: ("Adjustments only", "warn"),
    PeriodStatus.CLOSED: ("Closed", "good"),
}
SOFTLY = "From now on only adjustments are dated in it."
CLOSED = "The month is closed, with the hash of its books."
ASKED = "Somebody else has to agree before the month is opened again."
OPENED = "The month takes adjustments again. Close it again afterwards."


async def index(request: Request) -> Response:
    principal = principal_of(request)
    found = await months.months(principal=principal, now=request.state.now)
    return await finance_page(
        request, "months.html", months=found, statuses=STATUSES, form=Form.blank()
    )


async def soft_close(request: Request) -> Response:
    note = await _note(request)
    if not note:
        return _say_why(request)
    doing = closing.soft_close(
        principal=principal_of(request), month=_month(request), note=note, now=request.state.now
    )
    return await answer(request, LIST, doing, notice=SOFTLY)


async def close(request: Request) -> Response:
    note = await _note(request)
    if not note:
        return _say_why(request)
    doing = closing.close(
        principal=principal_of(request), month=_month(request), note=note, now=request.state.now
    )
    return await answer(request, LIST, doing, notice=CLOSED)


async def ask_to_reopen(request: Request) -> Response:
    note = await _note(request)
    if not note:
        return _say_why(request)
    doing = closing.ask_to_reopen(
        principal=principal_of(request), month=_month(request), note=note, now=request.state.now
    )
    return await answer(request, LIST, doing, notice=ASKED)


async def agree_to_reopen(request: Request) -> Response:
    doing = closing.agree_to_reopen(
        principal=principal_of(request), change_id=request.path_params["change_id"],
        now=request.state.now,
    )  # fmt: skip
    return await answer(request, LIST, doing, notice=OPENED)


async def _note(request: Request) -> str:
    return (await Form.read(request)).text("note")


def _say_why(request: Request) -> Response:
    return see_other(request, LIST, notice="Please write a note with it.", tone="bad")


def _month(request: Request) -> date:
    try:
        return date.fromisoformat(request.path_params["month"])
    except ValueError:
        raise NotFound("accounting month") from None
