"""What a vendor can expect of its next payout. Pure."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from marketplace.kit.money import Money
from settlement.payouts import eligibility
from settlement.payouts.eligibility import Facts, Obstacle, Reason

_NOTHING = Obstacle(Reason.NOTHING_AVAILABLE, "Nothing is available yet.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NextPayout:
    """`day` is None on demand. `estimate` is what should be available then, as things are.

    `obstacle` says why nothing would be paid if it were today, `obstacle_then` why nothing will
    be on that day if things stay as they are.
    """

    currency: str
    day: date | None
    estimate: Money
    obstacle: Obstacle | None
    obstacle_then: Obstacle | None


def expected(
    facts: Facts | None, *, day: date | None, available: Money, estimate: Money, now: datetime
) -> NextPayout:
    """Without facts nothing was ever earned in the currency."""
    then = now if day is None else max(now, datetime.combine(day, time(), UTC))
    return NextPayout(
        currency=available.currency,
        day=day,
        estimate=estimate,
        obstacle=_obstacle(facts, available, now),
        obstacle_then=_obstacle(facts, estimate, then),
    )


def _obstacle(facts: Facts | None, available: Money, at: datetime) -> Obstacle | None:
    if facts is None:
        return _NOTHING
    return eligibility.obstacle(replace(facts, available=available), at=at)
