"""The door for vendors' own systems: a key instead of a session, JSON in and JSON out."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from marketplace.accounts import vendor_keys
from marketplace.accounts.errors import KeySlowed, UnknownKey
from marketplace.kit.errors import DomainError, InvalidInput
from marketplace.kit.principal import Principal
from marketplace_web.bodies import read_body
from marketplace_web.context import Clock
from vendor_portal import stock_feed
from vendor_portal.api_words import facts_of

STOCK_PATH = "/vendor-api/stock"
LARGEST_BODY = 512 * 1024  # bytes; a thousand events are half of that
RETRY_AFTER_SECONDS = 1

Act = Callable[[Request, bytes, Principal, datetime], Awaitable[Mapping[str, object]]]
STATUSES: dict[type[DomainError], int] = {UnknownKey: 401, KeySlowed: 429, InvalidInput: 400}


def vendor_api_routes(*, clock: Clock) -> list[BaseRoute]:
    """For the root of the application.

    Answers 401 without an open key, 429 where it is used too often, 400 for what cannot be read,
    413 for too much of it, and 409 for what may succeed when it is sent again. Nothing was changed
    then. Whatever else goes wrong is a 5xx: send the same again, it counts once.
    """
    tell, read = _Door(stock_feed.tell, clock), _Door(stock_feed.read, clock)

    async def stock(request: Request) -> Response:
        return await (tell if request.method == "POST" else read).answer(request)

    return [Route(STOCK_PATH, stock, methods=["GET", "POST"])]


@dataclass(frozen=True, slots=True)
class _Door:
    act: Act
    clock: Clock

    async def answer(self, request: Request) -> Response:
        """Strangers are refused before their body is read."""
        now = await self.clock()
        try:
            principal = await vendor_keys.admit(secret=_bearer(request), now=now)
            body = await read_body(request, most=LARGEST_BODY)
            if body is None:
                return _refused("TOO_LARGE", f"{LARGEST_BODY} bytes are the most.", status=413)
            answer = await self.act(request, body, principal, now)
        except DomainError as refusal:
            return _refusal(refusal)
        except ClientDisconnect:
            return Response(status_code=400)
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})


def _refusal(refusal: DomainError) -> Response:
    response = JSONResponse(
        {"error": facts_of(refusal)}, status_code=STATUSES.get(type(refusal), 409)
    )
    if isinstance(refusal, UnknownKey):
        response.headers["WWW-Authenticate"] = "Bearer"
    if refusal.retryable:
        seconds = refusal.seconds if isinstance(refusal, KeySlowed) else RETRY_AFTER_SECONDS
        response.headers["Retry-After"] = str(seconds)
    return response


def _refused(code: str, message: str, *, status: int) -> Response:
    return JSONResponse({"error": {"code": code, "message": message}}, status_code=status)


def _bearer(request: Request) -> str:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""
