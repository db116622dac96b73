"""Who approves payouts and what the provider should charge, by currency."""

from decimal import Decimal

from starlette.requests import Request
from starlette.responses import Response

from back_office.finance.acting import BASE, finance_page
from marketplace.kit.errors import InvalidInput
from marketplace.kit.money import EXPONENTS, Money
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from settlement import access
from settlement.reconciliation import fee_rates
from settlement.terms import changing, reading

ADDRESS = f"{BASE}/payouts/policies"
EXPECTED = "From now on this is expected of each charge in {}."
NO_RATE = "Please enter a percentage from 0 to 100, such as 1.4."
FIELDS = {"auto_approve_minor": "auto", "second_approval_minor": "second"}


async def show(request: Request) -> Response:
    return await policies_page(request, Form.blank())


async def policies_page(request: Request, form: Form, *, status_code: int = 200) -> Response:
    principal = principal_of(request)
    access.check_viewer(principal, "see who approves payouts")
    policies = await reading.policies(principal=principal)
    return await finance_page(
        request,
        "policies.html",
        status_code=status_code,
        policies=[
            (
                policy.currency,
                Money(policy.auto_approve_minor, policy.currency),
                Money(policy.second_approval_minor, policy.currency),
            )
            for policy in policies
        ],
        rates=[
            (rate.currency, _percent(rate.rate_ppm), Money(rate.fixed_minor, rate.currency))
            for rate in await fee_rates.rates(principal=principal)
        ],
        currencies=[(code, code) for code in EXPONENTS],
        form=form,
    )


async def change(request: Request) -> Response:
    """Sent twice it says the same twice."""
    form = await Form.read(request)
    currency = form.choice("currency", EXPONENTS)
    auto, second = _limit(form, "auto", currency), _limit(form, "second", currency)
    if form.errors:
        return await policies_page(request, form, status_code=422)
    try:
        await changing.change_policy(
            principal=principal_of(request), currency=currency, auto_approve_minor=auto,
            second_approval_minor=second,
        )  # fmt: skip
    except InvalidInput as refusal:
        form.refuse(FIELDS.get(refusal.name, ""), "Please enter at least the first amount.")
        return await policies_page(request, form, status_code=422)
    return see_other(request, ADDRESS, notice=f"The policy for {currency} is changed.")


async def expect_fee(request: Request) -> Response:
    form = await Form.read(request)
    currency = form.choice("fee_currency", EXPONENTS)
    rate_ppm, fixed = _ppm(form), _limit(form, "fixed", currency)
    if form.errors:
        return await policies_page(request, form, status_code=422)
    await fee_rates.set_rate(
        principal=principal_of(request), currency=currency, rate_ppm=rate_ppm, fixed_minor=fixed,
        now=request.state.now,
    )  # fmt: skip
    return see_other(request, ADDRESS, notice=EXPECTED.format(currency))


def _ppm(form: Form) -> int:
    typed = form.text("rate", longest=9).replace(",", ".")
    try:
        ppm = Decimal(typed).scaleb(4)
        is_rate = 0 <= ppm <= fee_rates.WHOLE and ppm == int(ppm)
    except ArithmeticError:
        is_rate = False
    if not is_rate:
        form.refuse("rate", NO_RATE)
        return 0
    return int(ppm)


def _percent(ppm: int) -> str:
    return f"{Decimal(ppm).scaleb(-4).normalize():f}"


def _limit(form: Form, name: str, currency: str) -> int:
    """Nothing, or "0", asks somebody every time."""
    if not currency or form.value(name).strip() in ("", "0"):
        return 0
    return form.minor_units(name, currency)
