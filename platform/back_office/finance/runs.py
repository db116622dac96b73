"""Runs of reconciliation: all of them, one with its proofs of cash, a new one, one again."""

from datetime import UTC, timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from back_office.face import office_page
from back_office.finance import break_words
from back_office.finance.home import BREAKS
from marketplace.kit.errors import NotFound
from marketplace_web import paging
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from settlement import access, people
from settlement.reconciliation import bank_queries, queries, requested, rules, running
from settlement.reconciliation.queries import RunView
from settlement.reconciliation.requested import RequestView

RUNS = f"{BREAKS}/runs"
REFRESH_SECONDS = "2"
# In the order of running.STEPS.
STEP_WORDS = ("Book our payouts", "Gather the lines", "Match", "Name differences", "Settle by rule")


async def index(request: Request) -> Response:
    today = request.state.now.astimezone(UTC).date()
    return await runs_page(request, Form.blank(until=today - timedelta(days=1)))


async def create(request: Request) -> Response:
    """Have what was read of the provider's and the bank's books compared up to a day."""
    form = await Form.read(request)
    until = form.day("until")
    if until is not None and until > request.state.now.astimezone(UTC).date():
        form.refuse("until", "Please choose a day that has come.")
    if form.errors or until is None:
        return await runs_page(request, form, status_code=422)
    await requested.ask(principal=principal_of(request), until=until, now=request.state.now)
    return see_other(request, RUNS, notice="It is asked for. You see below how far it is.")


async def show(request: Request) -> Response:
    principal, run = principal_of(request), await _run(request)
    banks = break_words.bank_names(await queries.bank_accounts(principal=principal))
    return await office_page(
        request,
        "back_office/finance/run.html",
        run=run,
        proofs=await queries.proofs_of(principal=principal, run_id=run.id),
        names=await people.names(principal=principal, keys=[run.started_by]),
        files=await bank_queries.files(principal=principal, digests=run.files),
        banks=banks,
        version=rules.VERSION,
        words=break_words,
    )


async def again(request: Request) -> Response:
    """Do a run again from the inputs it kept: nothing is changed by it."""
    run = await _run(request)
    address = f"{RUNS}/{run.number}"
    done = await running.rerun(principal=principal_of(request), run_id=run.id)
    if done.is_same:
        return see_other(request, address, notice="Done again: the same came out, to the cent.")
    notice = "Something else came out. The rules have changed since, or its inputs have."
    return see_other(request, address, notice=notice, tone="bad")


async def back(request: Request) -> Response:
    number = request.path_params.get("number")
    return RedirectResponse(f"{RUNS}/{number}" if number else RUNS, status_code=303)


async def runs_page(request: Request, form: Form, *, status_code: int = 200) -> Response:
    asked, principal = paging.asked(request), principal_of(request)
    after = int(asked.after[0]) if asked.after else None
    rows = await queries.runs(principal=principal, after=after, most=asked.limit)
    comparing = await requested.under_way(principal=principal, now=request.state.now)
    people_named = [run.started_by for run in rows] + [each.asked_by for each in comparing]
    answer = await office_page(
        request,
        "back_office/finance/runs.html",
        status_code=status_code,
        page=paging.page(request, rows, asked, key=lambda run: (run.number,)),
        names=await people.names(principal=principal, keys=people_named),
        comparing=[(each, _steps(each)) for each in comparing],
        works=bool(principal.roles & access.ACCOUNTANTS),
        read_at=await queries.provider_read_at(principal=principal),
        form=form,
    )
    if request.method == "GET" and any(not each.is_broken for each in comparing):
        answer.headers["refresh"] = REFRESH_SECONDS
    return answer


def _steps(asked: RequestView) -> list[dict[str, str]]:
    """Each step with how it stands, as the timeline of steps is drawn."""
    current = "problem" if asked.is_broken else "current"
    states = ["done"] * asked.step + [current] + ["coming"] * len(STEP_WORDS)
    return [
        {"label": words, "state": state} for words, state in zip(STEP_WORDS, states, strict=False)
    ]


async def _run(request: Request) -> RunView:
    """One of the list, by its number."""
    number = request.path_params["number"]
    found = await queries.runs(principal=principal_of(request), after=number + 1, most=1)
    if not found or found[0].number != number:
        raise NotFound("run")
    return found[0]
