"""When a figure keeps its target, warns or suspends; what follows from a day's figures."""

from dataclasses import replace

import pytest

from marketplace.scorecards import judging, wording
from marketplace.scorecards.daily import what_follows
from marketplace.scorecards.figures import Figure, words
from marketplace.scorecards.judging import Cause, Grade, Line
from marketplace.scorecards.metrics import Unit
from marketplace.scorecards.standing_models import StandingMove, StandingState

RATE, MINUTES = Unit.BASIS_POINTS, Unit.MINUTES
LATE = Line(
    metric="late_shipment", unit=RATE, at_least=False, target=4_00, warn=8_00, suspend=15_00,
    window_days=30, minimum_sample=10,
)  # fmt: skip
KEPT = replace(LATE, metric="acceptance", at_least=True, target=97_00, warn=90_00, suspend=75_00)
DELAY = replace(LATE, metric="delay", unit=MINUTES, target=60, warn=24 * 60, suspend=72 * 60)


def figure(line: Line, numerator: int, denominator: int, sample: int | None = None) -> Figure:
    return Figure(
        metric=line.metric, days=line.window_days, unit=line.unit, numerator=numerator,
        denominator=denominator, sample=denominator if sample is None else sample,
    )  # fmt: skip


def rate(line: Line, counted: int, sample: int) -> Figure:
    return figure(line, counted * 10_000, sample)


@pytest.mark.parametrize(
    ("line", "found", "grade"),
    [
        (LATE, rate(LATE, 4, 100), Grade.MET),
        (LATE, rate(LATE, 5, 100), Grade.MISSED),
        (LATE, rate(LATE, 8, 100), Grade.MISSED),
        (LATE, rate(LATE, 9, 100), Grade.WARN),
        (LATE, rate(LATE, 15, 100), Grade.WARN),
        (LATE, rate(LATE, 150_001, 1_000_000), Grade.SUSPEND),  # rounds to the limit, is beyond it
        (LATE, rate(LATE, 9, 9), Grade.UNJUDGED),
        (LATE, rate(LATE, 10, 10), Grade.SUSPEND),
        (LATE, None, Grade.UNJUDGED),
        (KEPT, rate(KEPT, 97, 100), Grade.MET),
        (KEPT, rate(KEPT, 90, 100), Grade.MISSED),
        (KEPT, rate(KEPT, 89, 100), Grade.WARN),
        (KEPT, rate(KEPT, 74, 100), Grade.SUSPEND),
        (DELAY, figure(DELAY, 600, 10), Grade.MET),
        (DELAY, figure(DELAY, 72 * 600 + 1, 10), Grade.SUSPEND),
        (replace(LATE, suspend=None), rate(LATE, 50, 100), Grade.WARN),
        (replace(LATE, warn=None, suspend=None), rate(LATE, 50, 100), Grade.MISSED),
    ],
)
def test_a_figure_is_judged_exactly_and_on_its_own_side(
    line: Line, found: Figure | None, grade: Grade
) -> None:
    [judged] = judging.judge([line], figures=[] if found is None else [found])

    assert judged.grade is grade
    assert judging.is_met(line, found) is {Grade.UNJUDGED: None, Grade.MET: True}.get(grade, False)


def test_an_excused_metric_is_judged_by_its_newer_cases_alone() -> None:
    [judged] = judging.judge([LATE], figures=[rate(LATE, 50, 100)], newer=[figure(LATE, 10_000, 1)])

    assert (judged.grade, judged.is_newer) == (Grade.UNJUDGED, True)


def test_causes_name_figure_limit_and_window_the_worst_first() -> None:
    judged = judging.judge(
        [KEPT, LATE, DELAY],
        figures=[rate(KEPT, 89, 100), rate(LATE, 5, 20), figure(DELAY, 600, 10)],
    )

    found = judging.causes(judged)

    assert [(one.metric, wording.figure(one), wording.limit(one)) for one in found] == [
        ("late_shipment", "25 % of 20 orders in the last 30 days", "at most 15 %"),
        ("acceptance", "89 % of 100 orders in the last 30 days", "at least 90 %"),
    ]
    assert judging.worst(found) is Grade.SUSPEND
    assert judging.read(judging.written(found)) == found
    assert (words(MINUTES, 1590), words(MINUTES, 120)) == ("26 h 30 min", "2 h")
    assert (wording.title("new_metric"), wording.advice("new_metric")) == (
        "New metric", "Look at the orders behind it.",
    )  # fmt: skip


GOOD, WARNED, SUSPENDED = StandingState


def cause(metric: str, grade: Grade) -> Cause:
    return Cause(
        metric=metric, unit=RATE, at_least=False, amount=9_00, limit=8_00, sample=10, days=30,
        grade=grade,
    )  # fmt: skip


A, B, WORSE = cause("a", Grade.WARN), cause("b", Grade.WARN), cause("c", Grade.SUSPEND)


@pytest.mark.parametrize(
    ("state", "found", "told", "move"),
    [
        (GOOD, [], [], None),
        (GOOD, [A], [], StandingMove.WARN),
        (GOOD, [WORSE, A], [], StandingMove.SUSPEND),
        (WARNED, [A], [A], None),
        (WARNED, [A, B], [A], StandingMove.WARN_AGAIN),
        (WARNED, [A], [A, B], None),
        (WARNED, [WORSE], [A], StandingMove.SUSPEND),
        (WARNED, [], [A], StandingMove.RECOVER),
        (SUSPENDED, [], [WORSE], None),
        (SUSPENDED, [WORSE], [WORSE], None),
    ],
)
def test_what_follows_from_a_days_figures(
    state: StandingState, found: list[Cause], told: list[Cause], move: StandingMove | None
) -> None:
    assert what_follows(state, found, told) is move
