"""Stripe's description of its own API: which operations exist, what they take and answer."""

import gzip
import json
import re
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

from stripe_sandbox.checking import Check, Checks
from stripe_sandbox.form import Raw
from stripe_sandbox.params import Reader, reader_for
from stripe_sandbox.shapes import JsonObject

FORM = "application/x-www-form-urlencoded"
ACCOUNTS = ("/v1/accounts", "/v1/accounts/{account}")


@dataclass
class Operation:
    """One method of one path, with its parameters' reader and its answers' checks."""

    template: str
    description: JsonObject
    checks: Checks

    @cached_property
    def _reader(self) -> Reader:
        body = self.description.get("requestBody", {}).get("content", {}).get(FORM, {})
        schema: JsonObject = body.get("schema", {})
        queried = [q for q in self.description.get("parameters", []) if q["in"] == "query"]
        properties = {q["name"]: q["schema"] for q in queried} | schema.get("properties", {})
        required = [q["name"] for q in queried if q.get("required")] + schema.get("required", [])
        return reader_for({"type": "object", "properties": properties, "required": required})

    @cached_property
    def _answers(self) -> dict[bool, Check]:
        responses = self.description["responses"]
        return {
            good: self.checks.of(responses[name]["content"]["application/json"]["schema"])
            for good, name in ((True, "200"), (False, "default"))
        }

    def read(self, raw: dict[str, Raw]) -> JsonObject:
        """The typed parameters; raises Stripe's 400 for what the description does not allow."""
        values: JsonObject = self._reader(raw, "")
        return values

    def problems_of(self, status: int, body: object) -> list[str]:
        """What is wrong with an answer, by the description; nothing if it conforms."""
        problems: list[str] = []
        self._answers[status == 200](body, "$", problems)
        return problems


class Description:
    """The description, with each path's operations found by what is asked."""

    def __init__(self, document: JsonObject) -> None:
        _complete(document["paths"])
        self.checks = Checks(document["components"]["schemas"])
        self._operations = {
            (method.upper(), template): Operation(template, described, self.checks)
            for template, item in document["paths"].items()
            for method, described in item.items()
            if method in ("get", "post", "delete")
        }

    @classmethod
    @cache
    def load(cls) -> "Description":
        """The one in `spec/`; compiled schemas are shared by all applications of a process."""
        packed = files("stripe_sandbox").joinpath("spec/openapi-pruned.json.gz").read_bytes()
        return cls(json.loads(gzip.decompress(packed)))

    def operation(self, method: str, template: str) -> Operation:
        return self._operations[method, template]


def _complete(paths: JsonObject) -> None:
    """`external_account` is described as a token only; Stripe's clients send a dictionary too."""
    asked = [
        paths[one]["post"]["requestBody"]["content"][FORM]["schema"]["properties"]
        for one in ACCOUNTS
    ]
    for properties in asked:
        properties["external_account"] = asked[0]["bank_account"]


def pattern_of(template: str) -> re.Pattern[str]:
    """A path template as a pattern whose groups are the template's names."""
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template) + r"\Z")
