"""A vendor's figures: each a number with a unit over some cases, whatever the metric."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from marketplace.scorecards.limit_models import Unit
from marketplace.scorecards.metrics import TARGETS, Measured, Metric

WHOLE = 10_000  # basis points


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`numerator` over `denominator`, in `unit`, of `sample` cases of the last `days`.

    Kept as a fraction, so that it is compared exactly. A rate's numerator is in basis points.
    """

    metric: str
    days: int
    unit: Unit
    numerator: int
    denominator: int
    sample: int

    @property
    def amount(self) -> int | None:
        """In its unit, half to even; none where there were no cases."""
        if self.denominator == 0:
            return None
        whole, rest = divmod(self.numerator, self.denominator)
        is_up = 2 * rest > self.denominator or (2 * rest == self.denominator and whole % 2 == 1)
        return whole + is_up

    def is_beyond(self, limit: int, *, at_least: bool) -> bool:
        """Worse than the limit; on it is not beyond it."""
        reached, wanted = self.numerator, limit * self.denominator
        return reached < wanted if at_least else reached > wanted


def is_wanted_high(metric: Metric) -> bool:
    """Whether more of it is better: a limit is then the least, else the most."""
    return TARGETS[metric].at_least


def unit_of(metric: Metric) -> Unit:
    """All that is measured so far are rates."""
    return Unit.BASIS_POINTS


def of_rate(metric: Metric, *, days: int, counted: int, sample: int) -> Figure:
    return Figure(
        metric=metric.value, days=days, unit=unit_of(metric), numerator=counted * WHOLE,
        denominator=sample, sample=sample,
    )  # fmt: skip


def taken(measured: Mapping[int, Sequence[Measured]]) -> list[Figure]:
    """Every metric over each window."""
    return [
        of_rate(one.metric, days=days, counted=one.counted, sample=one.sample)
        for days, row in measured.items()
        for one in row
    ]


def written(figures: Iterable[Figure]) -> list[dict[str, Any]]:
    """As JSON."""
    return [asdict(figure) for figure in figures]


def read(kept: Iterable[Mapping[str, Any]]) -> list[Figure]:
    return [Figure(**{**one, "unit": Unit(one["unit"])}) for one in kept]


def words(unit: Unit, amount: int) -> str:
    """An amount as people read it: 97.5 %, or 26 h 30 min."""
    if unit is Unit.BASIS_POINTS:
        whole, rest = divmod(amount, 100)
        return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + " %"
    hours, minutes = divmod(amount, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
