"""Tortoise's model, made without reading its source.

Tortoise looks there for `#:` comments on fields; ours say it in `description`. Parsing each model's
whole module took a fifth of the time in which a process starts. The names are private ones of
`tortoise-orm<1.2`; `tests/kit/test_model.py` guards them.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from tortoise import models
from tortoise.filters import FilterInfoDict
from tortoise.models import Model  # noqa: TID251 - everybody else takes it from here

__all__ = ["Model", "never_filtered"]

_MAKER = "get_filters_for_field"


def _no_comments(cls: type[Model]) -> dict[str, str]:
    return {}


models._get_comments = _no_comments


@contextmanager
def never_filtered() -> Iterator[None]:
    """Models that are made inside are looked at and never asked for rows: they know no filters."""
    making = getattr(models, _MAKER)
    setattr(models, _MAKER, _no_filters)
    try:
        yield
    finally:
        setattr(models, _MAKER, making)


def _no_filters(**_: object) -> dict[str, FilterInfoDict]:
    return {}
