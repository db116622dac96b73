"""Who approves payouts, by currency: administrators say, finance people read."""

from starlette.requests import Request
from starlette.responses import Response

from back_office.finance.acting import BASE, finance_page
from marketplace.kit.errors import InvalidInput
from marketplace.kit.money import EXPONENTS, Money
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from settlement import access
from settlement.terms import changing, reading

ADDRESS = f"{BASE}/payouts/policies"
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


def _limit(form: Form, name: str, currency: str) -> int:
    """Nothing, or "0", asks somebody every time."""
    if not currency or form.value(name).strip() in ("", "0"):
        return 0
    return form.minor_units(name, currency)
