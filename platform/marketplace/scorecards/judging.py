"""Judge a vendor's figures by a version of the limits. Reads and writes nothing."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from marketplace.scorecards.figures import Figure
from marketplace.scorecards.metrics import Unit


class Grade(StrEnum):
    """From best to worst; a metric with too few cases is not judged."""

    UNJUDGED = "unjudged"
    MET = "met"
    MISSED = "missed"
    WARN = "warn"
    SUSPEND = "suspend"


BEYOND = (Grade.WARN, Grade.SUSPEND)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One metric's limits: a target to keep, what warns, what suspends (none: nothing does)."""

    metric: str
    unit: Unit
    at_least: bool
    target: int
    warn: int | None
    suspend: int | None
    window_days: int
    minimum_sample: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why a vendor is warned or suspended: the figure, and the limit that it is beyond."""

    metric: str
    unit: Unit
    at_least: bool
    amount: int
    limit: int
    sample: int
    days: int
    grade: Grade


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """`is_newer`: only cases since the metric was excused were looked at."""

    line: Line
    figure: Figure | None
    grade: Grade
    is_newer: bool = False


def judge(
    lines: Iterable[Line], *, figures: Sequence[Figure], newer: Sequence[Figure] = ()
) -> list[Judged]:
    """Each line by the figure of its metric and window; by the newer one where there is one."""
    by_window = {(one.metric, one.days): one for one in figures}
    excused = {(one.metric, one.days): one for one in newer}
    judged = []
    for line in lines:
        key = (line.metric, line.window_days)
        figure = excused.get(key) or by_window.get(key)
        judged.append(
            Judged(line=line, figure=figure, grade=_grade(line, figure), is_newer=key in excused)
        )
    return judged


def causes(judged: Iterable[Judged]) -> list[Cause]:
    """What is beyond a limit that warns or suspends, the worst first."""
    found = [cause for one in judged if (cause := _cause(one)) is not None]
    return sorted(found, key=lambda cause: cause.grade is not Grade.SUSPEND)


def worst(found: Iterable[Cause]) -> Grade:
    grades = {cause.grade for cause in found}
    return next((grade for grade in reversed(BEYOND) if grade in grades), Grade.MET)


def is_met(line: Line, figure: Figure | None) -> bool | None:
    """Whether the target is kept; none where there are too few cases to say."""
    if figure is None or figure.sample < max(line.minimum_sample, 1):
        return None
    return not figure.is_beyond(line.target, at_least=line.at_least)


def written(found: Iterable[Cause]) -> list[dict[str, Any]]:
    """As JSON."""
    return [asdict(cause) for cause in found]


def read(kept: Iterable[Mapping[str, Any]]) -> list[Cause]:
    return [
        Cause(**{**one, "unit": Unit(one["unit"]), "grade": Grade(one["grade"])}) for one in kept
    ]


def kept(row: Mapping[str, Any]) -> list[Cause]:
    """Of a row with a column `causes`, which may be null."""
    return read(json.loads(row["causes"] or "[]"))


def _grade(line: Line, figure: Figure | None) -> Grade:
    is_kept = is_met(line, figure)
    if figure is None or is_kept is None:
        return Grade.UNJUDGED
    for grade, limit in ((Grade.SUSPEND, line.suspend), (Grade.WARN, line.warn)):
        if limit is not None and figure.is_beyond(limit, at_least=line.at_least):
            return grade
    return Grade.MET if is_kept else Grade.MISSED


def _cause(one: Judged) -> Cause | None:
    line, figure = one.line, one.figure
    limit = {Grade.WARN: line.warn, Grade.SUSPEND: line.suspend}.get(one.grade)
    if figure is None or figure.amount is None or limit is None:
        return None
    return Cause(
        metric=line.metric, unit=line.unit, at_least=line.at_least, amount=figure.amount,
        limit=limit, sample=figure.sample, days=line.window_days, grade=one.grade,
    )  # fmt: skip
