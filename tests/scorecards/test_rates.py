"""What a measure comes to."""

import pytest

from marketplace.scorecards.metrics import Measured, Metric, Unit


@pytest.mark.parametrize(
    ("counted", "sample", "amount"),
    [(0, 0, None), (0, 3, 0), (1, 3, 3333), (2, 3, 6667), (1, 20_000, 0), (3, 20_000, 2),
     (5, 20_000, 2), (7, 20_000, 4), (9, 9, 10_000)],
)  # fmt: skip
def test_a_rate_is_rounded_half_to_even(counted: int, sample: int, amount: int | None) -> None:
    measured = Measured(metric=Metric.REFUND, counted=counted, sample=sample)

    assert measured.amount == amount


def test_a_delay_is_the_mean_of_its_cases_in_minutes() -> None:
    measured = Measured(metric=Metric.ACCEPTANCE_DELAY, counted=185, sample=2)

    assert (measured.metric.unit, measured.amount) == (Unit.MINUTES, 92)
