"""A vendor's figures: each a number with a unit over some cases, whatever the metric."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from marketplace.scorecards.metrics import Measured, Unit


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


def of(one: Measured, *, days: int) -> Figure:
    return Figure(
        metric=one.metric.value, days=days, unit=one.metric.unit, numerator=one.numerator,
        denominator=one.sample, sample=one.sample,
    )  # fmt: skip


def taken(measured: Mapping[int, Sequence[Measured]]) -> list[Figure]:
    """Every metric over each window."""
    return [of(one, days=days) for days, row in measured.items() for one in row]


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
