"""Deadlines that the policy wants staff to look at, and who took them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace.kit.errors import Forbidden, NotFound
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import atomic, connection, transaction
from marketplace.sla import access
from marketplace.sla.models import ClockKind

MOST = 200

_OPEN = """
    SELECT run.id, run.order_id, sub_order.number, vendor.name AS vendor, clock.kind, clock.due_at,
        clock.met_at, run.ran_at
    FROM sla_action_run run
    JOIN sla_clock clock ON clock.id = run.clock_id
    JOIN sub_order ON sub_order.id = clock.sub_order_id
    JOIN vendor ON vendor.id = sub_order.vendor_id
    WHERE run.action = 'escalate' AND run.handled_at IS NULL
    ORDER BY run.id LIMIT $1
"""
_HANDLE = """
    UPDATE sla_action_run SET handled_by = $2, handled_at = $3
    WHERE id = $1 AND action = 'escalate' AND handled_at IS NULL RETURNING id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    id: UUID
    order_id: UUID
    number: str
    vendor: str
    kind: ClockKind
    due_at: datetime
    met_at: datetime | None
    ran_at: datetime


async def waiting(*, principal: Principal) -> list[Escalation]:
    """Those that nobody has taken, the oldest first. Staff may."""
    if principal.kind not in (Kind.STAFF, Kind.SYSTEM):
        raise Forbidden("see what was escalated")
    async with transaction(principal, read_only=True) as connected:
        rows = await connected.fetch(_OPEN, MOST)
    return [Escalation(**{**row, "kind": ClockKind(row["kind"])}) for row in rows]


@atomic()
async def take(*, principal: Principal, run_id: UUID, now: datetime) -> None:
    """Operations has seen to it; NotFound for what somebody took before."""
    access.check_operator(principal, "take what was escalated")
    if await connection().fetchval(_HANDLE, run_id, principal.key, now) is None:
        raise NotFound("escalation")
