"""What the marketplace itself has at the payment provider, and paying it to its bank."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from back_office.finance.acting import BASE, finance_page, gateway_of
from marketplace.kit.errors import DomainError, Forbidden
from marketplace.kit.money import EXPONENTS, Money
from marketplace.payments.gateway import OutcomeUnknown, ProviderRefused
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from settlement.payouts import drawing

ADDRESS = f"{BASE}/payouts/own"
MOST = 10**15  # minor units
ASKED = "{} is asked for. The books show it once the provider's are read."
NO = "The payment provider would not pay it out: {}"


async def show(request: Request) -> Response:
    found: Sequence[Money] | None
    try:
        found = await drawing.drawable(principal=principal_of(request), gateway=gateway_of(request))
    except OutcomeUnknown:
        found = None
    return await finance_page(request, "own_money.html", found=found, form=Form.blank())


async def draw(request: Request) -> Response:
    """Sent twice it is paid once; what was seen is what is paid."""
    form = await Form.read(request)
    currency = form.choice("currency", EXPONENTS)
    minor = form.integer("amount", minimum=1, maximum=MOST)
    if form.errors:
        return see_other(request, ADDRESS, notice="Please choose an amount.", tone="bad")
    amount = Money(minor, currency)
    try:
        await drawing.draw(
            principal=principal_of(request), amount=amount, key=str(form.token),
            gateway=gateway_of(request), now=request.state.now,
        )  # fmt: skip
    except Forbidden:
        raise
    except DomainError as refusal:
        return see_other(request, ADDRESS, notice=refusal.message, tone="bad")
    except ProviderRefused as refused:
        return see_other(request, ADDRESS, notice=NO.format(refused.message), tone="bad")
    return see_other(request, ADDRESS, notice=ASKED.format(amount))
