"""What a measure comes to, and when it is judged."""

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


@pytest.mark.parametrize(
    ("metric", "counted", "sample", "is_met"),
    [
        (Metric.LATE_SHIPMENT, 4, 100, True),
        (Metric.LATE_SHIPMENT, 5, 100, False),
        (Metric.LATE_SHIPMENT, 400_001, 10_000_000, False),  # rounds to the target, is above it
        (Metric.VALID_TRACKING, 95, 100, True),
        (Metric.VALID_TRACKING, 94, 100, False),
        (Metric.LATE_SHIPMENT, 9, 9, None),
        (Metric.LATE_SHIPMENT, 10, 10, False),
        (Metric.ACCEPTANCE_DELAY, 10 * 48 * 60, 10, True),
        (Metric.ACCEPTANCE_DELAY, 10 * 48 * 60 + 1, 10, False),  # rounds to the target as well
    ],
)
def test_a_target_is_met_on_its_own_side_and_only_with_enough_orders(
    metric: Metric, counted: int, sample: int, is_met: bool | None
) -> None:
    assert Measured(metric=metric, counted=counted, sample=sample).is_met is is_met
