"""How the runtime puts pages together: gates in order, around the routes of each face."""

from collections.abc import Sequence

from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.routing import BaseRoute, Mount

from marketplace_web import appearance, sign_in, static
from marketplace_web.body_limits import BodyLimit
from marketplace_web.context import Clock, PageContext
from marketplace_web.csrf import CsrfGuard
from marketplace_web.errors import UnexpectedErrors
from marketplace_web.faces import Face
from marketplace_web.headers import SecurityHeaders
from marketplace_web.sessions import SessionGate
from marketplace_web.settings import WebSettings

LARGEST_BODY = 1024 * 1024  # bytes, for any door that does not set a limit of its own

# Static files and the light/dark button, for the root of the application.
web_routes: list[BaseRoute] = [*static.routes, *appearance.routes]


def web_middleware(web: WebSettings) -> list[Middleware]:
    """Around the whole application, pages and programs' doors alike."""
    return [
        Middleware(SecurityHeaders, web=web),
        Middleware(UnexpectedErrors),
        Middleware(RequestBodyLimitMiddleware, max_body_size=LARGEST_BODY),
    ]


def mount_face(face: Face, routes: Sequence[BaseRoute], *, web: WebSettings, clock: Clock) -> Mount:
    """The pages of a face under its prefix, with signing in and out, behind its gate."""
    return Mount(
        face.prefix,
        routes=[*sign_in.routes, *routes],
        middleware=[
            Middleware(BodyLimit, usual=web.body_limit_bytes, uploads=face.uploads),
            Middleware(PageContext, web=web, clock=clock),
            Middleware(SessionGate, face=face, web=web),
            Middleware(CsrfGuard, web=web),
        ],
    )


def mount_public(
    prefix: str, routes: Sequence[BaseRoute], *, web: WebSettings, clock: Clock
) -> Mount:
    """Pages that need no session, such as tracking; their forms are guarded all the same."""
    return Mount(
        prefix,
        routes=routes,
        middleware=[
            Middleware(RequestBodyLimitMiddleware, max_body_size=web.body_limit_bytes),
            Middleware(PageContext, web=web, clock=clock),
            Middleware(CsrfGuard, web=web),
        ],
    )
