"""Read form parameters as Stripe's description types them, and refuse what it does not know."""

from collections.abc import Callable
from typing import Any, TypeAlias

from stripe_sandbox.errors import StripeError, invalid_request
from stripe_sandbox.form import Raw
from stripe_sandbox.shapes import JsonObject

# Turns what was sent under a name into a typed value, or raises Stripe's 400.
Reader: TypeAlias = Callable[[Raw, str], Any]

LARGEST = 2**63 - 1
BOOLEANS = {"true": True, "false": False}


def reader_for(schema: JsonObject, *, may_be_empty: bool = False) -> Reader:
    """A reader for one schema of the description, compiled once.

    `may_be_empty` lets a string be empty, which in metadata means "remove this key".
    """
    if "anyOf" in schema:
        return _any_of(schema["anyOf"])
    kind = schema.get("type")
    if kind == "object":
        return _object(schema)
    if kind == "array":
        return _array(schema)
    if kind == "integer":
        return _integer
    if kind == "boolean":
        return _boolean
    if kind == "number":
        return _number
    return _string(schema, may_be_empty)


def _any_of(options: list[JsonObject]) -> Reader:
    readers = [reader_for(option) for option in options]

    def read(raw: Raw, name: str) -> Any:
        first: StripeError | None = None
        for reader in readers:
            try:
                return reader(raw, name)
            except StripeError as refused:
                first = first or refused
        assert first is not None
        raise first

    return read


def _object(schema: JsonObject) -> Reader:
    properties = {name: reader_for(child) for name, child in schema.get("properties", {}).items()}
    required = schema.get("required", [])
    others = schema.get("additionalProperties")
    other = reader_for(others, may_be_empty=True) if isinstance(others, dict) else None

    def read(raw: Raw, name: str) -> JsonObject:
        if not isinstance(raw, dict):
            raise invalid_request("Invalid object", param=name)
        values: JsonObject = {}
        for key, value in raw.items():
            reader = properties.get(key, other)
            inside = f"{name}[{key}]" if name else key
            if reader is None:
                raise invalid_request(
                    f"Received unknown parameter: {inside}", code="parameter_unknown", param=inside
                )
            values[key] = reader(value, inside)
        for key in required:
            if key not in values:
                inside = f"{name}[{key}]" if name else key
                raise invalid_request(
                    f"Missing required param: {inside}.", code="parameter_missing", param=inside
                )
        return values

    return read


def _array(schema: JsonObject) -> Reader:
    item = reader_for(schema["items"])

    def read(raw: Raw, name: str) -> list[Any]:
        if not isinstance(raw, list):
            raise invalid_request("Invalid array", param=name)
        return [item(value, f"{name}[{index}]") for index, value in enumerate(raw)]

    return read


def _scalar(raw: Raw, name: str) -> str:
    if not isinstance(raw, str):
        raise invalid_request("Invalid string: an object or array was sent", param=name)
    return raw


def _integer(raw: Raw, name: str) -> int:
    text = _scalar(raw, name)
    if not text:
        raise _empty(name)
    digits = text.removeprefix("-")
    # int() would also take "1_000", " 1" and other scripts' digits.
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 20):
        raise _not_an_integer(text, name)
    value = int(text)
    if abs(value) > LARGEST:
        raise _not_an_integer(text, name)
    return value


def _not_an_integer(text: str, name: str) -> StripeError:
    return invalid_request(
        f"Invalid integer: {text[:50]}", code="parameter_invalid_integer", param=name
    )


def _number(raw: Raw, name: str) -> float:
    text = _scalar(raw, name)
    try:
        return float(text)
    except ValueError:
        raise invalid_request(f"Invalid decimal: {text[:50]}", param=name) from None


def _boolean(raw: Raw, name: str) -> bool:
    text = _scalar(raw, name)
    if text not in BOOLEANS:
        raise invalid_request(f"Invalid boolean: {text[:50]}", param=name)
    return BOOLEANS[text]


def _string(schema: JsonObject, may_be_empty: bool) -> Reader:
    words: list[str] | None = schema.get("enum")
    longest: int | None = schema.get("maxLength")

    def read(raw: Raw, name: str) -> str:
        text = _scalar(raw, name)
        if words is not None:
            if text not in words:
                raise invalid_request(
                    f"Invalid {name}: must be one of {', '.join(words)}", param=name
                )
            return text
        if not text and not may_be_empty:
            raise _empty(name)
        if longest is not None and len(text) > longest:
            raise invalid_request(
                f"Invalid string: {text[:20]}...; must be at most {longest} characters", param=name
            )
        return text.lower() if schema.get("format") == "currency" else text

    return read


def _empty(name: str) -> StripeError:
    return invalid_request(
        f"You passed an empty string for '{name}'. We assume empty values are an attempt to "
        f"unset a parameter; however '{name}' cannot be unset. You should remove '{name}' from "
        "your request or supply a non-empty value.",
        code="parameter_invalid_empty",
        param=name,
    )
