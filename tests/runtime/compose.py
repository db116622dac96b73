"""docker-compose.yml as an engine would understand it: parsed, and its variables filled in."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?:(?P<how>:[-?])(?P<word>[^}]*))?\}")


def parsed() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(ROOT / "docker-compose.yml")
    return found


def services(*, given: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Each service with the variables of an environment file in their places."""
    found: dict[str, dict[str, Any]] = filled(parsed()["services"], given)
    return found


def filled(value: Any, given: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: filled(inner, given) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, given) for inner in value]
    if not isinstance(value, str):
        return value

    def fill(variable: re.Match[str]) -> str:
        found = given.get(variable["name"], "")
        if found or variable["how"] is None:
            return found
        assert variable["how"] == ":-", f"{variable['name']}: {variable['word']}"
        return variable["word"]

    return VARIABLE.sub(fill, value)


def variables() -> set[str]:
    """Those that the file asks its reader for."""
    return {found["name"] for found in VARIABLE.finditer((ROOT / "docker-compose.yml").read_text())}


def environment_file(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / name).read_text(), flags=re.MULTILINE))


def is_ours(service: Mapping[str, Any]) -> bool:
    return "build" in service
