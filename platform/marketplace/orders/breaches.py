"""Tell of deadlines that were missed, or are about to be."""

from collections.abc import Sequence
from datetime import datetime

from marketplace.orders.events import SlaBreached, SlaEvent, SlaWarned
from marketplace.outbox import recording
from marketplace.sla.clocks import Clock


async def record(clocks: Sequence[Clock], *, now: datetime) -> None:
    """One event for each missed deadline. Call it under the orders' locks."""
    await _tell(clocks, SlaBreached, now)


async def warn(clocks: Sequence[Clock], *, now: datetime) -> None:
    """One event for each deadline that is near. Call it under the orders' locks."""
    await _tell(clocks, SlaWarned, now)


async def _tell(clocks: Sequence[Clock], kind: type[SlaEvent], now: datetime) -> None:
    for clock in clocks:
        event = kind(
            order_id=clock.order_id, clock_id=clock.id, kind=clock.kind, subject_id=clock.subject_id
        )
        await recording.record([event], now=now)
