"""Where the vendor's money is, when it comes, and every entry that led to it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from marketplace.kit.csv_lines import Cell
from marketplace.kit.errors import InvalidInput
from marketplace.kit.principal import Principal
from marketplace_web import paging
from marketplace_web.csv_files import csv_file
from marketplace_web.formatting import iso
from marketplace_web.paging import Page
from settlement import balances
from settlement.balances import MAX_PAGE, VendorEntry
from settlement.connected.queries import account_of
from settlement.earnings import queries
from settlement.earnings.queries import Balance, Coming
from settlement.payouts.eligibility import Reason
from settlement.payouts.expecting import NextPayout
from settlement.payouts.queries import next_payout
from settlement.terms import reading
from vendor_portal.face import money_reader, portal_page
from vendor_portal.money_words import ACCOUNTS, entry_in_words
from vendor_portal.payout_words import WAYS_ON, why_not

HEADER = (
    "Date", "Booked", "Order", "Entry", "What for", "Amount", "Balance", "Currency",
)  # fmt: skip
AHEAD = timedelta(days=120)
MOST_DAYS = 8  # of those ahead on the page


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """The next payout in a currency, what is in its way, and what becomes available when."""

    expects: NextPayout
    why_not: str
    way_on: tuple[str, str] | None
    is_frozen: bool
    bank_last4: str | None
    days: Sequence[Coming]
    has_more_days: bool


async def show(request: Request) -> Response:
    principal, vendor_id = money_reader(request)
    asked = paging.asked(request)
    own = await queries.balances(principal=principal, vendor_id=vendor_id)
    currency = _currency(request, own)
    if currency is None:
        return await portal_page(request, "portal/balance.html", balances=[], currency=None)
    account = _account(request)
    story = await balances.vendor_story(principal=principal, vendor_id=vendor_id, currency=currency)
    found = await balances.vendor_entries(
        principal=principal,
        vendor_id=vendor_id,
        currency=currency,
        account=_code(account),
        before=int(asked.after[0]) if asked.after else None,
        limit=asked.limit,
    )
    page = paging.page(request, found.entries, asked, key=lambda entry: (entry.id,))
    return await portal_page(
        request,
        "portal/balance.html",
        balances=own,
        currency=currency,
        account=account,
        accounts=ACCOUNTS,
        story=story,
        kept=next(balance for balance in own if balance.currency == currency),
        in_words=entry_in_words,
        # The account is read from its newest end; the first page is the way back.
        page=Page(page.rows, None, page.next_cursor),
        is_first=asked.after is None,
        csv_href=f"/portal/balance.csv?currency={currency}&account={account}",
        ahead=await _ahead(request, principal, vendor_id, currency),
    )


async def export(request: Request) -> Response:
    """Every entry of the currency, or of one of its accounts."""
    principal, vendor_id = money_reader(request)
    own = await queries.balances(principal=principal, vendor_id=vendor_id)
    currency, account = _currency(request, own), _account(request)
    name = "-".join(filter(None, ["balance", currency or "none", account]))
    batches = _batches(principal, vendor_id, currency, _code(account))
    return csv_file(f"{name}-{request.state.now:%Y-%m-%d}", HEADER, batches)


async def _ahead(request: Request, principal: Principal, vendor_id: UUID, currency: str) -> Ahead:
    now = request.state.now
    coming = await queries.upcoming(
        principal=principal, vendor_id=vendor_id, until=(now + AHEAD).date(), now=now
    )
    expected = await next_payout(principal=principal, vendor_id=vendor_id, now=now)
    [expects] = [each for each in expected if each.currency == currency]
    terms = await reading.terms_of(vendor_id, now, principal=principal)
    connected = await account_of(principal=principal, vendor_id=vendor_id)
    reason = None if expects.obstacle_then is None else expects.obstacle_then.reason
    days = [each for each in coming if each.currency == currency]
    return Ahead(
        expects=expects,
        why_not="" if reason is None else why_not(reason, currency, terms, connected),
        way_on=None if reason is None else WAYS_ON.get(reason),
        is_frozen=reason is Reason.FROZEN,
        bank_last4=None if connected is None else connected.bank_last4,
        days=days[:MOST_DAYS],
        has_more_days=len(days) > MOST_DAYS,
    )


def _currency(request: Request, own: Sequence[Balance]) -> str | None:
    """The asked one, else the first; None before the first sale."""
    currencies = [balance.currency for balance in own]
    asked = request.query_params.get("currency")
    if asked and asked not in currencies:
        accepted = ", ".join(currencies) or "none before the first sale"
        raise InvalidInput("currency", "there is no such balance", accepted)
    return asked or next(iter(currencies), None)


def _account(request: Request) -> str:
    """The asked account's word; nothing for all that the vendor got or gave."""
    asked: str = request.query_params.get("account", "")
    if asked and asked not in ACCOUNTS:
        raise InvalidInput("account", "there is no such account", ", ".join(ACCOUNTS))
    return asked


def _code(account: str) -> str | None:
    return ACCOUNTS[account][0] if account else None


async def _batches(
    principal: Principal, vendor_id: UUID, currency: str | None, account: str | None
) -> AsyncIterator[Sequence[Sequence[Cell]]]:
    before: int | None = None
    while currency is not None:
        page = await balances.vendor_entries(
            principal=principal,
            vendor_id=vendor_id,
            currency=currency,
            account=account,
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
