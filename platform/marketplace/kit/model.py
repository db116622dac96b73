"""Tortoise's model, made without reading its source.

Tortoise looks there for `#:` comments on fields; ours say it in `description`. Parsing each model's
whole module took a fifth of the time in which a process starts. The name is a private one of
`tortoise-orm<1.2`; `tests/kit/test_model.py` guards it.
"""

from tortoise import models
from tortoise.models import Model  # noqa: TID251 - everybody else takes it from here

__all__ = ["Model"]


def _no_comments(cls: type[Model]) -> dict[str, str]:
    return {}


models._get_comments = _no_comments
