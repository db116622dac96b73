"""The queue of breaks: what differs, how much, for how long, and who is at it."""

from collections.abc import AsyncIterator
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from back_office.face import office_page
from back_office.finance import break_words
from back_office.finance.asked import one_of
from marketplace.kit.csv_lines import Cell
from marketplace_web import paging
from marketplace_web.csv_files import csv_file
from marketplace_web.formatting import iso
from marketplace_web.sessions import principal_of
from settlement import access, people
from settlement.reconciliation import break_queries, business_days, queries, rules
from settlement.reconciliation.break_queries import BreakFilter, BreakView
from settlement.reconciliation.run_models import BreakCode, BreakState, Severity

AGES = [business_days.bucket(first) for first, _ in business_days.OPEN_BUCKETS]
FILTERS = ("code", "state", "severity", "owner", "age", "account")
OWNERS = (("me", "Me"), ("nobody", "Nobody"))
ANY_STATE = "any"
HEADER = (
    "Id", "Code", "What", "Severity", "State", "Account", "Vendor", "Amount", "Currency", "Detail",
    "Happened", "First seen", "Age (business days)", "Owner",
)  # fmt: skip


async def index(request: Request) -> Response:
    asked, principal = paging.asked(request), principal_of(request)
    rows = await break_queries.breaks(
        principal=principal,
        wanted=_filters(request),
        now=request.state.now,
        after=_id(asked.after),
        before=_id(asked.before),
        most=asked.limit,
    )
    page = paging.page(request, rows, asked, key=lambda row: (str(row.id),))
    banks = break_words.bank_names(await queries.bank_accounts(principal=principal))
    kept = {name: request.query_params.get(name, "") for name in FILTERS}
    return await office_page(
        request,
        "back_office/finance/breaks.html",
        page=page,
        names=await people.names(principal=principal, keys=[row.owner for row in page.rows]),
        is_filtered=any(kept.values()),
        csv_href=f"{request.url.path}.csv?{urlencode({k: v for k, v in kept.items() if v})}",
        accounts=[
            (account, break_words.place(account, banks))
            for account in await break_queries.accounts(principal=principal)
        ],
        banks=banks,
        codes=[(code.value, f"{code} {name}") for code, name in rules.NAMES.items()],
        ages=[(age, f"{age} business days") for age in AGES],
        states=[
            *((state.value, words) for state, (words, _) in break_words.STATES.items()),
            (ANY_STATE, "All, ended ones too"),
        ],
        severities=[(each.value, words) for each, (words, _) in break_words.SEVERITIES.items()],
        owners=OWNERS,
        code_names=rules.NAMES,
        words=break_words,
    )


async def export(request: Request) -> Response:
    """Exactly what the filters select, however many; refused before the first line is sent."""
    access.check_viewer(principal_of(request), "see reconciliation")
    batches = _batches(request, _filters(request))
    rows = ([_cells(row) for row in batch] async for batch in batches)
    return csv_file(f"breaks-{request.state.now:%Y-%m-%d}", HEADER, rows)


async def _batches(request: Request, wanted: BreakFilter) -> AsyncIterator[list[BreakView]]:
    principal, last = principal_of(request), None
    while True:
        batch = await break_queries.breaks(
            principal=principal, wanted=wanted, now=request.state.now, after=last, most=500
        )
        yield batch
        if len(batch) < 500:
            return
        last = batch[-1].id


def _filters(request: Request) -> BreakFilter:
    """Breaks that have not ended, unless a state is asked for."""
    asked = request.query_params
    state = one_of("state", asked.get("state", ""), [*BreakState, ANY_STATE])
    code = one_of("code", asked.get("code", ""), BreakCode)
    severity = one_of("severity", asked.get("severity", ""), Severity)
    age = one_of("age", asked.get("age", ""), AGES)
    owner = one_of("owner", asked.get("owner", ""), [name for name, _ in OWNERS])
    today = request.state.now.date()
    since, until = business_days.seen_in(age, today) if age else (None, None)
    return BreakFilter(
        code=BreakCode(code) if code else None,
        state=BreakState(state) if state and state != ANY_STATE else None,
        is_live=None if state else True,
        severity=Severity(severity) if severity else None,
        owner=principal_of(request).key if owner == "me" else None,
        is_unowned=owner == "nobody",
        account=asked.get("account") or None,
        seen_from=since,
        seen_until=until,
    )


def _cells(row: BreakView) -> list[Cell]:
    return [
        str(row.id), row.code.value, rules.NAMES[row.code], row.severity.value, row.state.value,
        row.account, row.vendor_name or "", row.amount.amount, row.amount.currency, row.detail,
        row.happened_on.isoformat(), iso(row.first_seen_at), row.age_days, row.owner or "",
    ]  # fmt: skip


def _id(key: paging.Key | None) -> UUID | None:
    return UUID(str(key[0])) if key else None
