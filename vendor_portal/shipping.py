"""What sending costs: by which methods the vendor sends to which country, and for how much."""

from collections.abc import Sequence

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from marketplace.kit.errors import InvalidInput
from marketplace.kit.money import Money
from marketplace.pricing import rates
from marketplace.pricing.models import ShippingRate
from marketplace.pricing.rates import Destination
from marketplace.pricing.shipping import LONGEST_METHOD, STANDARD, Rate
from marketplace_web.flashing import see_other
from marketplace_web.formatting import country_in_words
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from vendor_portal.face import SHIPPING, portal_page

FIELDS = ("destination", "method", "base", "per_unit", "free_from")


async def show(request: Request) -> Response:
    """With the form filled in for the rate that the address names, to change it."""
    found = await rates.of_vendor(principal=principal_of(request))
    return await _page(request, _filled(request.query_params, found))


async def create(request: Request) -> Response:
    principal, form = principal_of(request), await Form.read(request)
    there = await rates.destinations(principal=principal)
    chosen = form.choice("destination", [_value(one) for one in there])
    destination = next((one for one in there if _value(one) == chosen), None)
    if destination is None:
        return await _page(request, form, status_code=422)
    rate = _rate(form, destination.currency)
    if form.errors:
        return await _page(request, form, status_code=422)
    try:
        await rates.set_rate(
            principal=principal, destination=destination, rate=rate, now=request.state.now
        )
    except InvalidInput as refusal:
        form.refuse(refusal.name if refusal.name in FIELDS else "", f"{refusal.problem}.")
        return await _page(request, form, status_code=422)
    return see_other(request, SHIPPING, notice="Saved. New carts cost this from now on.")


async def end(request: Request) -> Response:
    await rates.end(principal=principal_of(request), rate_id=request.path_params["rate_id"])
    notice = "You do not send there by this method any more. What was ordered stays as it is."
    return see_other(request, SHIPPING, notice=notice)


async def back(request: Request) -> Response:
    """The address of a form that was posted is not a page of its own."""
    return RedirectResponse(SHIPPING, status_code=303)


def _rate(form: Form, currency: str) -> Rate:
    method = form.text("method", longest=LONGEST_METHOD).lower().replace(" ", "-")
    base = form.minor_units("base", currency, may_be_zero=True)
    per_unit = form.minor_units("per_unit", currency, may_be_zero=True)
    return Rate(method, base, per_unit, form.minor_units("free_from", currency) or None)


def _filled(asked: QueryParams, found: Sequence[ShippingRate]) -> Form:
    for rate in found:
        if str(rate.id) == asked.get("rate"):
            free_from = rate.free_from_minor
            return Form.blank(
                destination=_value(Destination(rate.country, rate.currency)),
                method=rate.method,
                base=Money(rate.base_minor, rate.currency).amount,
                per_unit=Money(rate.per_unit_minor, rate.currency).amount,
                free_from="" if free_from is None else Money(free_from, rate.currency).amount,
            )
    return Form.blank(method=STANDARD)


def _value(there: Destination) -> str:
    return f"{there.country} {there.currency}"


async def _page(request: Request, form: Form, *, status_code: int = 200) -> Response:
    principal, locale = principal_of(request), request.state.reader.locale
    return await portal_page(
        request,
        "portal/shipping.html",
        status_code=status_code,
        rates=await rates.of_vendor(principal=principal),
        destinations=[
            (_value(one), f"{country_in_words(one.country, locale=locale)}, {one.currency}")
            for one in await rates.destinations(principal=principal)
        ],
        may_change=rates.may_change(principal),
        form=form,
    )
