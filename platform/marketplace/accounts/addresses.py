"""What passes for an e-mail or a postal address, wherever one is typed."""

import re
from collections.abc import Collection, Mapping

from marketplace.kit.errors import InvalidInput

ADDRESS_FIELDS = ("line1", "line2", "city", "postal_code", "region", "country", "phone")
NEEDED = ("line1", "city", "postal_code")
LONGEST = 254  # RFC 3696, erratum 1690
# Nothing that would mean a second address, or a second header, in a mail.
_PART = r"""[^@\s,;:<>()\[\]\\"]+"""
_ADDRESS = re.compile(rf"{_PART}@{_PART}\.[^@\s,;:<>()\[\]\\\".]+")


def email_address(typed: str) -> str:
    """The address without spaces around it. Refuses what no mail could be sent to."""
    address = typed.strip()
    if not _ADDRESS.fullmatch(address) or len(address) > LONGEST or not address.isprintable():
        raise InvalidInput("email", "this is not an e-mail address", "name@example.com")
    return address


def one_line(name: str, typed: str, *, most: int) -> str:
    """Text without spaces around or doubled in it. Refuses none, and more than `most`."""
    value = " ".join(typed.split())
    if not value or len(value) > most:
        raise InvalidInput(name, "it is empty or too long", f"1 to {most} characters")
    return value


def postal_address(typed: Mapping[str, str], *, countries: Collection[str]) -> dict[str, str]:
    """The address as it is kept, by `ADDRESS_FIELDS`. Refuses where nothing could be delivered."""
    assert set(typed) <= set(ADDRESS_FIELDS), typed
    clean = {key: " ".join(value.split())[:200] for key, value in typed.items() if value.strip()}
    for key in NEEDED:
        one_line(f"address.{key}", clean.get(key, ""), most=200)
    clean["country"] = clean.get("country", "").upper()
    if clean["country"] not in countries:
        problem = f"we do not deliver to {clean['country'] or 'an unnamed country'}"
        raise InvalidInput("address.country", problem, ", ".join(countries))
    return clean
