"""How much may be sent: little, but for the pages that take files."""

from collections.abc import Mapping

from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send


class BodyLimit:
    """Takes the place of the limit around it. `uploads` are bytes by the beginning of a path.

    Stands outside the session gate, which refuses strangers before anything is read.
    """

    def __init__(self, app: ASGIApp, *, usual: int, uploads: Mapping[str, int]) -> None:
        self._usual = RequestBodyLimitMiddleware(app, usual)
        self._larger = {
            path: RequestBodyLimitMiddleware(app, limit) for path, limit in uploads.items()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        below = (limit for start, limit in self._larger.items() if path.startswith(start))
        await next(below, self._usual)(scope, receive, send)
