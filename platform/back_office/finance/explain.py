"""Why an amount is what it is: the chain from an entry, a payout, a balance or an order."""

from datetime import date, datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from back_office.face import office_page
from back_office.finance.home import FINANCE
from marketplace.kit.errors import NotFound
from marketplace_web.forms import CONTROL_CHARACTERS
from marketplace_web.sessions import principal_of
from settlement import access
from settlement.explaining import finding
from settlement.explaining.balances import BalancePage, explain_balance
from settlement.explaining.entries import explain_entry
from settlement.explaining.finding import Place
from settlement.explaining.nodes import Explanation
from settlement.explaining.orders import explain_order
from settlement.explaining.payouts import explain_payout
from settlement.reconciliation import queries
from settlement.reconciliation.queries import MatchView

EXPLAIN = f"{FINANCE}/explain"
ENTRIES_SHOWN = 50
DAY_LENGTH = len("2026-11-22")
CODED = frozenset({"state", "kind", "purpose"})  # facts that are words of ours


async def index(request: Request) -> Response:
    """The search; what is found is where its address leads."""
    words = CONTROL_CHARACTERS.sub("", request.query_params.get("q", "")).strip()[:120]
    principal = principal_of(request)
    access.check_viewer(principal, "explain amounts")
    if words:
        try:
            found = await finding.find(principal=principal, words=words)
        except NotFound:
            return await office_page(
                request, "back_office/finance/explain.html", status_code=404, words=words
            )
        if found.place is Place.POSTINGS:
            return RedirectResponse(f"{FINANCE}/journal/{found.name}", status_code=303)
        return RedirectResponse(f"{EXPLAIN}/{found.place}/{found.name}", status_code=303)
    return await office_page(request, "back_office/finance/explain.html", words="")


async def entry(request: Request) -> Response:
    found = await explain_entry(
        principal=principal_of(request), entry_id=request.path_params["entry_id"]
    )
    return await _page(request, found, title=f"Entry {request.path_params['entry_id']}")


async def order(request: Request) -> Response:
    number = request.path_params["number"]
    found = await explain_order(principal=principal_of(request), number=number)
    return await _page(request, found, title=number)


async def payout(request: Request) -> Response:
    principal, payout_id = principal_of(request), request.path_params["payout_id"]
    found = await explain_payout(principal=principal, payout_id=payout_id)
    matches = await queries.matches(principal=principal, object_id=payout_id)
    return await _page(request, found, title="Payout", matches=matches)


async def balance(request: Request) -> Response:
    """A vendor's account, its entries newest first, page by page."""
    before = request.query_params.get("before", "")
    found = await explain_balance(
        principal=principal_of(request),
        vendor_id=request.path_params["vendor_id"],
        account_code=request.path_params["account"],
        currency=request.path_params["currency"],
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None,
        limit=ENTRIES_SHOWN,
    )
    return await _page(request, found.explanation, title="Balance", balance=found)


async def _page(
    request: Request,
    explanation: Explanation,
    *,
    title: str,
    matches: list[MatchView] | None = None,
    balance: BalancePage | None = None,
) -> Response:
    access.check_viewer(principal_of(request), "explain amounts")
    return await office_page(
        request,
        "back_office/finance/explanation.html",
        found=explanation,
        title=title,
        matches=matches or [],
        balance=balance,
        moment_of=_moment_of,
        coded=CODED,
    )


def _moment_of(value: str) -> datetime | date | None:
    """The moment or the day that a fact is, if it is one: facts are kept as they are stored."""
    try:
        if len(value) == DAY_LENGTH:
            return date.fromisoformat(value)
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
