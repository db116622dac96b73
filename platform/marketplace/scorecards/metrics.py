"""What a vendor is measured by, and what a measure comes to."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

WINDOWS = (7, 30, 90)  # days
MINIMUM_SAMPLE = 10  # below it one unlucky parcel would decide


class Metric(StrEnum):
    ACCEPTANCE = "acceptance"
    CANCELLATION = "cancellation"
    LATE_SHIPMENT = "late_shipment"
    VALID_TRACKING = "valid_tracking"
    ON_TIME_DELIVERY = "on_time_delivery"
    REFUND = "refund"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The rate to keep, in basis points: at least it, or at most."""

    rate_bp: int
    at_least: bool


TARGETS: Mapping[Metric, Target] = {
    Metric.ACCEPTANCE: Target(rate_bp=97_00, at_least=True),
    Metric.CANCELLATION: Target(rate_bp=2_50, at_least=False),
    Metric.LATE_SHIPMENT: Target(rate_bp=4_00, at_least=False),
    Metric.VALID_TRACKING: Target(rate_bp=95_00, at_least=True),
    Metric.ON_TIME_DELIVERY: Target(rate_bp=90_00, at_least=True),
    Metric.REFUND: Target(rate_bp=10_00, at_least=False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """`counted` of `sample`: how often it happened, of how often it could have."""

    metric: Metric
    counted: int
    sample: int

    @property
    def rate_bp(self) -> int | None:
        """In basis points, half to even; none where there is nothing to divide by."""
        if self.sample == 0:
            return None
        whole, rest = divmod(self.counted * 10_000, self.sample)
        is_up = 2 * rest > self.sample or (2 * rest == self.sample and whole % 2 == 1)
        return whole + is_up

    @property
    def is_met(self) -> bool | None:
        """None below the minimum sample. Compared exactly, not by the rounded rate."""
        if self.sample < MINIMUM_SAMPLE:
            return None
        target = TARGETS[self.metric]
        reached, wanted = self.counted * 10_000, target.rate_bp * self.sample
        return reached >= wanted if target.at_least else reached <= wanted
