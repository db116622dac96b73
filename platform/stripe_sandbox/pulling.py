"""The sandbox's own doors from a page: forms lead back to it, other sites' forms lead nowhere."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from stripe_sandbox.shapes import JsonObject
from stripe_sandbox.templates import page

HOME = "/_sandbox/"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Pulled:
    """A door that changes something. JSON is answered with JSON; a form goes back to its page."""

    door: Callable[[Request], Awaitable[Response]]

    async def __call__(self, request: Request) -> Response:
        if not _comes_from_here(request):
            return JSONResponse({"error": "another site sent this"}, status_code=403)
        answer = await self.door(request)
        if not request.headers.get("content-type", "").startswith(FORM):
            return answer
        if isinstance(answer, JSONResponse) and answer.status_code >= 400:
            problem = problem_of(json.loads(bytes(answer.body)))
            return page("problem.html", {"problem": problem}, answer.status_code)
        asked = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        back = asked.get("back", HOME)
        return RedirectResponse(back if back.startswith(HOME) else HOME, status_code=303)


def guarded(routes: list[Route]) -> list[Route]:
    return [_guarded(route) for route in routes]


def _guarded(route: Route) -> Route:
    methods = route.methods or set()
    if not methods & {"POST", "DELETE"}:
        return route

    async def endpoint(request: Request) -> Response:
        return await Pulled(route.endpoint)(request)

    return Route(route.path, endpoint, methods=list(methods))


def _comes_from_here(request: Request) -> bool:
    """Browsers say where a request comes from; what says nothing is no browser."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def problem_of(answer: JsonObject) -> str:
    """The sentence in an error of ours or of Stripe's."""
    error = answer.get("error", answer)
    return str(error.get("message", error) if isinstance(error, dict) else error)
