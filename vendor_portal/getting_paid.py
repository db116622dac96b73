"""Where the vendor's money goes: its account at the payment provider, and what is agreed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from marketplace.kit.errors import NotFound
from marketplace.payments.gateway import ProviderError, ProviderRefused
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from settlement import provider_events
from settlement.connected import opening
from settlement.connected.gateway import ConnectGateway
from settlement.connected.models import AccountState, ConnectedAccount
from settlement.connected.queries import account_of
from settlement.terms import reading
from vendor_portal.face import GETTING_PAID, money_reader, portal_page
from vendor_portal.terms_words import asked_for, terms_in_words

NO_STORE: Mapping[str, str] = {"Cache-Control": "no-store"}
OPENED = "Your account is open. Next, answer the questions of our payment provider."
AWAY = "Our payment provider does not answer just now. Please try again in a few minutes."
REFUSED = "Our payment provider did not accept this. Please write to us, and we look into it."
BACK = "Welcome back. If you have answered everything, payouts are ready in a moment."
READY = "All done: we can pay you."


def getting_paid_routes(*, connect: ConnectGateway, base_url: str) -> list[Route]:
    """The page, opening the account, the way to the provider and the way back."""
    provider = AtTheProvider(connect, base_url)
    return [
        Route("/getting-paid", show, methods=["GET"]),
        Route("/getting-paid/account", provider.create, methods=["POST"]),
        # Where somebody stands whose session had ended when the form was sent.
        Route("/getting-paid/account", back, methods=["GET"]),
        Route("/getting-paid/provider", provider.leave, methods=["GET"]),
        Route("/getting-paid/return", provider.come_back, methods=["GET"]),
    ]


@dataclass(frozen=True, slots=True)
class AtTheProvider:
    """Opening the account, the way to the provider and the way back, under `base_url`."""

    connect: ConnectGateway
    base_url: str

    async def create(self, request: Request) -> Response:
        """Opening twice opens one."""
        principal, vendor_id = money_reader(request)
        await Form.read(request)
        try:
            account = await opening.open_account(
                principal=principal,
                vendor_id=vendor_id,
                gateway=self.connect,
                now=request.state.now,
            )
        except ProviderRefused:
            return see_other(request, GETTING_PAID, notice=REFUSED, tone="bad")
        if account.provider_account_id is None:
            return see_other(request, GETTING_PAID, notice=AWAY, tone="warn")
        return see_other(request, GETTING_PAID, notice=OPENED)

    async def leave(self, request: Request) -> Response:
        """On to the provider; also where it sends people whose link has grown old."""
        principal, vendor_id = money_reader(request)
        here = f"{self.base_url}{GETTING_PAID}"
        try:
            link = await opening.onboarding_link(
                principal=principal,
                vendor_id=vendor_id,
                return_url=f"{here}/return",
                refresh_url=f"{here}/provider",
                gateway=self.connect,
            )
        except NotFound:
            return RedirectResponse(GETTING_PAID, status_code=303)
        except ProviderError:
            return see_other(request, GETTING_PAID, notice=AWAY, tone="warn")
        return RedirectResponse(link, status_code=303, headers=NO_STORE)

    async def come_back(self, request: Request) -> Response:
        """The provider does not say how it went: ask, and show what it answers."""
        principal, vendor_id = money_reader(request)
        account = await account_of(principal=principal, vendor_id=vendor_id)
        if account is None or account.provider_account_id is None:
            return RedirectResponse(GETTING_PAID, status_code=303)
        try:
            await provider_events.look_at_account(
                provider_account_id=account.provider_account_id,
                gateway=self.connect,
                now=request.state.now,
            )
        except ProviderError:
            return see_other(request, GETTING_PAID, notice=AWAY, tone="warn")
        account = await account_of(principal=principal, vendor_id=vendor_id)
        if account is not None and account.state is AccountState.ENABLED:
            return see_other(request, GETTING_PAID, notice=READY)
        return see_other(request, GETTING_PAID, notice=BACK, tone="info")


async def show(request: Request) -> Response:
    principal, vendor_id = money_reader(request)
    now = request.state.now
    account = await account_of(principal=principal, vendor_id=vendor_id)
    terms = await reading.terms_of(vendor_id, now, principal=principal)
    return await portal_page(
        request,
        "portal/getting_paid.html",
        account=account,
        requirements=[] if account is None else asked_for(account.requirements),
        rests_until=_rests_until(account, terms.bank_cooling_days, now=now),
        terms=terms_in_words(terms),
        form=Form.blank(),
    )


async def back(request: Request) -> Response:
    money_reader(request)
    return RedirectResponse(GETTING_PAID, status_code=303)


def _rests_until(account: ConnectedAccount | None, days: int, *, now: datetime) -> datetime | None:
    """The moment from which a new bank account is paid to; None where it is."""
    if account is None or account.bank_changed_at is None:
        return None
    until = account.bank_changed_at + timedelta(days=days)
    return until if now < until else None
