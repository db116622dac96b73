"""The catalogue in docs/events.md: every event, who hears it, and what its payload looks like."""

import json
import pkgutil
import types
from collections.abc import Iterator, Mapping
from dataclasses import fields
from importlib import import_module
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import marketplace
from marketplace.outbox.recording import Event
from marketplace.outbox.routes import Routes
from marketplace_runtime.unstreamed import UNSTREAMED

BEGINS = "<!-- The catalogue below is written by `souk events --docs`. -->"
_HEAD = """

## The catalogue

Who hears what is `platform/marketplace_runtime/routes.py`; a test keeps it complete. Events with
an `order_id` are numbered in their order, 1, 2, 3, without gaps. `mail` is an e-mail, `refunds`,
`provider`, `settlement` and `payouts` ask the payment provider, `carriers` a carrier.

| event | recorded when | heard by |
| --- | --- | --- |
"""
_SCHEMAS = """
## Their payloads

JSON Schema of each payload, by the event's name. Times are ISO 8601 in UTC.

```json
{schemas}
```
"""
_TYPES: Mapping[Any, dict[str, object]] = {
    UUID: {"type": "string", "format": "uuid"},
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
}


def document(page: str, routes: Routes) -> str:
    """The page with its catalogue as the code has it now; what stands before it stays."""
    prose, marker, _ = page.partition(BEGINS)
    assert marker, f"the page lacks the line {BEGINS}"
    told = {**{kind.name: _sentence(kind) for kind in kinds()}, **_unstreamed()}
    rows = [
        f"| `{name}` | {told[name]} | {', '.join(way.consumer for way in routes[name])} |"
        for name in sorted(told)
    ]
    lines = [f"  {json.dumps(name)}: {json.dumps(one)}" for name, one in sorted(schemas().items())]
    written = "{\n" + ",\n".join(lines) + "\n}"
    return prose + BEGINS + _HEAD + "\n".join(rows) + "\n" + _SCHEMAS.format(schemas=written)


def kinds(root: type[Event] = Event) -> Iterator[type[Event]]:
    """Every class of event that has a name, of every package of the core that has events."""
    if root is Event:
        for module in pkgutil.walk_packages(marketplace.__path__, "marketplace."):
            if not module.ispkg and module.name.endswith("events"):
                import_module(module.name)
    for kind in root.__subclasses__():
        if "name" in kind.__dict__ and kind.__module__.startswith("marketplace."):
            yield kind
        yield from kinds(kind)


def schemas() -> dict[str, dict[str, object]]:
    """By the event's name: the JSON Schema of its payload."""
    made = {kind.name: _schema_of(kind) for kind in kinds()}
    return made | {name: _unstreamed_schema(keys) for name, (_, keys) in UNSTREAMED.items()}


def _schema_of(kind: type[Event]) -> dict[str, object]:
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]
    return _object({name: _typed(hints[name]) for name in names}, names)


def _typed(hint: Any) -> dict[str, object]:
    if hint in _TYPES:
        return _TYPES[hint]
    origin, inner = get_origin(hint), get_args(hint)
    if origin is tuple:
        return {"type": "array", "items": _typed(inner[0])}
    assert origin in (Union, types.UnionType), f"no schema for {hint}"
    return {"anyOf": [_typed(one) if one is not type(None) else {"type": "null"} for one in inner]}


def _unstreamed_schema(keys: tuple[str, ...]) -> dict[str, object]:
    schema = _object(dict.fromkeys(keys, _TYPES[str]), list(keys))
    return schema | {"additionalProperties": _TYPES[str]}


def _object(properties: dict[str, dict[str, object]], required: list[str]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _sentence(kind: type[Event]) -> str:
    first = (kind.__doc__ or "").strip().split("\n")[0].rstrip(".")
    return first[0].lower() + first[1:]


def _unstreamed() -> dict[str, str]:
    return {name: sentence for name, (sentence, _) in UNSTREAMED.items()}
