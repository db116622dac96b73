"""The tracking page: all parcels of one order, for whoever holds its signed link."""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from marketplace.kit.errors import IllegalMove, NotFound
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.signing import read_order
from marketplace.orders import answering, delivering, promises, queries
from marketplace_web.flashing import see_other
from marketplace_web.readers import known_zone
from marketplace_web.rendering import render
from storefront_api import changing, substitutes
from storefront_api.correcting import correcting_routes
from storefront_api.tracked import page_of

RECEIVED = "Thank you. The parcel is marked as received."
RECEIVED_BEFORE = "Thank you. This parcel was marked as received before."


def tracking_routes(*, secret_key: str) -> list[Route]:
    """The page and its one form, below the prefix that it is mounted under."""

    async def show(request: Request) -> Response:
        try:
            customer = _customer(request, secret_key)
            return await _tracked(request, customer)
        except NotFound:
            return _lost(request)

    async def confirm(request: Request) -> Response:
        notice, tone = RECEIVED, "good"
        try:
            await delivering.deliver(
                principal=_customer(request, secret_key),
                shipment_id=request.path_params["shipment_id"],
                now=request.state.now,
            )
        except NotFound:
            return _lost(request)
        except IllegalMove:
            notice, tone = RECEIVED_BEFORE, "info"
        return see_other(request, _address(request), notice=notice, tone=tone)

    async def back(request: Request) -> Response:
        return RedirectResponse(_address(request), status_code=303)

    async def lost(request: Request) -> Response:
        return _lost(request)

    async def cancellation(request: Request) -> Response:
        try:
            return await changing.cancellation(request, _customer(request, secret_key))
        except NotFound:
            return _lost(request)

    async def address(request: Request) -> Response:
        try:
            return await changing.address(request, _customer(request, secret_key))
        except NotFound:
            return _lost(request)

    async def substitution(request: Request) -> Response:
        try:
            notice, tone = await substitutes.answer(request, _customer(request, secret_key))
        except NotFound:
            return _lost(request)
        return see_other(request, _address(request), notice=notice, tone=tone)

    question = "/{token}/substitutions/{substitution_id:uuid}"
    receipt = "/{token}/shipments/{shipment_id:uuid}/receipt"
    return [
        Route("/", lost),
        *correcting_routes(secret_key=secret_key),
        Route("/{token}", show, name="tracking"),
        Route(receipt, confirm, methods=["POST"]),
        # Where the browser stands when confirming was refused, and the page is loaded again.
        Route(receipt, back, methods=["GET"]),
        Route(question, substitution, methods=["POST"]),
        Route(question, back, methods=["GET"]),
        Route("/{token}/cancellation", cancellation, methods=["GET", "POST"]),
        Route("/{token}/address", address, methods=["GET", "POST"]),
        Route("/{rest:path}", lost),
    ]


def _customer(request: Request, secret_key: str) -> Principal:
    order_id = read_order(secret_key, request.path_params["token"])
    if order_id is None:
        raise NotFound("order")
    return Principal(Kind.TOKEN, id=order_id)


async def _tracked(request: Request, customer: Principal) -> Response:
    assert customer.id is not None
    order = await queries.find(principal=customer, order_id=customer.id)
    promised = await promises.of_link(principal=customer)
    reader = request.state.reader
    request.state.reader = replace(reader, zone=known_zone(promised.time_zone, reader.zone))
    page = page_of(order, promised, now=request.state.now)
    questions = await answering.questions(
        principal=customer, order_id=customer.id, now=request.state.now
    )
    response = render(request, "tracking/order.html", page=page, questions=questions)
    response.headers.update(changing.HEADERS)
    return response


def _lost(request: Request) -> Response:
    """The same for a link that is broken, forged or old, and for another order's parcel."""
    response = render(request, "tracking/lost.html", status_code=404)
    response.headers.update(changing.HEADERS)
    return response


def _address(request: Request) -> str:
    return request.url_for("tracking", token=request.path_params["token"]).path
