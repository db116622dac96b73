"""Staff suspend a vendor, or lift a suspension or a warning, by hand and with a reason."""

from datetime import datetime
from uuid import UUID

from marketplace.accounts.models import Vendor
from marketplace.kit.errors import InvalidInput, NotFound
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import atomic
from marketplace.scorecards import excusing, moving
from marketplace.scorecards.standing_models import (
    Scorecard,
    Standing,
    StandingChange,
    StandingMove,
)
from marketplace.sla import access

LONGEST_REASON = 500  # characters
TO_DO = "change a vendor's standing"


@atomic()
async def suspend(
    *, principal: Principal, vendor_id: UUID, reason: str, now: datetime, seen: UUID | None = None
) -> None:
    """Take its offers off the shelf until somebody lifts it; the vendor reads the reason.

    Operations and administrators may. Refuses a suspended one (IllegalMove), no reason, and
    (StandingChanged) where `seen`, the change it stood by when they looked, is not its last.
    """
    access.check_operator(principal, TO_DO)
    reason = checked(reason)
    await _hold(vendor_id, seen)
    await moving.move(vendor_id, StandingMove.SUSPEND, actor=principal.key, reason=reason, now=now)


@atomic()
async def lift(
    *, principal: Principal, vendor_id: UUID, reason: str, now: datetime, seen: UUID | None = None
) -> None:
    """The vendor stands well again. What it was warned or suspended for is excused up to now.

    Operations and administrators may. Refuses one that stands well (IllegalMove), no reason, and
    (StandingChanged) where `seen`, the change it stood by when they looked, is not its last.
    """
    access.check_operator(principal, TO_DO)
    reason = checked(reason)
    await _hold(vendor_id, seen)
    await let_go(vendor_id, actor=principal.key, reason=reason, now=now)


async def let_go(vendor_id: UUID, *, actor: str, reason: str, now: datetime) -> None:
    """Lift it, for who holds the vendor's standing: what is beyond a limit today is excused."""
    metrics = await _in_question(vendor_id)
    change_id = await moving.move(vendor_id, StandingMove.LIFT, actor=actor, reason=reason, now=now)
    await excusing.excuse(vendor_id, metrics, change_id=change_id, now=now)


def checked(reason: str) -> str:
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise InvalidInput(
            "reason", "it is missing or too long", f"1 to {LONGEST_REASON} characters"
        )
    return reason


async def _hold(vendor_id: UUID, seen: UUID | None) -> None:
    if not await Vendor.filter(id=vendor_id).exists():
        raise NotFound("vendor")
    await moving.hold(vendor_id)
    await moving.refuse_unseen(vendor_id, seen)


async def _in_question(vendor_id: UUID) -> set[str]:
    """The metrics that led to the standing, and those that the newest figures are beyond."""
    found: set[str] = set()
    standing = await Standing.get_or_none(vendor_id=vendor_id)
    if standing is not None:
        change = await StandingChange.get(id=standing.change_id)
        found |= {cause["metric"] for cause in change.causes}
    card = await Scorecard.filter(vendor_id=vendor_id).order_by("-day").first()
    if card is not None:
        found |= {cause["metric"] for cause in card.causes}
    return found
