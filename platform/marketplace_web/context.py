"""What every page knows of its request: the installation, the moment, the reader."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from marketplace_web.readers import THEME_COOKIE, THEMES, Reader, accepted_locale
from marketplace_web.settings import WebSettings

Clock = Callable[[], Awaitable[datetime]]


class PageContext:
    """Sets `request.state.now` and `.reader`; the clock is read once per request.

    The reader starts as the browser says and in the marketplace's zone; a session knows better.
    """

    def __init__(self, app: ASGIApp, *, web: WebSettings, clock: Clock) -> None:
        self.app = app
        self.web = web
        self.clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request = Request(scope)
            theme = request.cookies.get(THEME_COOKIE, "")
            now = await self.clock()
            state = scope.setdefault("state", {})
            state["now"] = now
            state["reader"] = Reader(
                locale=accepted_locale(request.headers.get("accept-language", ""), self.web.locale),
                zone=self.web.zone,
                now=now,
                theme=theme if theme in THEMES else "",
            )
        await self.app(scope, receive, send)
