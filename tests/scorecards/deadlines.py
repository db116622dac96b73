"""A vendor with deadlines to ship that were kept or missed, and limits to judge it by."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM, Kind, Principal, StaffRole
from marketplace.kit.transactions import transaction
from marketplace.orders.models import SubOrder
from marketplace.outbox.models import OutboxEvent
from marketplace.scorecards import limit_drafting, limits
from marketplace.scorecards.metrics import Metric
from marketplace.scorecards.standing_models import StandingChange
from marketplace.sla.models import ClockKind, ClockState, SlaClock
from tests.factories import NOON, make_offer, make_paid_order, parts_of

LATE = Metric.LATE_SHIPMENT
OLA = Principal(Kind.STAFF, id=new_id(NOON), roles=frozenset({StaffRole.OPERATIONS}))
SAM = Principal(Kind.STAFF, id=new_id(NOON), roles=frozenset({StaffRole.SUPPORT}))


async def seller() -> SubOrder:
    """One sub-order of a vendor of its own; its deadlines are made below."""
    [part] = await parts_of(await make_paid_order({(await make_offer()).id: 1}))
    return part


async def shipped(part: SubOrder, *, late: int, in_time: int, at: datetime = NOON) -> None:
    """So many deadlines to ship that passed at a time, missed and kept."""
    await _deadlines(part, ClockKind.SHIP_BY, late=late, in_time=in_time, at=at)


async def arrived(part: SubOrder, *, late: int, in_time: int, at: datetime = NOON) -> None:
    await _deadlines(part, ClockKind.DELIVER_BY, late=late, in_time=in_time, at=at)


async def _deadlines(
    part: SubOrder, kind: ClockKind, *, late: int, in_time: int, at: datetime
) -> None:
    async with transaction(SYSTEM):
        await SlaClock.bulk_create([
            SlaClock(
                id=new_id(NOON), kind=kind, subject_id=new_id(NOON), order_id=part.order_id,
                sub_order_id=part.id, vendor_id=part.vendor_id, started_at=at, due_at=at,
                state=ClockState.BREACHED if number < late else ClockState.MET,
                met_at=None if number < late else at, breached_at=at if number < late else None,
            )
            for number in range(late + in_time)
        ])  # fmt: skip


async def suspend_beyond(late_bp: int, *, now: datetime = NOON) -> None:
    """What is in force, and so much sent late suspends, as the next version."""
    said = await limits.content(principal=SYSTEM)
    lines = [replace(line, suspend=late_bp) if line.metric == LATE else line for line in said.lines]
    version_id = await limit_drafting.save(principal=OLA, lines=lines, note="Tried", now=now)
    await limit_drafting.activate(principal=OLA, version_id=version_id, now=now)


async def moves(vendor_id: UUID) -> list[str]:
    """The vendor's moves, the first one first."""
    async with transaction(SYSTEM, read_only=True):
        changes = await StandingChange.filter(vendor_id=vendor_id).order_by("at")
    return [change.move.value for change in changes]


async def told(*names: str) -> list[OutboxEvent]:
    async with transaction(SYSTEM, read_only=True):
        return await OutboxEvent.filter(name__in=names).order_by("happened_at")
