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
    """Each is what it says of the cases of a window.

    ACCEPTANCE: sub-orders said yes to, of those answered or not answered in time.
    ACCEPTANCE_DELAY: mean time from being asked to yes or no, of sub-orders answered; every hour
    counts but those of pauses and days off.
    CANCELLATION: sub-orders that the vendor called off or had not on its shelf, in whole or in
    part, of those it was given; also where another vendor sends it.
    LATE_SHIPMENT: sub-orders whose last unit left late or has not left, of those due to leave.
    VALID_TRACKING: parcels whose number the carrier has scanned, of those sent by a carrier two
    days before.
    ON_TIME_DELIVERY: parcels that arrived by then, of those due to arrive.
    INCIDENT: sub-orders with a parcel lost or in trouble, or money that a bank has taken back, of
    those sent whole.
    RETURNED_TO_SENDER: parcels that came back, of those sent by a carrier; not what customers
    return, which nobody can yet.
    REFUND: sub-orders that were refunded after they were earned, of those sent whole.
    """

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
