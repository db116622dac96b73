"""The door Stripe's webhooks come through: verify, keep once, answer; a job acts on it later."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from marketplace.kit import clock
from marketplace.kit.errors import DomainError
from marketplace.payments import inbox, stripe_webhooks
from marketplace_web.bodies import read_body

PATH = "/webhooks/stripe"
LARGEST_BODY = 512 * 1024  # bytes; Stripe's events are far smaller


def webhook_route(*, secrets: Sequence[str]) -> Route:
    """The route for the endpoints with these signing secrets: ours, and that of vendors' accounts.

    Answers 200 for an event that is kept, now or before; 400 for one that is forged, stale or
    unreadable and 413 for one too large, of which nothing is kept. Whatever else goes wrong is a
    5xx, after which Stripe sends the event again.
    """

    async def receive(request: Request) -> Response:
        body = await read_body(request, most=LARGEST_BODY)
        if body is None:
            return _refused("TOO_LARGE", "An event is far smaller than this.", status=413)
        now = await clock.now()
        try:
            event = stripe_webhooks.read_event(
                body=body,
                signature=request.headers.get("stripe-signature"),
                secrets=secrets,
                now=now,
            )
        except DomainError as refused:
            return _refused(refused.code, refused.message, status=400)
        is_new = await inbox.keep(event, now=now)
        return JSONResponse({"received": True, "replayed": not is_new})

    return Route(PATH, receive, methods=["POST"])


def _refused(code: str, message: str, *, status: int) -> Response:
    return JSONResponse({"error": {"code": code, "message": message}}, status_code=status)
