"""The journal: every posting, and one with its two sides."""

from starlette.requests import Request
from starlette.responses import Response

from back_office.face import office_page
from back_office.finance.asked import a_day, one_of
from marketplace_web import paging
from marketplace_web.forms import CONTROL_CHARACTERS
from marketplace_web.sessions import principal_of
from settlement import chart, journal
from settlement.access import ACCOUNTANTS
from settlement.adjustments.limits import REVERSIBLE
from settlement.journal import Filters
from settlement.ledger import Kind


async def index(request: Request) -> Response:
    asked = paging.asked(request)
    filters = _filters(request)
    rows = await journal.postings(
        principal=principal_of(request),
        filters=filters,
        after=int(asked.after[0]) if asked.after else None,
        before=int(asked.before[0]) if asked.before else None,
        most=asked.limit,
    )
    return await office_page(
        request,
        "back_office/finance/journal.html",
        page=paging.page(request, rows, asked, key=lambda posting: (posting.seq,)),
        is_filtered=filters != Filters(),
        kinds=[(kind.value, words(kind)) for kind in Kind],
        accounts=[(code, f"{code} {name}") for code, name in chart.NAMES.items()],
        words=words,
    )


async def show(request: Request) -> Response:
    principal = principal_of(request)
    posting = await journal.posting(
        principal=principal, posting_id=request.path_params["posting_id"]
    )
    return await office_page(
        request,
        "back_office/finance/posting.html",
        posting=posting,
        words=words,
        may_reverse=posting.kind in REVERSIBLE and bool(principal.roles & ACCOUNTANTS),
    )


def words(kind: str) -> str:
    """A kind or a purpose as people read it."""
    return kind.replace("_", " ").capitalize()


def _filters(request: Request) -> Filters:
    asked = request.query_params
    order = CONTROL_CHARACTERS.sub("", asked.get("q", "")).strip()[:40]
    return Filters(
        kind=Kind(one_of("kind", asked.get("kind", ""), set(Kind))) if asked.get("kind") else None,
        first_day=a_day("from", asked.get("from", "")),
        last_day=a_day("to", asked.get("to", "")),
        account_code=one_of("account", asked.get("account", ""), set(chart.NAMES)) or None,
        order_number=order or None,
    )
