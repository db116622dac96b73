"""What people send to the sandbox's own doors: JSON or a form, read by name."""

import json
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stripe_sandbox.currencies import THREE_DECIMAL, TWO_DECIMAL, ZERO_DECIMAL
from stripe_sandbox.shapes import JsonObject

LONGEST_TEXT = 500
LARGEST_AMOUNT = 10**12


class Misused(Exception):
    """What a person got wrong at one of these doors, in one sentence."""

    def __init__(self, sentence: str, *, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status

    def answer(self) -> Response:
        return JSONResponse({"error": str(self)}, status_code=self.status)


async def asked_of(request: Request) -> JsonObject:
    """The body as an object; a form's fields are words, and empty ones are left out."""
    body = await request.body()
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(body.decode("utf-8", "replace")))
    try:
        asked = json.loads(body or b"{}")
    except ValueError:
        raise Misused("the body is a JSON object") from None
    if not isinstance(asked, dict):
        raise Misused("the body is a JSON object")
    return asked


def number(asked: JsonObject, name: str, *, default: float, most: float) -> float:
    value = asked.get(name, default)
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            value = None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise Misused(f"{name} is a number from 0 to {most}")
    return value


def amount(asked: JsonObject, *, least: int = 1, default: int | None = None) -> int:
    """Minor units."""
    value = asked.get("amount", default)
    if isinstance(value, str) and value.removeprefix("-").isdecimal():
        value = int(value[:20])
    if isinstance(value, bool) or not isinstance(value, int):
        raise Misused("amount is a whole number of minor units")
    if not least <= value <= LARGEST_AMOUNT or value == 0:
        raise Misused(f"amount is from {least} to {LARGEST_AMOUNT}, and not 0")
    return value


def currency(asked: JsonObject, default: str) -> str:
    value = asked.get("currency", default)
    if not isinstance(value, str) or value not in ZERO_DECIMAL | TWO_DECIMAL | THREE_DECIMAL:
        raise Misused("currency is three small letters that Stripe knows")
    return value


def flag(asked: JsonObject, name: str, *, default: bool | None = None) -> bool:
    value = {"true": True, "false": False}.get(str(asked.get(name, default)).lower())
    if value is None:
        raise Misused(f"{name} is true or false")
    return value


def text(asked: JsonObject, name: str) -> str | None:
    value = asked.get(name)
    if value is not None and not (isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT):
        raise Misused(f"{name} is a text of at most {LONGEST_TEXT} characters")
    return value


def word(asked: JsonObject, name: str, words: tuple[str, ...]) -> str:
    """One of some words; the first one if nothing is said."""
    value = asked.get(name, words[0])
    if value not in words:
        raise Misused(f"{name} is one of {', '.join(words)}")
    return str(value)
