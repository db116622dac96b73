"""The gate of a face: who holds a session of its audience comes in, others go and sign in."""

from dataclasses import replace
from urllib.parse import urlencode, urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from marketplace.accounts import sessions
from marketplace.accounts.sessions import ABSOLUTE, SignedIn
from marketplace.kit.principal import Principal
from marketplace_web.faces import Face
from marketplace_web.readers import known_zone
from marketplace_web.settings import WebSettings


class SessionGate:
    """Sets `request.state.face`, and `.signed_in` for who holds a live session.

    Without one only the face's sign-in page answers; everything else leads there and, after
    signing in, back.
    """

    def __init__(self, app: ASGIApp, *, face: Face, web: WebSettings) -> None:
        self.app = app
        self.face = face
        self.web = web

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        request = Request(scope)
        request.state.face = self.face
        signed_in = await self._signed_in(request)
        if signed_in is not None:
            request.state.signed_in = signed_in
            request.state.session_secret = signed_in.csrf_token
            reader = request.state.reader
            zone = known_zone(signed_in.time_zone or "", reader.zone)
            request.state.reader = replace(reader, zone=zone)
        elif scope["path"] != self.face.sign_in_path:
            await _to_sign_in(request, self.face)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    async def _signed_in(self, request: Request) -> SignedIn | None:
        token = request.cookies.get(session_cookie(self.face, self.web))
        if token is None:
            return None
        return await sessions.resolve(
            token=token, audience=self.face.audience, now=request.state.now
        )


def principal_of(request: Request) -> Principal:
    """Who asks. The gate has already turned everyone without a session away."""
    signed_in: SignedIn = request.state.signed_in
    return signed_in.principal


def session_cookie(face: Face, web: WebSettings) -> str:
    return web.cookie_name(face.audience.value)


def remember(response: Response, token: str, *, face: Face, web: WebSettings) -> None:
    response.set_cookie(
        session_cookie(face, web),
        token,
        max_age=int(ABSOLUTE.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=web.production,
    )


def forget(response: Response, *, face: Face, web: WebSettings) -> None:
    response.delete_cookie(
        session_cookie(face, web), httponly=True, samesite="lax", secure=web.production
    )


def _to_sign_in(request: Request, face: Face) -> Response:
    """A page that was asked for is opened afterwards; of a form, the page that it stood on."""
    if request.method in ("GET", "HEAD"):
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    else:
        back = _referring_path(request.headers)
    query = f"?{urlencode({'next': back})}" if back not in ("", face.home) else ""
    return RedirectResponse(face.sign_in_path + query, status_code=303)


def _referring_path(headers: Headers) -> str:
    referrer = urlsplit(headers.get("referer", ""))
    return referrer.path if referrer.netloc == headers.get("host") else ""
