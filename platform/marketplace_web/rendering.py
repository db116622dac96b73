"""Pages are Jinja templates given plain values; a template never reaches the database."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import Response
from starlette.templating import Jinja2Templates

from marketplace.kit.money import Money
from marketplace.pricing.shipping import in_words
from marketplace_web import flashing, formatting, static
from marketplace_web.formatting import DeadlineState
from marketplace_web.places import templates_folder
from marketplace_web.readers import Reader

PAGING = ("after", "before")


def render(
    request: Request, template: str, *, status_code: int = 200, **context: object
) -> Response:
    """Answer with a page. The context is plain values, beside those of `page_context`."""
    page = {**page_context(request), **context}
    response = _templates().TemplateResponse(request, template, page, status_code=status_code)
    if page["flash"]:
        flashing.forget(response)
    return response


def page_context(request: Request) -> dict[str, object]:
    """What every template finds: `face` and `signed_in` are None where there is none.

    Beside these there are the functions `csrf_token()`, `static(name)` and `query(**changes)`.
    """
    state = request.state
    return {
        "request": request,
        "reader": state.reader,
        "face": getattr(state, "face", None),
        "signed_in": getattr(state, "signed_in", None),
        "nav_counts": getattr(state, "nav_counts", None),
        "request_id": getattr(state, "request_id", ""),
        "flash": flashing.read(request),
    }


@lru_cache
def environment() -> Environment:
    """The one Jinja environment: escapes everything, and an unknown name is an error."""
    environment = Environment(
        loader=FileSystemLoader(templates_folder()),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        money=_money,
        datetime=_datetime,
        date=_date,
        country=_country,
        deadline_state=_deadline_state,
    )
    environment.filters.update(
        iso=formatting.iso, utc=formatting.utc_in_words, shipping_method=in_words
    )
    environment.globals.update(
        amount_of=formatting.amount_of, static=static.url, query=_query, csrf_token=_csrf_token
    )
    return environment


@lru_cache
def _templates() -> Jinja2Templates:
    return Jinja2Templates(env=environment())


@pass_context
def _money(context: Context, money: Money) -> str:
    return formatting.money_in_words(money, locale=_reader(context).locale)


@pass_context
def _datetime(context: Context, moment: datetime) -> str:
    reader = _reader(context)
    return formatting.moment_in_words(moment, locale=reader.locale, zone=reader.zone)


@pass_context
def _date(context: Context, day: date) -> str:
    return formatting.day_in_words(day, locale=_reader(context).locale)


@pass_context
def _country(context: Context, code: str) -> str:
    return formatting.country_in_words(code, locale=_reader(context).locale)


@pass_context
def _deadline_state(
    context: Context, due_at: datetime, met_at: datetime | None = None, paused: bool = False
) -> DeadlineState:
    return formatting.deadline_state(due_at, met_at, paused=paused, now=_reader(context).now)


@pass_context
def _query(context: Context, **changes: object) -> str:
    """This page's address with other query values; None or "" takes one away.

    A change of filter or order starts at the first page again.
    """
    request: Request = context["request"]
    kept: Mapping[str, object] = {
        name: value for name, value in request.query_params.items() if name not in PAGING
    }
    values = {name: value for name, value in {**kept, **changes}.items() if value not in (None, "")}
    return f"{request.url.path}?{urlencode(values)}" if values else request.url.path


@pass_context
def _csrf_token(context: Context) -> str:
    token: str = context["request"].state.csrf.token()
    return token


def _reader(context: Context) -> Reader:
    reader = context["reader"]
    assert isinstance(reader, Reader), "import macros 'with context'"
    return reader
