"""What the vendor has earned and why: its account in the ledger, line by line."""

from collections.abc import AsyncIterator, Sequence

from starlette.requests import Request
from starlette.responses import Response

from marketplace.kit.csv_lines import Cell
from marketplace.kit.errors import Forbidden, InvalidInput
from marketplace.kit.principal import Principal
from marketplace_web import paging
from marketplace_web.csv_files import csv_file
from marketplace_web.formatting import iso
from marketplace_web.paging import Page
from marketplace_web.sessions import principal_of
from settlement import balances
from settlement.balances import MAX_PAGE, VendorEntry
from settlement.earnings import queries
from settlement.earnings.queries import Balance
from vendor_portal.face import may_see_money, portal_page

HEADER = (
    "Date", "Booked", "Order", "Entry", "What for", "Amount", "Balance", "Currency",
)  # fmt: skip


async def show(request: Request) -> Response:
    principal = _owner(request)
    asked = paging.asked(request)
    own = await _balances(principal)
    currency = _currency(request, own)
    if currency is None:
        return await portal_page(request, "portal/balance.html", balances=[], currency=None)
    assert principal.vendor_id is not None
    story = await balances.vendor_story(
        principal=principal, vendor_id=principal.vendor_id, currency=currency
    )
    found = await balances.vendor_entries(
        principal=principal,
        vendor_id=principal.vendor_id,
        currency=currency,
        before=int(asked.after[0]) if asked.after else None,
        limit=asked.limit,
    )
    page = paging.page(request, found.entries, asked, key=lambda entry: (entry.id,))
    return await portal_page(
        request,
        "portal/balance.html",
        balances=own,
        currency=currency,
        story=story,
        kept=next(balance for balance in own if balance.currency == currency),
        # The account is read from its newest end; the first page is the way back.
        page=Page(page.rows, None, page.next_cursor),
        is_first=asked.after is None,
        csv_href=f"/portal/balance.csv?currency={currency}",
    )


async def export(request: Request) -> Response:
    """Every entry of the currency."""
    principal = _owner(request)
    currency = _currency(request, await _balances(principal))
    name = f"balance-{currency or 'none'}-{request.state.now:%Y-%m-%d}"
    return csv_file(name, HEADER, _batches(principal, currency))


def _owner(request: Request) -> Principal:
    principal = principal_of(request)
    if not may_see_money(principal):
        raise Forbidden("see the balance")
    return principal


async def _balances(principal: Principal) -> list[Balance]:
    assert principal.vendor_id is not None, principal
    return await queries.balances(principal=principal, vendor_id=principal.vendor_id)


def _currency(request: Request, own: Sequence[Balance]) -> str | None:
    """The asked one, else the first; None before the first sale."""
    currencies = [balance.currency for balance in own]
    asked = request.query_params.get("currency")
    if asked and asked not in currencies:
        accepted = ", ".join(currencies) or "none before the first sale"
        raise InvalidInput("currency", "there is no such balance", accepted)
    return asked or next(iter(currencies), None)


async def _batches(
    principal: Principal, currency: str | None
) -> AsyncIterator[Sequence[Sequence[Cell]]]:
    before: int | None = None
    while currency is not None:
        assert principal.vendor_id is not None
        page = await balances.vendor_entries(
            principal=principal,
            vendor_id=principal.vendor_id,
            currency=currency,
            before=before,
            limit=MAX_PAGE,
        )
        yield [_cells(entry) for entry in page.entries]
        before = page.next_before
        if before is None:
            return


def _cells(entry: VendorEntry) -> list[Cell]:
    return [
        entry.effective_date.isoformat(), iso(entry.recorded_at), entry.sub_order_number or "",
        entry.kind.value, entry.purpose.value, entry.amount.amount, entry.balance_after.amount,
        entry.amount.currency,
    ]  # fmt: skip
