"""One vendor's money: where it is, when it comes, and what keeps it."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from back_office.finance.acting import finance_page
from back_office.finance.money_words import ACCOUNTS, NO_ACCOUNT, asked_for
from back_office.finance.terms_words import schedule_in_words
from marketplace.kit.money import Money
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from settlement import people
from settlement.access import FINANCE
from settlement.connected import queries as connected
from settlement.connected.models import AccountState
from settlement.disputes import queries as disputes
from settlement.earnings import queries as earnings
from settlement.earnings.models import HoldKind
from settlement.payouts import queries as payouts
from settlement.payouts import vendor_lists
from settlement.payouts.vendor_lists import Stops
from settlement.terms import reading

AHEAD = timedelta(days=45)
RECENT = 10


async def show(request: Request) -> Response:
    return await vendor_page(request, Form.blank())


async def vendor_page(
    request: Request, form: Form, *, status_code: int = 200, link: str | None = None
) -> Response:
    """`form` is the hold's, with what was typed; `link` is where the vendor goes to onboard."""
    principal, now = principal_of(request), request.state.now
    vendor_id = request.path_params["vendor_id"]
    found = await vendor_lists.stops(principal=principal, vendor_id=vendor_id)
    balances = await earnings.balances(principal=principal, vendor_id=vendor_id)
    account = await connected.account_of(principal=principal, vendor_id=vendor_id)
    terms = await reading.terms_of(vendor_id, now, principal=principal)
    return await finance_page(
        request,
        "vendor.html",
        status_code=status_code,
        vendor_id=vendor_id,
        vendor=found,
        balances=balances,
        coming=await earnings.upcoming(
            principal=principal, vendor_id=vendor_id, until=now.date() + AHEAD, now=now
        ),
        next_payouts=await payouts.next_payout(principal=principal, vendor_id=vendor_id, now=now),
        payouts=await payouts.payouts_of_vendor(
            principal=principal, vendor_id=vendor_id, limit=RECENT
        ),
        disputes=await disputes.disputes(
            principal=principal, vendor_id=vendor_id, is_open=True, most=RECENT
        ),
        statements=[(one, Money(one.closing_minor, one.currency)) for one in found.statements],
        holds=[(hold, Money(hold.amount_minor, hold.currency)) for hold in found.holds],
        people=await people.names(principal=principal, keys=_placers(found)),
        is_of_dispute=HoldKind.DISPUTE,
        terms=terms,
        is_own=terms.vendor_id is not None,
        schedule=schedule_in_words(terms.schedule, terms.schedule_days),
        minimums=[Money(minor, code) for code, minor in sorted(terms.minimums.items())],
        account=account,
        account_words=ACCOUNTS[account.state] if account else NO_ACCOUNT,
        asked_for=sorted({asked_for(each) for each in account.requirements}) if account else [],
        can_open=account is None or account.provider_account_id is None,
        can_onboard=account is not None
        and account.provider_account_id is not None
        and account.state is not AccountState.DISCONNECTED,
        link=link,
        may_freeze=bool(principal.roles & FINANCE),
        may_open=bool(principal.roles & FINANCE),
        currencies=[(each.currency, each.currency) for each in balances],
        form=form,
        blank=Form.blank(),
    )


def _placers(found: Stops) -> list[str]:
    """Keys of who holds the vendor's money."""
    return [one.placed_by for one in found.holds] + [one.placed_by for one in found.freezes]
