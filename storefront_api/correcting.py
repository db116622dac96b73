"""The page behind a link to correct an address: shown once it is asked for, used once."""

from uuid import UUID

from babel import Locale
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from marketplace.accounts.addresses import ADDRESS_FIELDS, NEEDED
from marketplace.kit.errors import InvalidInput, NotFound
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.signing import read_correction, sign_order
from marketplace.orders import correcting_address
from marketplace.orders.correcting_address import Asked
from marketplace.orders.errors import LinkOver
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.rendering import render

# Whoever has the address of this page may change where a parcel goes.
HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "same-origin",
}
TYPED = tuple(name for name in ADDRESS_FIELDS if name != "country")
THANKS = "We have it. Your order goes on, and its sellers see this address."


def correcting_routes(*, secret_key: str) -> list[Route]:
    """The page and its form, below the prefix of the tracking page."""

    async def show(request: Request) -> Response:
        correction_id, asked = await _asked(request, secret_key)
        if correction_id is None or asked is None:
            return _lost(request)
        if asked.over is not None:
            return _over(request, asked.over)
        known = {name: asked.address.get(name, "") for name in TYPED}
        return _page(request, asked, Form.blank(**known))

    async def correct(request: Request) -> Response:
        correction_id, asked = await _asked(request, secret_key)
        if correction_id is None or asked is None:
            return _lost(request)
        form = await Form.read(request)
        typed = {name: form.text(name, required=name in NEEDED) for name in TYPED}
        if form.errors:
            return _page(request, asked, form, status_code=422)
        try:
            await correcting_address.correct(
                principal=Principal(Kind.TOKEN, id=asked.order_id), correction_id=correction_id,
                address=typed, now=request.state.now,
            )  # fmt: skip
        except LinkOver as refused:
            return _over(request, refused.message)
        except InvalidInput as refused:
            form.refuse(refused.name.removeprefix("address."), refused.message)
            return _page(request, asked, form, status_code=422)
        href = request.url_for("tracking", token=sign_order(secret_key, asked.order_id)).path
        return see_other(request, href, notice=THANKS)

    address = "/address/{token}"
    return [
        Route(address, show, methods=["GET"]),
        Route(address, correct, methods=["POST"]),
    ]


async def _asked(request: Request, secret_key: str) -> tuple[UUID | None, Asked | None]:
    correction_id = read_correction(secret_key, request.path_params["token"])
    if correction_id is None:
        return None, None
    try:
        asked = await correcting_address.asked(
            principal=Principal(Kind.TOKEN, id=correction_id), correction_id=correction_id,
            now=request.state.now,
        )  # fmt: skip
    except NotFound:
        return None, None
    return correction_id, asked


def _page(request: Request, asked: Asked, form: Form, *, status_code: int = 200) -> Response:
    code = asked.address.get("country", "")
    country = Locale.parse(request.state.reader.locale).territories.get(code, code)
    response = render(
        request, "tracking/right_address.html", status_code=status_code, asked=asked, form=form,
        country=country,
    )  # fmt: skip
    response.headers.update(HEADERS)
    return response


def _over(request: Request, words: str) -> Response:
    response = render(
        request, "tracking/address_done.html", status_code=410, title="This link is over",
        words=words,
    )  # fmt: skip
    response.headers.update(HEADERS)
    return response


def _lost(request: Request) -> Response:
    response = render(request, "tracking/lost.html", status_code=404)
    response.headers.update(HEADERS)
    return response
