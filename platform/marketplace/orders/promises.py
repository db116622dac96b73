"""What the customer of an order was promised: when each seller answers, and sends its part."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import connection, transaction
from marketplace.sla.models import ClockKind

_TIME_ZONE = """
    SELECT channel.time_zone
    FROM orders JOIN channel ON channel.id = orders.channel_id WHERE orders.id = $1
"""
_CLOCKS = "SELECT kind, subject_id, due_at, met_at FROM sla_clock WHERE order_id = $1"


@dataclass(frozen=True, slots=True)
class Promise:
    """`met_at` is when it was done, in time or late."""

    due_at: datetime
    met_at: datetime | None

    def is_late(self, now: datetime) -> bool:
        return (self.met_at or now) > self.due_at


@dataclass(frozen=True, slots=True)
class Promises:
    """By sub-order; who has not accepted has not promised to ship. The zone is the channel's."""

    time_zone: str
    answer_by: Mapping[UUID, Promise]
    ship_by: Mapping[UUID, Promise]


async def of_link(*, principal: Principal) -> Promises:
    """Those of the order that a signed link speaks for, which exists."""
    assert principal.kind is Kind.TOKEN, principal
    async with transaction(principal, read_only=True):
        time_zone = await connection().fetchval(_TIME_ZONE, principal.id)
        clocks = await connection().fetch(_CLOCKS, principal.id)
    by_kind: dict[str, dict[UUID, Promise]] = {kind: {} for kind in ClockKind}
    for clock in clocks:
        promise = Promise(clock["due_at"], clock["met_at"])
        by_kind[clock["kind"]][clock["subject_id"]] = promise
    return Promises(time_zone, by_kind[ClockKind.ACCEPT_BY], by_kind[ClockKind.SHIP_BY])
