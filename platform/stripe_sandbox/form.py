"""Stripe's form encoding: `a[b][0]=v` becomes nested mappings and lists of strings."""

import re
from typing import TypeAlias
from urllib.parse import parse_qsl

from stripe_sandbox.errors import StripeError, invalid_request

Raw: TypeAlias = "str | list[Raw] | dict[str, Raw]"

KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)\Z")
PART = re.compile(r"\[([^\[\]]*)\]")
MOST_FIELDS = 2_000
DEEPEST = 10


def decode(encoded: str) -> dict[str, Raw]:
    """The nested parameters of a body or a query string; refuses what no parameter can be."""
    try:
        pairs = parse_qsl(
            encoded, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict"
        )
    except (ValueError, UnicodeDecodeError):
        raise invalid_request("Invalid request: the parameters could not be read.") from None
    root: dict[str, Raw] = {}
    for key, value in pairs:
        match = KEY.match(key)
        if match is None:
            raise _unknown(key)
        _put(root, [match[1], *PART.findall(match[2])], value, key)
    return {name: _with_lists(value) for name, value in root.items()}


def _put(root: dict[str, Raw], path: list[str], value: str, key: str) -> None:
    if len(path) > DEEPEST:
        raise _unknown(key)
    here = root
    for part in path[:-1]:
        # `a[][b]` would need to know where one element ends; Stripe's clients number theirs.
        deeper = here.setdefault(part or str(len(here)), {})
        if not isinstance(deeper, dict):
            raise _unknown(key)
        here = deeper
    last = path[-1] or str(len(here))
    if isinstance(here.get(last), dict):
        raise _unknown(key)
    here[last] = value


def _with_lists(value: Raw) -> Raw:
    if not isinstance(value, dict):
        return value
    children = {name: _with_lists(child) for name, child in value.items()}
    if children and all(name.isdecimal() and name.isascii() for name in children):
        return [children[name] for name in sorted(children, key=int)]
    return children


def _unknown(key: str) -> StripeError:
    return invalid_request(
        f"Received unknown parameter: {key[:100]}", code="parameter_unknown", param=key[:100]
    )
