"""What was paid to the vendor, what is on its way, and asking for the next one."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from marketplace.kit.csv_lines import Cell
from marketplace.kit.errors import DomainError
from marketplace.kit.principal import Principal
from marketplace_web import paging
from marketplace_web.csv_files import csv_file
from marketplace_web.flashing import see_other
from marketplace_web.formatting import iso
from marketplace_web.forms import Form
from settlement.connected.queries import account_of
from settlement.payouts import drafting, vendor_queries
from settlement.payouts.errors import NotPayable
from settlement.payouts.queries import next_payout
from settlement.payouts.vendor_queries import OwnPayout
from settlement.reports.statements import reading as statements
from settlement.terms import reading as terms_reading
from settlement.terms.models import Schedule
from vendor_portal.face import PAYOUTS, money_reader, portal_page
from vendor_portal.payout_words import (
    STATES,
    progress_of,
    story_of,
    what_helps,
    why_it_waits,
    why_not,
)
from vendor_portal.statements import MOST_LINES

BATCH = 200
HEADER = (
    "Made", "Amount", "Currency", "State", "Arrives", "Paid", "Bank account", "Trace", "Statement",
)  # fmt: skip
ASKED = "Your payout is asked for. It is on its way as soon as it is checked."


async def show_all(request: Request) -> Response:
    return await _list(request, Form.blank())


async def create(request: Request) -> Response:
    """Ask for a payout of all that is available; refused beside the button."""
    principal, vendor_id = money_reader(request)
    form = await Form.read(request)
    now = request.state.now
    try:
        await drafting.draft_on_demand(
            vendor_id=vendor_id, principal=principal, now=now, key=str(form.token)
        )
    except NotPayable as refusal:
        terms = await terms_reading.terms_of(vendor_id, now, principal=principal)
        account = await account_of(principal=principal, vendor_id=vendor_id)
        currency = await _refused_currency(principal, vendor_id, refusal, request)
        form.refuse("", why_not(refusal.reason, currency, terms, account))
        return await _list(request, form, status_code=409)
    except DomainError as refusal:
        form.refuse("", refusal.message)
        return await _list(request, form, status_code=409)
    return see_other(request, PAYOUTS, notice=ASKED)


async def show(request: Request) -> Response:
    principal, vendor_id = money_reader(request)
    payout, steps = await vendor_queries.payout(
        principal=principal, vendor_id=vendor_id, payout_id=request.path_params["payout_id"]
    )
    statement = await statements.statement(
        principal=principal,
        vendor_id=vendor_id,
        number=payout.statement_number,
        currency=payout.amount.currency,
    )
    return await portal_page(
        request,
        "portal/payout.html",
        payout=payout,
        statement=statement,
        states=STATES,
        progress_shown=progress_of(payout),
        story=story_of(steps),
        help_words=what_helps(payout) if payout.has_failed else why_it_waits(payout),
        most_lines=MOST_LINES,
    )


async def export(request: Request) -> Response:
    """Every payout."""
    principal, vendor_id = money_reader(request)
    name = f"payouts-{request.state.now:%Y-%m-%d}"
    return csv_file(name, HEADER, _batches(principal, vendor_id))


async def _list(request: Request, form: Form, *, status_code: int = 200) -> Response:
    principal, vendor_id = money_reader(request)
    asked = paging.asked(request)
    rows = await vendor_queries.payouts(
        principal=principal,
        vendor_id=vendor_id,
        after=_id(asked.after),
        before=_id(asked.before),
        limit=asked.limit,
    )
    terms = await terms_reading.terms_of(vendor_id, request.state.now, principal=principal)

    def key(row: OwnPayout) -> tuple[str]:
        return (str(row.id),)

    return await portal_page(
        request,
        "portal/payouts.html",
        status_code=status_code,
        page=paging.page(request, rows, asked, key=key),
        states=STATES,
        is_on_demand=terms.schedule is Schedule.ON_DEMAND,
        form=form,
    )


async def _refused_currency(
    principal: Principal, vendor_id: UUID, refusal: NotPayable, request: Request
) -> str:
    """Of which currency the reason was said: the first that has it, if it still holds."""
    expected = await next_payout(principal=principal, vendor_id=vendor_id, now=request.state.now)
    found = [each.currency for each in expected if each.obstacle is not None
        and each.obstacle.reason is refusal.reason]  # fmt: skip
    return found[0] if found else ""


async def _batches(
    principal: Principal, vendor_id: UUID
) -> AsyncIterator[Sequence[Sequence[Cell]]]:
    after: UUID | None = None
    while True:
        rows = await vendor_queries.payouts(
            principal=principal, vendor_id=vendor_id, after=after, limit=BATCH
        )
        yield [_cells(row) for row in rows]
        if len(rows) < BATCH:
            return
        after = rows[-1].id


def _cells(row: OwnPayout) -> list[Cell]:
    return [
        iso(row.created_at), row.amount.amount, row.amount.currency, STATES[row.state][0],
        row.arrival_date.isoformat() if row.arrival_date else "",
        iso(row.paid_at) if row.paid_at else "",
        f"****{row.bank_last4}" if row.bank_last4 else "", row.trace_id or "",
        row.statement_number,
    ]  # fmt: skip


def _id(key: paging.Key | None) -> UUID | None:
    return None if key is None else UUID(str(key[0]))
