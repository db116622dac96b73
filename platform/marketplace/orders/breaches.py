"""Tell of deadlines that were missed, or are about to be, and do what follows."""

from collections.abc import Sequence
from datetime import datetime

from marketplace.orders import acting
from marketplace.orders.events import SlaBreached, SlaEvent, SlaWarned
from marketplace.outbox import recording
from marketplace.sla.clocks import Clock
from marketplace.sla.policy_models import Moment


async def record(clocks: Sequence[Clock], *, now: datetime) -> None:
    """What was done, but late: one event each, and what it costs. Under the orders' locks."""
    await _tell(clocks, SlaBreached, now)
    await acting.act(clocks, Moment.BREACHED, now=now, is_done=True)


async def miss(clocks: Sequence[Clock], *, now: datetime) -> None:
    """What was not done in time: one event each, and all that follows. Under the orders' locks."""
    await _tell(clocks, SlaBreached, now)
    await acting.act(clocks, Moment.BREACHED, now=now)


async def warn(clocks: Sequence[Clock], *, now: datetime) -> None:
    """One event for each deadline that is near, and all that follows. Under the orders' locks."""
    await _tell(clocks, SlaWarned, now)
    await acting.act(clocks, Moment.WARNED, now=now)


async def _tell(clocks: Sequence[Clock], kind: type[SlaEvent], now: datetime) -> None:
    events = [
        kind(
            order_id=clock.order_id, clock_id=clock.id, kind=clock.kind, subject_id=clock.subject_id
        )
        for clock in clocks
    ]
    await recording.record_all(events, now=now)
