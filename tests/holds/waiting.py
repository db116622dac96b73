"""Orders that wait, and what the tests ask of them."""

from datetime import datetime
from uuid import UUID

from marketplace.kit.principal import SYSTEM, Kind, Principal, StaffRole
from marketplace.kit.transactions import transaction
from marketplace.orders import placing_hold
from marketplace.orders.hold_models import HoldKind
from marketplace.outbox.models import OutboxEvent
from settlement.invariants import checking
from tests.factories import NOON

OPERATIONS = Principal(Kind.STAFF, id=UUID(int=7), roles=frozenset({StaffRole.OPERATIONS}))


async def hold(
    order_id: UUID,
    *,
    kind: HoldKind = HoldKind.MANUAL,
    reason: str = "The customer asked us to wait",
    sub_order_id: UUID | None = None,
    by: Principal = OPERATIONS,
    now: datetime = NOON,
) -> UUID:
    return await placing_hold.hold(
        principal=by, order_id=order_id, kind=kind, reason=reason, sub_order_id=sub_order_id,
        now=now,
    )  # fmt: skip


async def release(
    hold_id: UUID, *, note: str = "All is well", by: Principal = OPERATIONS, now: datetime = NOON
) -> bool:
    return await placing_hold.release(principal=by, hold_id=hold_id, note=note, now=now)


async def told(order_id: UUID, name: str) -> int:
    """How many events of this name the order has."""
    async with transaction(SYSTEM, read_only=True):
        return await OutboxEvent.filter(stream_id=order_id, name=name).count()


async def broken() -> tuple[str, ...]:
    """What `souk check` finds wrong."""
    async with transaction(SYSTEM) as connected:
        report = await checking.check_all(connected)
    return tuple(str(violation) for violation in report.violations)
