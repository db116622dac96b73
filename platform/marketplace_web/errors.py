"""What went wrong, said kindly: expected refusals as they are, bugs without their inside."""

import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import asyncpg
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from marketplace.kit.errors import DomainError, Forbidden, InvalidInput, NotFound
from marketplace_web.readers import Reader
from marketplace_web.rendering import render

log = logging.getLogger(__name__)

# What PostgreSQL's absence looks like: refused, dropped, starting up, or no connection free.
DATABASE_IS_AWAY = (
    ConnectionError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    # The server said goodbye to an idle connection, and the driver has not read the end of it yet.
    asyncpg.InternalClientError,
)
RETRY_AFTER_SECONDS = 5
# A part of an address as long as a signed token, and longer than any id: it opens a page, so no
# log is to hold it.
A_KEY = re.compile(r"[^/]{40,}")


@dataclass(frozen=True, slots=True)
class ErrorWords:
    status_code: int
    title: str
    message: str
    advice: str = ""


WORDS = {
    "not_found": ErrorWords(
        404,
        "This page is not here",
        "Either the address has a mistake in it, or what it showed is not yours to see.",
        "Going back and following the link again usually helps.",
    ),
    "method": ErrorWords(405, "That does not work here", "This page cannot be asked that way."),
    "forged": ErrorWords(
        403,
        "We did not do that",
        "The form was sent from another page, or it had been open for so long that its safety "
        "token ran out. Nothing was changed.",
        "Open the page again and send the form once more.",
    ),
    "forbidden": ErrorWords(
        403, "Your role does not cover this", "Somebody with another role has to do it."
    ),
    "too_large": ErrorWords(413, "That was too much at once", "Please send less in one go."),
    "invalid": ErrorWords(422, "Something in it does not fit", ""),
    "refused": ErrorWords(409, "That could not be done", ""),
    "broken": ErrorWords(
        500,
        "Something broke on our side",
        "It is not your doing. It has been noted.",
        "Nothing half-done is left behind: what was not finished was undone.",
    ),
    "unavailable": ErrorWords(
        503, "Souk is catching its breath", "A part of it is restarting. Please try again shortly."
    ),
}


# Statuses that a route or the router answers with, and the words for them.
WORDS_BY_STATUS = {403: "forbidden", 404: "not_found", 405: "method", 413: "too_large"}
WORDS_BY_REFUSAL: dict[type[DomainError], str] = {
    NotFound: "not_found",
    Forbidden: "forbidden",
    InvalidInput: "invalid",
}


def refusal_page(request: Request, words: str, *, message: str = "") -> Response:
    """One of WORDS as a page, with a way back and the number to quote."""
    said = WORDS[words]
    if not _wants_page(request):
        body = {"code": words.upper(), "message": message or said.message}
        return JSONResponse(body, status_code=said.status_code)
    if not hasattr(request.state, "reader"):
        # Before the clock was asked; an error page shows no moment.
        epoch = datetime.fromtimestamp(0, UTC)
        request.state.reader = Reader(locale="en", zone=ZoneInfo("UTC"), now=epoch)
    face = getattr(request.state, "face", None)
    return render(
        request,
        "layout/error.html",
        status_code=said.status_code,
        title=said.title,
        message=message or said.message,
        advice=said.advice,
        back_href=face.home if face else "/",
        back_label=f"To the {face.title.lower()}" if face else "To the start",
    )


async def on_refusal(request: Request, error: Exception) -> Response:
    """A DomainError that its route did not answer itself."""
    assert isinstance(error, DomainError)
    words = next((w for kind, w in WORDS_BY_REFUSAL.items() if isinstance(error, kind)), "refused")
    # What is not there and what is somebody else's look exactly alike.
    return refusal_page(request, words, message="" if words == "not_found" else error.message)


async def on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    words = WORDS_BY_STATUS.get(error.status_code)
    if words is None:
        return Response(error.detail, status_code=error.status_code, headers=error.headers)
    response = refusal_page(request, words)
    response.headers.update(error.headers or {})
    return response


# For the Starlette application that holds the faces.
exception_handlers: dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
    DomainError: on_refusal,
    HTTPException: on_http_error,
}


class UnexpectedErrors:
    """The last line: a bug is logged with its request's number and answered without its inside.

    A database that is away is 503 with Retry-After, anything else 500.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        started = False

        async def send_and_note(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except Exception as error:
            request = Request(scope)
            number = getattr(request.state, "request_id", "")
            place = A_KEY.sub("…", scope["path"])
            log.exception("%s %s failed, request %s", request.method, place, number)
            if started:
                raise  # half an answer is out; only breaking the connection says so
            await _apology(request, error)(scope, receive, send)


def _apology(request: Request, error: Exception) -> Response:
    if not isinstance(error, DATABASE_IS_AWAY):
        return refusal_page(request, "broken")
    response = refusal_page(request, "unavailable")
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _wants_page(request: Request) -> bool:
    """A program asks for JSON, or comes with a key, which no browser does by itself."""
    accept = request.headers.get("accept", "")
    return "text/html" in accept or not ("json" in accept or "authorization" in request.headers)
