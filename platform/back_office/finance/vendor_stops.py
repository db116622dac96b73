"""Keep a vendor's money for a while, and let it go again: holds of an amount, stops of payouts."""

from starlette.requests import Request
from starlette.responses import Response

from back_office.finance.acting import BASE, answer
from back_office.finance.vendor import vendor_page
from marketplace.kit.errors import Forbidden, NotFound
from marketplace.kit.idempotency import KeyReused
from marketplace.kit.money import EXPONENTS, Money
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from settlement.earnings import holding
from settlement.earnings.errors import NotAvailable
from settlement.payouts import freezing

WHY = "Please say why."
HELD = "The money is on hold. It is not paid out until somebody releases it."


async def hold(request: Request) -> Response:
    form = await Form.read(request)
    reason, currency = form.text("reason"), form.choice("currency", EXPONENTS)
    minor = form.minor_units("amount", currency) if currency else 0
    if currency and not form.errors and minor == 0:
        form.refuse("amount", "Please enter an amount.")
    if form.errors:
        return await vendor_page(request, form, status_code=422)
    try:
        await holding.place(
            principal=principal_of(request), vendor_id=request.path_params["vendor_id"],
            amount=Money(minor, currency), reason=reason, now=request.state.now,
            key=str(form.token),
        )  # fmt: skip
    except (Forbidden, NotFound):
        raise
    except NotAvailable as refusal:
        form.refuse("amount", refusal.message)
        return await vendor_page(request, form, status_code=409)
    except KeyReused:
        notice = "This form has held money before; you find it under On hold."
        return see_other(request, _address(request), notice=notice, tone="info")
    return see_other(request, _address(request), notice=HELD)


async def release(request: Request) -> Response:
    reason = await _reason(request)
    if not reason:
        return see_other(request, _address(request), notice=WHY, tone="bad")
    doing = holding.release(
        principal=principal_of(request), hold_id=request.path_params["hold_id"], reason=reason,
        now=request.state.now,
    )  # fmt: skip
    return await answer(request, _address(request), doing, notice="The money is available again.")


async def freeze(request: Request) -> Response:
    reason = await _reason(request)
    if not reason:
        return see_other(request, _address(request), notice=WHY, tone="bad")
    doing = freezing.freeze(
        principal=principal_of(request), vendor_id=request.path_params["vendor_id"],
        reason=reason, now=request.state.now,
    )  # fmt: skip
    return await answer(request, _address(request), doing, notice="Payouts are stopped.")


async def lift(request: Request) -> Response:
    reason = await _reason(request)
    if not reason:
        return see_other(request, _address(request), notice=WHY, tone="bad")
    doing = freezing.lift(
        principal=principal_of(request), freeze_id=request.path_params["freeze_id"],
        reason=reason, now=request.state.now,
    )  # fmt: skip
    notice = "Payouts go on with the vendor's next batch, unless another stop holds."
    return await answer(request, _address(request), doing, notice=notice)


async def _reason(request: Request) -> str:
    return (await Form.read(request)).text("reason")


def _address(request: Request) -> str:
    return f"{BASE}/vendors/{request.path_params['vendor_id']}"
