"""Check an answer against Stripe's description: closures compiled once from its schemas.

A general JSON-schema validator takes tens of milliseconds for one PaymentIntent, because the
schemas refer to each other almost without end. The description uses a dozen keywords only, so
each schema becomes a small function here. Objects are closed: a field the description does not
name is a violation too, which is stricter than JSON schema. Tests compare the verdicts with the
jsonschema library's.
"""

import re
from collections.abc import Callable
from typing import TypeAlias

from stripe_sandbox.shapes import JsonObject

# Appends a sentence to the list for everything wrong with the value at that place.
Check: TypeAlias = Callable[[object, str, list[str]], None]

CURRENCY = re.compile(r"[a-z]{3}\Z")
DECIMAL = re.compile(r"-?\d+(\.\d+)?\Z")


class Checks:
    """The checks of one description; each named schema is compiled when it is first met."""

    def __init__(self, schemas: JsonObject) -> None:
        self._schemas = schemas
        self._named: dict[str, Check] = {}

    def of(self, schema: JsonObject) -> Check:
        if "$ref" in schema:
            return self._reference(schema["$ref"].rpartition("/")[2])
        check = self._bare(schema)
        nullable = schema.get("nullable", False)

        def checked(value: object, at: str, problems: list[str]) -> None:
            if value is None:
                if not nullable:
                    problems.append(f"{at}: may not be null")
                return
            check(value, at, problems)

        return checked

    def _reference(self, name: str) -> Check:
        # Schemas are recursive: look the target up when a value is there, not before.
        def check(value: object, at: str, problems: list[str]) -> None:
            target = self._named.get(name)
            if target is None:
                target = self._named[name] = self.of(self._schemas[name])
            target(value, at, problems)

        return check

    def _bare(self, schema: JsonObject) -> Check:
        if "anyOf" in schema:
            return _any_of([self.of(option) for option in schema["anyOf"]])
        match schema.get("type"):
            case "object":
                return self._object(schema)
            case "array":
                return _array(self.of(schema["items"]))
            case "integer":
                return _integer
            case "number":
                return _number
            case "boolean":
                return _boolean
            case _:
                return _string(schema)

    def _object(self, schema: JsonObject) -> Check:
        properties = {n: self.of(child) for n, child in schema.get("properties", {}).items()}
        required = schema.get("required", [])
        others = schema.get("additionalProperties")
        other = self.of(others) if isinstance(others, dict) else None
        is_open = others is True

        def check(value: object, at: str, problems: list[str]) -> None:
            if not isinstance(value, dict):
                problems.append(f"{at}: not an object")
                return
            for name in required:
                if name not in value:
                    problems.append(f"{at}.{name}: missing")
            for name, child in value.items():
                checked = properties.get(name, other)
                if checked is not None:
                    checked(child, f"{at}.{name}", problems)
                elif not is_open:
                    problems.append(f"{at}.{name}: not in the description")

        return check


def _any_of(options: list[Check]) -> Check:
    def check(value: object, at: str, problems: list[str]) -> None:
        best: list[str] | None = None
        for option in options:
            found: list[str] = []
            option(value, at, found)
            if not found:
                return
            if best is None or len(found) < len(best):
                best = found
        problems.extend(best or [])

    return check


def _array(item: Check) -> Check:
    def check(value: object, at: str, problems: list[str]) -> None:
        if not isinstance(value, list):
            problems.append(f"{at}: not an array")
            return
        for index, element in enumerate(value):
            item(element, f"{at}[{index}]", problems)

    return check


def _integer(value: object, at: str, problems: list[str]) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        problems.append(f"{at}: not an integer")


def _number(value: object, at: str, problems: list[str]) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        problems.append(f"{at}: not a number")


def _boolean(value: object, at: str, problems: list[str]) -> None:
    if not isinstance(value, bool):
        problems.append(f"{at}: not a boolean")


def _string(schema: JsonObject) -> Check:
    words = frozenset(schema["enum"]) if "enum" in schema else None
    longest: int | None = schema.get("maxLength")
    pattern = re.compile(schema["pattern"]) if "pattern" in schema else None
    shape = {"currency": CURRENCY, "decimal": DECIMAL}.get(schema.get("format", ""))

    def check(value: object, at: str, problems: list[str]) -> None:
        if not isinstance(value, str):
            problems.append(f"{at}: not a string")
        elif words is not None and value not in words:
            problems.append(f"{at}: {value!r} is not one of the words allowed")
        elif longest is not None and len(value) > longest:
            problems.append(f"{at}: longer than {longest}")
        elif pattern is not None and not pattern.search(value):
            problems.append(f"{at}: does not match {pattern.pattern}")
        elif shape is not None and not shape.match(value):
            problems.append(f"{at}: {value!r} is not a {schema['format']}")

    return check
