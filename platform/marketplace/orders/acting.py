"""Do what the policy wants done about deadlines that are near or were missed: each thing once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from marketplace.kit.principal import SYSTEM
from marketplace.orders import delays, expiring
from marketplace.orders.events import (
    SlaActionEvent,
    SlaCreditDue,
    SlaEscalated,
    SlaPenaltyDue,
    SlaRerouteDue,
    SlaVendorNotified,
)
from marketplace.outbox import recording
from marketplace.sla import actions
from marketplace.sla.actions import MONEY, Run
from marketplace.sla.clocks import Clock
from marketplace.sla.policy_models import ActionKind, Moment

LATE = "It takes longer than planned"
_TOLD: dict[ActionKind, type[SlaActionEvent]] = {
    ActionKind.NOTIFY_VENDOR: SlaVendorNotified,
    ActionKind.ESCALATE: SlaEscalated,
    ActionKind.PENALTY: SlaPenaltyDue,
    ActionKind.CREDIT: SlaCreditDue,
    ActionKind.REROUTE: SlaRerouteDue,
}


async def act(
    clocks: Sequence[Clock], moment: Moment, *, now: datetime, is_done: bool = False
) -> None:
    """Carry out the actions of this moment that nobody has carried out. Under the orders' locks.

    Of what was done, though late, only the money's consequences are left.
    """
    if not clocks:
        return
    of = MONEY if is_done else tuple(ActionKind)
    ids = [clock.id for clock in clocks]
    runs = await actions.claim(clock_ids=ids, moment=moment, now=now, of=of)
    by_id = {clock.id: clock for clock in clocks}
    await recording.record_all([_told(run, moment) for run in runs if run.action in _TOLD], now=now)
    await _tell_customers(runs, by_id, now)
    for run in runs:
        if run.action is ActionKind.AUTO_REFUSE:
            await expiring.expire(sub_order_id=run.sub_order_id, now=now)
    if moment is Moment.AFTER:
        await actions.plan_next(clock_ids=ids, now=now)


def _told(run: Run, moment: Moment) -> SlaActionEvent:
    return _TOLD[run.action](
        order_id=run.order_id,
        run_id=run.id,
        clock_id=run.clock_id,
        sub_order_id=run.sub_order_id,
        moment=moment,
    )


async def _tell_customers(runs: Sequence[Run], by_id: dict[UUID, Clock], now: datetime) -> None:
    late = [run for run in runs if run.action is ActionKind.NOTIFY_CUSTOMER]
    if not late:
        return
    calendars = await delays.calendars([by_id[run.clock_id] for run in late])
    for run in late:
        clock = by_id[run.clock_id]
        assert run.delay_hours is not None
        begins, hours = max(clock.due_at, now), timedelta(hours=run.delay_hours)
        calendar = calendars.get(clock.id)
        new_at = begins + hours if calendar is None else calendar.add(begins, hours)
        await delays.tell(clock, new_at=new_at, reason=LATE, by=SYSTEM, now=now)
