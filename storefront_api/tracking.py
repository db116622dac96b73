"""The tracking page: all parcels of one order, for whoever holds its signed link."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeAlias

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

Page: TypeAlias = Callable[[Request, Principal], Awaitable[Response]]
Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]

RECEIVED = "Thank you. The parcel is marked as received."
RECEIVED_BEFORE = "Thank you. This parcel was marked as received before."


def tracking_routes(*, secret_key: str) -> list[Route]:
    """The page and its forms, below the prefix that it is mounted under."""

    def theirs(page: Page) -> Endpoint:
        async def answer(request: Request) -> Response:
            try:
                return await page(request, _customer(request, secret_key))
            except NotFound:
                return _lost(request)

        return answer

    question = "/{token}/substitutions/{substitution_id:uuid}"
    receipt = "/{token}/shipments/{shipment_id:uuid}/receipt"
    return [
        Route("/", _nothing),
        *correcting_routes(secret_key=secret_key),
        Route("/{token}", theirs(_tracked), name="tracking"),
        Route(receipt, theirs(_confirm), methods=["POST"]),
        # Where the browser stands when confirming was refused, and the page is loaded again.
        Route(receipt, _back, methods=["GET"]),
        Route(question, theirs(_substitution), methods=["POST"]),
        Route(question, _back, methods=["GET"]),
        Route("/{token}/cancellation", theirs(changing.cancellation), methods=["GET", "POST"]),
        Route("/{token}/address", theirs(changing.address), methods=["GET", "POST"]),
        Route("/{rest:path}", _nothing),
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


async def _confirm(request: Request, customer: Principal) -> Response:
    notice, tone = RECEIVED, "good"
    try:
        await delivering.deliver(
            principal=customer,
            shipment_id=request.path_params["shipment_id"],
            now=request.state.now,
        )
    except IllegalMove:
        notice, tone = RECEIVED_BEFORE, "info"
    return see_other(request, _address(request), notice=notice, tone=tone)


async def _substitution(request: Request, customer: Principal) -> Response:
    notice, tone = await substitutes.answer(request, customer)
    return see_other(request, _address(request), notice=notice, tone=tone)


async def _back(request: Request) -> Response:
    return RedirectResponse(_address(request), status_code=303)


async def _nothing(request: Request) -> Response:
    return _lost(request)


def _lost(request: Request) -> Response:
    """The same for a link that is broken, forged or old, and for another order's parcel."""
    response = render(request, "tracking/lost.html", status_code=404)
    response.headers.update(changing.HEADERS)
    return response


def _address(request: Request) -> str:
    return request.url_for("tracking", token=request.path_params["token"]).path
