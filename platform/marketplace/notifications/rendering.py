"""From a template and plain facts to words: a subject, a text and a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.numbers import format_currency
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context

from marketplace.kit.money import Money
from marketplace.pricing.shipping import in_words

_DAY_AND_TIME = "EEEE d MMMM y, HH:mm"


@dataclass(frozen=True, slots=True)
class Rendered:
    subject: str
    text: str
    html: str


def render(template: str, context: Mapping[str, object]) -> Rendered:
    """Amounts and times come out as `locale`, `currency` and `zone` of the context say."""
    subject, text, html = (
        _environment().get_template(f"{template}/{part}").render(context)
        for part in ("subject.txt", "body.txt", "body.html")
    )
    return Rendered(subject=" ".join(subject.split()), text=text.strip() + "\n", html=html)


def folder() -> Path:
    """templates/email: beside the package once installed, else at the root of the checkout."""
    packages = Path(__file__).resolve().parents[2]
    for parent in (packages, packages.parent):
        if (parent / "templates" / "email").is_dir():
            return parent / "templates" / "email"
    raise FileNotFoundError(f"no templates/email beside {packages}")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder()),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(money=_money, moment=_moment, shipping_method=in_words)
    return environment


@pass_context
def _money(context: Context, minor: int) -> str:
    money = Money(minor, str(context["currency"]))
    return str(format_currency(money.amount, money.currency, locale=_locale(context)))


@pass_context
def _moment(context: Context, iso: str) -> str:
    """A day and a time of day in the reader's zone, with the zone's name."""
    zone = ZoneInfo(str(context["zone"]))
    moment = datetime.fromisoformat(iso).astimezone(zone)
    words = format_datetime(moment, _DAY_AND_TIME, locale=_locale(context))
    return f"{words} ({moment.tzname()})"


def _locale(context: Context) -> str:
    return str(context["locale"]).replace("-", "_")
