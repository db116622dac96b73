"""Filters as they stand in an address: typed, or refused."""

from collections.abc import Iterable
from datetime import date

from marketplace.kit.errors import InvalidInput


def one_of(field: str, asked: str, known: Iterable[str]) -> str:
    """What was asked for, or nothing. Refuses what was not on the page."""
    choices = [str(each) for each in known]
    if asked and asked not in choices:
        raise InvalidInput(field, "there is no such choice", ", ".join(choices))
    return asked


def a_day(field: str, asked: str) -> date | None:
    if not asked:
        return None
    try:
        return date.fromisoformat(asked)
    except ValueError as error:
        raise InvalidInput(field, "this is no day", "a day such as 2026-11-30") from error
