"""The door at /graphql: one operation as JSON by POST, and nothing else."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.types import ExecutionResult

from marketplace.payments.gateway import PaymentGateway
from marketplace_web.errors import RETRY_AFTER_SECONDS
from storefront_api.context import Context, Surroundings
from storefront_api.schema import UNAVAILABLE, StorefrontSchema, create_schema

LARGEST_BODY = 256 * 1024  # bytes

# U+0000 in any spelling of JSON or GraphQL: PostgreSQL has no such text.
_NUL = re.compile(r"\\u(0000|\{0+\})")
_MEMBERS = {"query": str, "variables": dict, "operationName": str, "extensions": dict}
_ABOUT = "This is a GraphQL API. Send operations by POST, as JSON; the schema is introspectable.\n"


@dataclass(frozen=True, slots=True)
class Operation:
    query: str
    variables: dict[str, object] | None
    name: str | None


@dataclass(slots=True)
class Unreadable(Exception):
    """A request that holds no operation; says so in the shape of any other answer."""

    status: int
    message: str


def create_graphql_app(
    *,
    clock: Callable[[], Awaitable[datetime]],
    gateway: PaymentGateway,
    secret_key: str,
    base_url: str,
    development: bool,
) -> ASGIApp:
    """The storefront API as an ASGI application: the endpoint of a route, or to be mounted.

    `clock` tells the marketplace's time, `base_url` is where people reach its pages, without a
    slash at the end. `development` opens introspection and suggestions.
    """
    surroundings = Surroundings(
        clock=clock, gateway=gateway, secret_key=secret_key, base_url=base_url
    )
    schema = create_schema(development=development)
    return _Door(surroundings, schema, is_open=development)


@dataclass(frozen=True)
class _Door:
    surroundings: Surroundings
    schema: StorefrontSchema
    is_open: bool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http", scope["type"]
        request = Request(scope, receive)
        try:
            if request.method == "POST":
                response = await _answer(request, self.schema, self.surroundings)
            elif self.is_open and request.method in ("GET", "HEAD"):
                response = PlainTextResponse(_ABOUT)
            else:
                raise Unreadable(405, "Send operations by POST.")
        except Unreadable as unreadable:
            response = _refusal(unreadable)
        except ClientDisconnect:
            return
        await response(scope, receive, send)


async def _answer(
    request: Request, schema: StorefrontSchema, surroundings: Surroundings
) -> Response:
    operation = _operation(_text(request, await _body(request)))
    try:
        result = await schema.execute(
            operation.query,
            variable_values=operation.variables,
            context_value=Context(surroundings, _bearer(request)),
            operation_name=operation.name,
        )
    except CannotGetOperationTypeError as error:
        raise Unreadable(400, error.as_http_error_reason()) from error
    except MissingQueryError as error:
        raise Unreadable(400, "The request holds no query.") from error
    return _response(result)


def _response(result: ExecutionResult) -> Response:
    errors = result.errors or []
    members: dict[str, object] = {"data": result.data}
    if errors:
        members["errors"] = [error.formatted for error in errors]
    if any((error.extensions or {}).get("code") == UNAVAILABLE for error in errors):
        response = _json(503, members)
        response.headers["retry-after"] = str(RETRY_AFTER_SECONDS)
        return response
    return _json(200, members)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise Unreadable(413, f"The request is too large; {LARGEST_BODY} bytes is the most.")
    return bytes(body)


def _text(request: Request, body: bytes) -> str:
    # A page of another site can send forms and plain text on a visitor's behalf, but not this.
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Unreadable(415, "Send the operation as application/json.")
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise Unreadable(400, "The request is not UTF-8.") from error
    if _NUL.search(text):
        raise Unreadable(400, "The request holds the character U+0000, which no text may have.")
    return text


def _operation(text: str) -> Operation:
    try:
        request = json.loads(text)
        # Half a surrogate pair passes for JSON and is no text.
        json.dumps(request, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Unreadable(400, "The request is not JSON.") from error
    if not isinstance(request, dict):
        raise Unreadable(400, "Send one operation: an object with `query` and `variables`.")
    for name, type_ in _MEMBERS.items():
        if request.get(name) is not None and not isinstance(request[name], type_):
            raise Unreadable(400, f"`{name}` is of the wrong type.")
    if not request.get("query"):
        raise Unreadable(400, "The request holds no query.")
    return Operation(request["query"], request.get("variables"), request.get("operationName"))


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _refusal(unreadable: Unreadable) -> Response:
    error = {"message": unreadable.message, "extensions": {"code": "UNREADABLE_REQUEST"}}
    response = _json(unreadable.status, {"errors": [error]})
    if unreadable.status == 405:
        response.headers["allow"] = "POST"
    return response


def _json(status: int, content: dict[str, object]) -> Response:
    return Response(
        json.dumps(content, separators=(",", ":")),
        status,
        media_type="application/json",
        headers={"cache-control": "no-store"},
    )
