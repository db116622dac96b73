"""No payouts to one vendor, until somebody lifts it; the money stays where it is."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from marketplace.accounts.models import Vendor
from marketplace.kit import locks
from marketplace.kit.errors import IllegalMove, InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import atomic
from settlement import access
from settlement.history import keeping
from settlement.history.keeping import Subject
from settlement.payouts import stopping
from settlement.payouts.models import FreezeSource, PayoutFreeze

TO_FREEZE = "stop or start a vendor's payouts"
REASON = 200  # characters


class FreezeState(StrEnum):
    FROZEN = "frozen"
    LIFTED = "lifted"


class FreezeMove(StrEnum):
    FREEZE = "freeze"
    LIFT = "lift"


@atomic()
async def freeze(
    *,
    principal: Principal,
    vendor_id: UUID,
    reason: str,
    now: datetime,
    source: FreezeSource = FreezeSource.STAFF,
    source_id: UUID | None = None,
) -> UUID:
    """Skip the vendor in every batch from now on; answers with the freeze.

    Once for each source: asked again, the first answers. Accountants, approvers, administrators
    and the system may. Refuses an unknown vendor and a freeze without a reason.
    """
    access.check_finance(principal, TO_FREEZE)
    reason = _reason(reason)
    if not await Vendor.filter(id=vendor_id).exists():
        raise NotFound("vendor")
    await locks.hold(f"payout freeze:{vendor_id}")
    live = await PayoutFreeze.filter(
        vendor_id=vendor_id, source=source, source_id=source_id, lifted_at=None
    ).first()
    if live is not None:
        return live.id
    made = await PayoutFreeze.create(
        id=new_id(now),
        vendor_id=vendor_id,
        source=source,
        source_id=source_id,
        reason=reason,
        placed_by=principal.key,
        placed_at=now,
    )
    await _keep(made, FreezeMove.FREEZE, principal, reason, now)
    return made.id


@atomic()
async def lift(*, principal: Principal, freeze_id: UUID, reason: str, now: datetime) -> None:
    """The vendor is paid again, what waits at the provider too, unless another freeze holds.

    The same people may. Refuses one that is lifted already (IllegalMove).
    """
    access.check_finance(principal, TO_FREEZE)
    reason = _reason(reason)
    found = await PayoutFreeze.filter(id=freeze_id).select_for_update(no_key=True).first()
    if found is None:
        raise NotFound("freeze")
    if found.lifted_at is not None:
        raise IllegalMove("payout freeze", FreezeState.LIFTED, FreezeMove.LIFT)
    found.lifted_at, found.lifted_by = now, principal.key
    await found.save(update_fields=["lifted_at", "lifted_by"])
    await _keep(found, FreezeMove.LIFT, principal, reason, now)
    await stopping.wake(vendor_id=found.vendor_id, at=now)


async def _keep(
    freeze: PayoutFreeze, move: FreezeMove, by: Principal, reason: str, now: datetime
) -> None:
    is_placed = move is FreezeMove.FREEZE
    await keeping.keep(
        event="freeze.placed" if is_placed else "freeze.lifted",
        subject=Subject.FREEZE,
        subject_id=freeze.id,
        vendor_id=freeze.vendor_id,
        before=None if is_placed else FreezeState.FROZEN,
        after=FreezeState.FROZEN if is_placed else FreezeState.LIFTED,
        move=move,
        actor=by.key,
        now=now,
        reason=reason,
    )


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not 0 < len(reason) <= REASON:
        raise InvalidInput("reason", "it says why", f"1 to {REASON} characters")
    return reason
