"""Vendors' money: everybody's balances in one list."""

from collections.abc import AsyncIterator, Sequence
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from back_office.finance.acting import BASE, finance_page, searched
from back_office.finance.asked import one_of
from back_office.finance.money_words import ACCOUNTS, NO_ACCOUNT
from marketplace.kit.csv_lines import Cell
from marketplace_web import paging
from marketplace_web.csv_files import csv_file
from marketplace_web.sessions import principal_of
from settlement import access
from settlement.payouts import vendor_lists
from settlement.payouts.vendor_lists import ListedVendor, Standing

HEADER = (
    "Vendor", "Name", "Currency", "Pending", "Available", "Reserve", "On hold", "In progress",
    "Paid", "Payouts stopped", "Account",
)  # fmt: skip
STANDINGS = {
    Standing.NEGATIVE: "Owes us money",
    Standing.FROZEN: "Payouts stopped",
    Standing.NOT_READY: "Account not ready",
}


async def index(request: Request) -> Response:
    asked = paging.asked(request)
    search, standing = searched(request), _standing(request)
    rows = await vendor_lists.vendors(
        principal=principal_of(request), search=search, standing=standing,
        after=_key(asked.after), before=_key(asked.before), most=asked.limit,
    )  # fmt: skip
    filters = {"q": search, "standing": standing}
    kept = urlencode({name: value for name, value in filters.items() if value})
    return await finance_page(
        request,
        "vendors.html",
        page=paging.page(request, rows, asked, key=lambda row: (row.name, str(row.id))),
        standings=[(each.value, words) for each, words in STANDINGS.items()],
        is_filtered=bool(search or standing),
        accounts=ACCOUNTS,
        no_account=NO_ACCOUNT,
        csv_href=f"{BASE}/vendors.csv" + (f"?{kept}" if kept else ""),
    )


async def export(request: Request) -> Response:
    """Exactly what the list's filters select; a line for each vendor and currency."""
    principal = principal_of(request)
    access.check_viewer(principal, "see vendors' money")
    found = vendor_lists.batches(
        principal=principal, search=searched(request), standing=_standing(request)
    )

    async def rows() -> AsyncIterator[Sequence[Sequence[Cell]]]:
        async for batch in found:
            yield [line for vendor in batch for line in _lines(vendor)]

    return csv_file(f"vendors-{request.state.now:%Y-%m-%d}", HEADER, rows())


def _standing(request: Request) -> Standing | None:
    asked = one_of("standing", request.query_params.get("standing", ""), Standing)
    return Standing(asked) if asked else None


def _key(key: paging.Key | None) -> tuple[str, UUID] | None:
    return (str(key[0]), UUID(str(key[1]))) if key else None


def _lines(vendor: ListedVendor) -> list[list[Cell]]:
    account = vendor.account_state.value if vendor.account_state else "none"
    stopped = "yes" if vendor.is_frozen else "no"
    return [
        [
            vendor.code, vendor.name, kept.available.currency, kept.pending.amount,
            kept.available.amount, kept.reserve.amount, kept.on_hold.amount,
            kept.in_progress.amount, kept.paid.amount, stopped, account,
        ]
        for kept in vendor.balances
    ]  # fmt: skip
