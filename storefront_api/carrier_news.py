"""The door carriers' news come through: verify the raw body, keep each event once, act on it."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from marketplace.carriers.protocol import Carrier, NotTheCarrier
from marketplace.kit import clock
from marketplace.orders import tracking
from marketplace_web.bodies import read_body

PATH = "/webhooks/carriers/{carrier}"
LARGEST_BODY = 512 * 1024  # bytes


def carrier_route(*, carriers: Sequence[Carrier]) -> Route:
    """The route for the carriers that tell us news, each at its name in small letters.

    Answers 200 with how many events were new; 404 for a carrier that tells us none, 400 for what
    is forged or unreadable, 413 for what is too large. Whatever else goes wrong is a 5xx, after
    which the carrier tells it again.
    """
    by_name = {slug(carrier.name): carrier for carrier in carriers}

    async def receive(request: Request) -> Response:
        carrier = by_name.get(request.path_params["carrier"])
        if carrier is None:
            return _refused("NOT_FOUND", "There is no such carrier.", status=404)
        body = await read_body(request, most=LARGEST_BODY)
        if body is None:
            return _refused("TOO_LARGE", "News are far smaller than this.", status=413)
        try:
            kept = await tracking.receive(
                carrier=carrier, body=body, headers=request.headers, now=await clock.now()
            )
        except NotTheCarrier:
            return _refused("NOT_THE_CARRIER", "The signature or the body is wrong.", status=400)
        return JSONResponse({"received": True, "new": kept})

    return Route(PATH, receive, methods=["POST"])


def slug(name: str) -> str:
    return name.lower().replace(" ", "-")


def _refused(code: str, message: str, *, status: int) -> Response:
    return JSONResponse({"error": {"code": code, "message": message}}, status_code=status)
