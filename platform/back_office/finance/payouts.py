"""Payout batches: all of them, and one with its payouts and who was skipped."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from back_office.finance.acting import BASE, finance_page, searched
from back_office.finance.asked import one_of
from back_office.finance.money_words import FAILURES, SKIPPED
from marketplace.kit.csv_lines import Cell
from marketplace_web import paging
from marketplace_web.csv_files import csv_file
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from settlement import access, people
from settlement.payouts import batch_lists, queries
from settlement.payouts.batch_lists import BatchPayout, Progress
from settlement.payouts.models import BatchState, PayoutState

SHOWN = 200
HEADER = (
    "Payout", "Vendor", "Amount", "Currency", "State", "Attempt", "Arrives", "Trace", "Failure",
)  # fmt: skip


async def index(request: Request) -> Response:
    principal = principal_of(request)
    access.check_viewer(principal, "see payout batches")
    asked = paging.asked(request)
    state = one_of("state", request.query_params.get("state", ""), BatchState)
    found = await queries.batches(
        principal=principal,
        before=int(asked.after[0]) if asked.after else None,
        state=BatchState(state) if state else None,
        limit=asked.limit,
    )
    progress = await batch_lists.progress(
        principal=principal, batch_ids=[batch.id for batch in found]
    )
    return await finance_page(
        request,
        "payouts.html",
        page=paging.page(request, found, asked, key=lambda batch: (batch.number,)),
        progress=progress,
        nothing=Progress(),
        states=[(each.value, each.value.capitalize()) for each in BatchState],
        is_filtered=bool(state),
        title_of=title_of,
        form=Form.blank(),
    )


async def show(request: Request) -> Response:
    return await batch_page(request)


async def batch_page(request: Request) -> Response:
    """One batch; how many people it needs, and whether the reader can be one of them."""
    principal, batch_id = principal_of(request), request.path_params["batch_id"]
    access.check_viewer(principal, "see a payout batch")
    whole = await queries.batch(principal=principal, batch_id=batch_id)
    progress = await batch_lists.progress(principal=principal, batch_ids=[batch_id])
    keys = [key for key, _ in whole.approvals] + [whole.batch.created_by]
    search, state = searched(request), _state(request)
    payouts = await batch_lists.payouts(
        principal=principal, batch_id=batch_id, search=search, state=state, most=SHOWN + 1
    )
    return await finance_page(
        request,
        "batch.html",
        whole=whole,
        batch=whole.batch,
        title=title_of(whole.batch.cycle, whole.batch.number),
        progress=progress[batch_id],
        payouts=payouts[:SHOWN],
        has_more=len(payouts) > SHOWN,
        people=await people.names(principal=principal, keys=keys),
        states=[(each.value, each.value.capitalize()) for each in PayoutState],
        is_filtered=bool(search or state),
        missing=max(whole.needed - len(whole.approvals), 0),
        has_approved=principal.key in {key for key, _ in whole.approvals},
        is_drafter=whole.batch.created_by == principal.key,
        failures=FAILURES,
        skipped_words=SKIPPED,
        csv_href=f"{BASE}/payouts/{batch_id}/payouts.csv",
        form=Form.blank(),
    )


async def export(request: Request) -> Response:
    """Every payout of a batch."""
    principal, batch_id = principal_of(request), request.path_params["batch_id"]
    whole = await queries.batch(principal=principal, batch_id=batch_id)
    access.check_viewer(principal, "see payouts")

    async def rows() -> AsyncIterator[Sequence[Sequence[Cell]]]:
        after: UUID | None = None
        while True:
            found = await batch_lists.payouts(principal=principal, batch_id=batch_id, after=after)
            yield [_cells(payout) for payout in found]
            if len(found) < batch_lists.MOST:
                return
            after = found[-1].id

    return csv_file(f"payouts-batch-{whole.batch.number}", HEADER, rows())


def title_of(cycle: str, number: int) -> str:
    """What a batch pays, in words: a day, or one vendor that was paid on demand."""
    if cycle.startswith("vendor:"):
        return f"Batch {number}, on demand for {cycle.split(':')[1]}"
    day = date.fromisoformat(cycle)
    return f"Batch {number}, {day.day} {day:%b %Y}"


def _state(request: Request) -> PayoutState | None:
    asked = one_of("state", request.query_params.get("state", ""), PayoutState)
    return PayoutState(asked) if asked else None


def _cells(payout: BatchPayout) -> list[Cell]:
    arrives = "" if payout.arrival_date is None else payout.arrival_date.isoformat()
    return [
        str(payout.id), payout.vendor_name, payout.amount.amount, payout.amount.currency,
        payout.state.value, payout.attempt, arrives, payout.trace_id or "",
        payout.failure_message or "",
    ]  # fmt: skip
