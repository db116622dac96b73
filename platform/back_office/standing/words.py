"""Vendors' standing in words, and the limits of their figures."""

from collections.abc import Iterable
from dataclasses import dataclass

from marketplace.scorecards import figures, wording
from marketplace.scorecards.judging import Cause, Grade, Judged, Line
from marketplace.scorecards.standing_models import AppealState, StandingMove, StandingState

STATES = {
    StandingState.GOOD: ("Good", "good"),
    StandingState.WARNED: ("Warned", "warn"),
    StandingState.SUSPENDED: ("Suspended", "bad"),
}
MOVES = {
    StandingMove.WARN: ("Warned", "warn"),
    StandingMove.WARN_AGAIN: ("Warned again: more is beyond its limit", "warn"),
    StandingMove.SUSPEND: ("Suspended: its offers are off sale", "bad"),
    StandingMove.RECOVER: ("The warning ended: its figures are within the limits", "good"),
    StandingMove.LIFT: ("Lifted: it stands well again", "good"),
}
APPEALS = {
    AppealState.OPEN: ("Waits for an answer", "warn"),
    AppealState.GRANTED: ("Granted", "good"),
    AppealState.DENIED: ("Denied", "bad"),
    AppealState.OVERTAKEN: ("No longer needed", ""),
}
GRADES = {
    Grade.UNJUDGED: ("too few cases", ""),
    Grade.MET: ("met", "good"),
    Grade.MISSED: ("missed", "warn"),
    Grade.WARN: ("warns", "warn"),
    Grade.SUSPEND: ("suspends", "bad"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LineWords:
    """A row of the limits."""

    metric: str
    title: str
    target: str
    warn: str
    suspend: str
    days: int
    sample: int


def line(one: Line) -> LineWords:
    return LineWords(
        metric=one.metric, title=wording.title(one.metric),
        target=wording.bound(one.unit, one.target, at_least=one.at_least),
        warn=_beyond(one, one.warn), suspend=_beyond(one, one.suspend), days=one.window_days,
        sample=one.minimum_sample,
    )  # fmt: skip


def cause(one: Cause) -> str:
    """Such as Orders sent late: 12.5 % of 40 orders in the last 30 days, at most 4 %."""
    return f"{wording.title(one.metric)}: {wording.figure(one)}, {wording.limit(one)}"


def causes(found: Iterable[Cause]) -> list[str]:
    return [cause(one) for one in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureWords:
    """A metric's newest figure beside its limits. `is_newer`: only cases since it was excused."""

    limits: LineWords
    amount: str
    sample: int
    is_newer: bool
    grade: str
    tone: str


def judged(one: Judged, *, is_excused: bool) -> FigureWords:
    """`is_excused`: the figure does not count against the vendor any more."""
    amount = None if one.figure is None else one.figure.amount
    grade, tone = ("excused", "") if is_excused else GRADES[one.grade]
    return FigureWords(
        limits=line(one.line),
        amount="nothing yet" if amount is None else figures.words(one.line.unit, amount),
        sample=0 if one.figure is None else one.figure.sample,
        is_newer=one.is_newer,
        grade=grade,
        tone=tone,
    )


def _beyond(one: Line, amount: int | None) -> str:
    return "" if amount is None else wording.beyond(one.unit, amount, at_least=one.at_least)
