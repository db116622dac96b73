"""Light, dark, or as the device: a button that works without a script."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from marketplace_web.addresses import local_path
from marketplace_web.csrf import comes_from_here
from marketplace_web.errors import refusal_page
from marketplace_web.readers import THEME_COOKIE, THEMES

A_YEAR = 365 * 24 * 60 * 60


async def choose(request: Request) -> Response:
    if not comes_from_here(request.headers):
        return refusal_page(request, "forged")
    async with request.form(max_files=0, max_fields=5) as form:
        theme, back = str(form.get("theme", "")), str(form.get("back", ""))
    response = RedirectResponse(local_path(back), status_code=303)
    if theme in THEMES:
        secure = request.state.web.production
        response.set_cookie(THEME_COOKIE, theme, max_age=A_YEAR, samesite="lax", secure=secure)
    else:
        response.delete_cookie(THEME_COOKIE)
    return response


routes = [Route("/appearance", choose, methods=["POST"], name="appearance")]
