"""Figures and limits in words, for pages and e-mails."""

from collections.abc import Mapping

from marketplace.scorecards import figures
from marketplace.scorecards.judging import Cause
from marketplace.scorecards.metrics import Metric, Unit

# What each metric is, and what brings it back within its limit.
_METRICS: Mapping[str, tuple[str, str]] = {
    "acceptance": (
        "Orders accepted",
        "Answer before the deadline, and keep your stock up to date, so that you can say yes.",
    ),
    "acceptance_delay": (
        "Time to answer orders",
        "Look for new orders more often, or say by which days you are closed.",
    ),
    "cancellation": (
        "Orders cancelled by the seller",
        "Count your stock, and take off sale what you cannot send.",
    ),
    "late_shipment": (
        "Orders sent late",
        "Send the oldest first. If you need days off, plan them: deadlines wait for you then.",
    ),
    "valid_tracking": (
        "Parcels with valid tracking",
        "Choose the right carrier and copy the number from the label.",
    ),
    "on_time_delivery": (
        "Parcels delivered in time",
        "Send earlier, or by a carrier that keeps its times.",
    ),
    "incident": (
        "Orders gone wrong",
        "Look at what was lost, stuck or disputed, and at who carried it.",
    ),
    "returned_to_sender": (
        "Parcels that came back",
        "Copy addresses as they are, and write to the customer before the parcel turns back.",
    ),
    "refund": (
        "Orders refunded",
        "Look at why customers get money back: the pictures, the packing, the wrong item.",
    ),
}


def title(metric: str) -> str:
    """A metric that is newer than these words shows its name."""
    return _METRICS[metric][0] if metric in _METRICS else metric.replace("_", " ").capitalize()


def advice(metric: str) -> str:
    """What to do about it, in a sentence or two."""
    return _METRICS[metric][1] if metric in _METRICS else "Look at the orders behind it."


def figure(cause: Cause) -> str:
    """Such as 12.5 % of 40 orders in the last 30 days."""
    joined = "of" if cause.unit is Unit.BASIS_POINTS else "over"
    is_parcels = cause.metric in list(Metric) and Metric(cause.metric).counts_parcels
    counted = "parcels" if is_parcels else "orders"
    amount = figures.words(cause.unit, cause.amount)
    return f"{amount} {joined} {cause.sample} {counted} in the last {cause.days} days"


def limit(cause: Cause) -> str:
    """Such as at most 4 %."""
    return bound(cause.unit, cause.limit, at_least=cause.at_least)


def beyond(unit: Unit, amount: int, *, at_least: bool) -> str:
    """Where it is too far, such as above 15 %."""
    return f"{'below' if at_least else 'above'} {figures.words(unit, amount)}"


def bound(unit: Unit, amount: int, *, at_least: bool) -> str:
    """Where it is well, such as at most 4 %."""
    return f"{'at least' if at_least else 'at most'} {figures.words(unit, amount)}"
