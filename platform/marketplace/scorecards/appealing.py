"""A vendor appeals a warning or a suspension; staff grant it, or answer why not."""

from datetime import datetime
from uuid import UUID

from marketplace.kit.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import Kind, Principal, VendorRole
from marketplace.kit.transactions import atomic
from marketplace.outbox import recording
from marketplace.scorecards import by_hand, moving
from marketplace.scorecards.errors import AlreadyAppealed
from marketplace.scorecards.standing_models import (
    Appeal,
    AppealMove,
    AppealState,
    Standing,
    StandingState,
)
from marketplace.scorecards.states import APPEAL
from marketplace.sla import access

LONGEST_TEXT = 2000  # characters
MAY = frozenset({VendorRole.OWNER, VendorRole.FULFILMENT})
TO_DO = "answer an appeal"
OPENED = "appeal.opened"


def may_appeal(principal: Principal) -> bool:
    return principal.kind is Kind.VENDOR and bool(principal.roles & MAY)


@atomic()
async def appeal(*, principal: Principal, text: str, now: datetime) -> UUID:
    """The vendor says why its warning or suspension is wrong, or is put right; the appeal's id.

    Its owner and packers may. Refuses an empty text, a vendor that stands well (IllegalMove), and
    a second appeal while one is open.
    """
    if not may_appeal(principal) or principal.vendor_id is None:
        raise Forbidden("appeal")
    text = text.strip()
    if not 0 < len(text) <= LONGEST_TEXT:
        raise InvalidInput("text", "it is missing or too long", f"1 to {LONGEST_TEXT} characters")
    vendor_id = principal.vendor_id
    await moving.hold(vendor_id)
    standing = await Standing.get_or_none(vendor_id=vendor_id)
    if standing is None or standing.state is StandingState.GOOD:
        raise IllegalMove(thing="vendor's standing", state=StandingState.GOOD, move="be appealed")
    if await Appeal.filter(vendor_id=vendor_id, state=AppealState.OPEN).exists():
        raise AlreadyAppealed()
    made = await Appeal.create(
        id=new_id(now), vendor_id=vendor_id, change_id=standing.change_id,
        state=AppealState.OPEN, text=text, made_by=principal.key, made_at=now,
    )  # fmt: skip
    told = {"appeal_id": str(made.id), "vendor_id": str(vendor_id)}
    await recording.record_unstreamed(OPENED, told, now=now)
    return made.id


@atomic()
async def grant(
    *, principal: Principal, appeal_id: UUID, answer: str, now: datetime, seen: UUID | None = None
) -> None:
    """The vendor stands well again, and what was held against it is excused up to now.

    Operations and administrators may. Refuses one that was answered (IllegalMove), no answer, and
    (StandingChanged) where `seen`, the change it stood by when they looked, is not its last.
    """
    found, answer = await _held(principal, appeal_id, answer, seen)
    await moving.end_appeal(found, AppealMove.GRANT, actor=principal.key, answer=answer, now=now)
    await by_hand.let_go(found.vendor_id, actor=principal.key, reason=answer, now=now)


@atomic()
async def deny(
    *, principal: Principal, appeal_id: UUID, answer: str, now: datetime, seen: UUID | None = None
) -> None:
    """It stays as it is, and the vendor reads why; it may appeal again with something new.

    Operations and administrators may. Refuses what `grant` does.
    """
    found, answer = await _held(principal, appeal_id, answer, seen)
    await moving.end_appeal(found, AppealMove.DENY, actor=principal.key, answer=answer, now=now)


async def _held(
    principal: Principal, appeal_id: UUID, answer: str, seen: UUID | None
) -> tuple[Appeal, str]:
    """The open appeal, its vendor's standing ours alone until we commit; and the answer."""
    access.check_operator(principal, TO_DO)
    answer = by_hand.checked(answer)
    known = await Appeal.get_or_none(id=appeal_id)
    if known is None:
        raise NotFound("appeal")
    await moving.hold(known.vendor_id)
    found = await Appeal.get(id=appeal_id)
    if not APPEAL.allows(found.state):
        raise IllegalMove(thing="appeal", state=found.state, move="be answered")
    await moving.refuse_unseen(found.vendor_id, seen)
    return found, answer
