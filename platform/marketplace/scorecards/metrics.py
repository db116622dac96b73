"""What a vendor is measured by, and what a measure comes to; docs/scorecards.md defines each."""

from dataclasses import dataclass
from enum import StrEnum

WINDOWS = (7, 30, 90)  # days
_WHOLE = 10_000  # basis points


class Unit(StrEnum):
    """What a metric comes to: a rate, in hundredths of a per cent, or the mean of some times."""

    BASIS_POINTS = "basis_points"
    MINUTES = "minutes"


class Metric(StrEnum):
    ACCEPTANCE = "acceptance"
    ACCEPTANCE_DELAY = "acceptance_delay"
    CANCELLATION = "cancellation"
    LATE_SHIPMENT = "late_shipment"
    VALID_TRACKING = "valid_tracking"
    ON_TIME_DELIVERY = "on_time_delivery"
    INCIDENT = "incident"
    RETURNED_TO_SENDER = "returned_to_sender"
    REFUND = "refund"

    @property
    def unit(self) -> Unit:
        return Unit.MINUTES if self is Metric.ACCEPTANCE_DELAY else Unit.BASIS_POINTS

    @property
    def is_wanted_high(self) -> bool:
        """More of it is better: its limits are the least that will do, else the most."""
        return self in (Metric.ACCEPTANCE, Metric.VALID_TRACKING, Metric.ON_TIME_DELIVERY)

    @property
    def counts_parcels(self) -> bool:
        """Its cases are parcels, of which an order may have several; else sub-orders."""
        return self in (Metric.VALID_TRACKING, Metric.ON_TIME_DELIVERY, Metric.RETURNED_TO_SENDER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A fraction over `sample` cases, kept whole so that it is compared exactly.

    `counted` is how many of the cases a rate counts, or the minutes that all of them took.
    """

    metric: Metric
    counted: int
    sample: int

    @property
    def amount(self) -> int | None:
        """In the metric's unit, half to even; none where there is nothing to divide by."""
        if self.sample == 0:
            return None
        whole, rest = divmod(self.numerator, self.sample)
        is_up = 2 * rest > self.sample or (2 * rest == self.sample and whole % 2 == 1)
        return whole + is_up

    @property
    def numerator(self) -> int:
        """In the metric's unit, to be divided by the sample."""
        return self.counted * (_WHOLE if self.metric.unit is Unit.BASIS_POINTS else 1)
