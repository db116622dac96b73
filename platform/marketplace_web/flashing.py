"""One sentence that survives a redirect: "Parcel 1 of 2 is on its way." Shown once."""

from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeSerializer
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from marketplace_web.settings import WebSettings

COOKIE = "souk_flash"
SECONDS = 60


@dataclass(frozen=True, slots=True)
class Flash:
    text: str
    tone: str


def see_other(request: Request, url: str, *, notice: str = "", tone: str = "good") -> Response:
    """303 to a page after a post, with a notice that page shows once."""
    response = RedirectResponse(url, status_code=303)
    if notice:
        web: WebSettings = request.state.web
        response.set_cookie(
            COOKIE,
            _signer(web).dumps([notice, tone]),
            max_age=SECONDS,
            httponly=True,
            samesite="lax",
            secure=web.production,
        )
    return response


def read(request: Request) -> Flash | None:
    """Signed, so that nobody but us can put words on our pages."""
    cookie = request.cookies.get(COOKIE)
    if cookie is None:
        return None
    try:
        text, tone = _signer(request.state.web).loads(cookie)
    except (BadSignature, ValueError):
        return None
    return Flash(text=text, tone=tone)


def forget(response: Response) -> None:
    response.delete_cookie(COOKIE)


def _signer(web: WebSettings) -> URLSafeSerializer:
    return URLSafeSerializer(web.secret_key, salt="flash")
