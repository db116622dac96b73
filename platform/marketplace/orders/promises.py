"""What the customer of an order was promised: when each seller answers, and sends its part."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import connection, transaction
from marketplace.sla.models import ClockKind

_TIME_ZONE = """
    SELECT channel.time_zone
    FROM orders JOIN channel ON channel.id = orders.channel_id WHERE orders.id = $1
"""
_CLOCKS = """
    SELECT kind, subject_id, due_at, met_at, promised_at
    FROM sla_clock WHERE order_id = $1 AND superseded_at IS NULL AND void_at IS NULL
"""
_NEWS = """
    SELECT DISTINCT ON (clock.subject_id, clock.kind) clock.subject_id, clock.kind, notice.was_at,
        notice.reason
    FROM delay_notice notice JOIN sla_clock clock ON clock.id = notice.clock_id
    WHERE notice.order_id = $1 AND clock.superseded_at IS NULL
    ORDER BY clock.subject_id, clock.kind, notice.id DESC
"""


@dataclass(frozen=True, slots=True)
class Promise:
    """`by` is what the customer was told last; `met_at` when it was done, in time or late.

    Where a later date was told: what was promised before it, and why it is later.
    """

    by: datetime
    met_at: datetime | None
    was_by: datetime | None = None
    reason: str = ""

    def is_late(self, now: datetime) -> bool:
        return (self.met_at or now) > self.by


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
        news = await connection().fetch(_NEWS, principal.id)
    told = {(row["kind"], row["subject_id"]): row for row in news}
    by_kind: dict[str, dict[UUID, Promise]] = {kind: {} for kind in ClockKind}
    for clock in clocks:
        promised = Promise(clock["promised_at"] or clock["due_at"], clock["met_at"])
        if notice := told.get((clock["kind"], clock["subject_id"])):
            promised = replace(promised, was_by=notice["was_at"], reason=notice["reason"])
        by_kind[clock["kind"]][clock["subject_id"]] = promised
    return Promises(time_zone, by_kind[ClockKind.ACCEPT_BY], by_kind[ClockKind.SHIP_BY])
