"""Who reads a page: their locale, their time zone, their moment, light or dark."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError

THEMES = ("light", "dark")
THEME_COOKIE = "souk_theme"


@dataclass(frozen=True, slots=True)
class Reader:
    """`now` is when the page was asked for, by the one clock; theme "" is the device's own."""

    locale: str
    zone: ZoneInfo
    now: datetime
    theme: str = ""


def known_locale(name: str, otherwise: str) -> str:
    """A stored or asked-for locale, or the other one where Babel does not know it."""
    try:
        return str(Locale.parse(name, sep="-" if "-" in name else "_"))
    except (ValueError, UnknownLocaleError):
        return otherwise


def known_zone(name: str, otherwise: ZoneInfo) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, ZoneInfoNotFoundError):
        return otherwise


def accepted_locale(accept_language: str, otherwise: str) -> str:
    """The first language of the browser's list that Babel knows."""
    for part in accept_language.split(","):
        name = part.split(";")[0].strip()
        if name and (locale := known_locale(name, "")):
            return locale
    return otherwise
