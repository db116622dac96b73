"""The sandbox's pages: plain HTML that needs nothing from anywhere else."""

from datetime import UTC, datetime

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from stripe_sandbox import currencies
from stripe_sandbox.shapes import JsonObject

PAGES = Environment(
    loader=PackageLoader("stripe_sandbox", "pages"), autoescape=True, undefined=StrictUndefined
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
}


def page(name: str, context: JsonObject, status: int = 200) -> Response:
    html = PAGES.get_template(name).render(context)
    return HTMLResponse(html, status_code=status, headers=HEADERS)


def moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")


def signed_money(amount: int, currency: str) -> str:
    sign = "\N{MINUS SIGN}" if amount < 0 else ""
    return f"{sign}{currencies.money(abs(amount), currency)}"


PAGES.filters |= {"moment": moment, "money": signed_money}
