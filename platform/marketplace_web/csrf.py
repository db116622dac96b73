"""A form works only from our own pages: the browser says where it came from, and a token proves it.

Two independent checks on every unsafe request to a face: Sec-Fetch-Site or Origin, and a token
bound to the session (or, before sign-in, to a cookie of the visitor's own).
"""

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from marketplace_web.errors import refusal_page
from marketplace_web.settings import WebSettings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
FIELD = "csrf_token"
HEADER = "x-csrf-token"


class CsrfGuard:
    """Stands inside the request body limit and the session, whose secret the token is bound to.

    The body of an unsafe request is read here and handed on whole, so that no route can forget
    the check.
    """

    def __init__(self, app: ASGIApp, *, web: WebSettings) -> None:
        self.app = app
        self.web = web
        self.visitor_cookie = web.cookie_name("visitor")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        state = scope.setdefault("state", {})
        visitor = Request(scope).cookies.get(self.visitor_cookie, "")
        seal = CsrfSeal(self.web.secret_key, bound_to=state.get("session_secret") or visitor)
        state["csrf"] = seal
        if scope["method"] not in SAFE_METHODS:
            body = await _whole_body(receive)
            receive = _replay(body, receive)
            if not await self._is_allowed(scope, body, seal):
                await refusal_page(Request(scope), "forged")(scope, receive, send)
                return

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and seal.new_visitor:
                MutableHeaders(scope=message).append("set-cookie", self._visitor(seal.new_visitor))
            await send(message)

        await self.app(scope, receive, send_with_cookie)

    async def _is_allowed(self, scope: Scope, body: bytes, seal: "CsrfSeal") -> bool:
        headers = Headers(scope=scope)
        if not comes_from_here(headers):
            return False
        if HEADER in headers:
            return seal.matches(headers[HEADER])
        if not headers.get("content-type", "").startswith(FORM_TYPES):
            return False
        async with Request(scope, _replay(body, None)).form() as form:
            return seal.matches(str(form.get(FIELD, "")))

    def _visitor(self, value: str) -> str:
        secure = "; Secure" if self.web.production else ""
        return f"{self.visitor_cookie}={value}; Path=/; HttpOnly; SameSite=Lax{secure}"


class CsrfSeal:
    """Makes and checks the token of one browser; only our secret turns its cookie into a token."""

    def __init__(self, secret_key: str, *, bound_to: str) -> None:
        self._key = secret_key.encode()
        self._bound_to = bound_to
        self.new_visitor = ""

    def token(self) -> str:
        if not self._bound_to:
            self._bound_to = self.new_visitor = secrets.token_urlsafe(32)
        return self._sealed()

    def matches(self, token: str) -> bool:
        # What somebody made up may not even be text that can be encoded.
        given = token.encode(errors="replace")
        return bool(self._bound_to) and hmac.compare_digest(given, self._sealed().encode())

    def _sealed(self) -> str:
        return hmac.new(self._key, f"csrf:{self._bound_to}".encode(), hashlib.sha256).hexdigest()


def comes_from_here(headers: Headers) -> bool:
    """Whether the browser says that a page of ours made the request, or a person typed it."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == headers.get("host")


async def _whole_body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(chunks)
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)


def _replay(body: bytes, afterwards: Receive | None) -> Receive:
    """A receive that gives the body once, then whatever comes after it (the disconnect)."""
    given = False

    async def receive() -> Message:
        nonlocal given
        if given:
            return await afterwards() if afterwards else {"type": "http.disconnect"}
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
