from datetime import UTC, datetime, timedelta

import pytest

from marketplace.kit.errors import NotFound
from marketplace.kit.principal import Kind, Principal, StaffRole
from marketplace.kit.transactions import connection
from marketplace.orders import (
    accepting,
    acting,
    crediting,
    deadlines,
    escalations,
    shipping,
    standing,
)
from marketplace.orders.models import OrderLine, SubOrder
from marketplace.orders.states import SubOrderState
from marketplace.outbox.draining import drain
from marketplace.outbox.models import OutboxEvent
from marketplace.outbox.routes import Received
from marketplace.payments.models import PaymentAllocation, Refund
from marketplace.sla import claiming, pausing
from marketplace.sla.models import ClockKind, PauseCause
from marketplace.sla.policy_models import ActionKind, ActionRun, Moment
from marketplace_runtime.routes import ledger_routes
from settlement.adjustments.models import Adjustment
from settlement.invariants.checking import check_all
from tests.factories import NOON, make_offer, make_paid_order, member, parts_of
from tests.sla.clocked import a_policy, accepted, clock_of

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
DUE = datetime(2026, 3, 4, 12, tzinfo=UTC)
SHIP, ACCEPT = ClockKind.SHIP_BY, ClockKind.ACCEPT_BY
STAFF = Principal(Kind.STAFF, id=None, roles=frozenset({StaffRole.OPERATIONS}))


async def told(name: str) -> int:
    return await OutboxEvent.filter(name=name).count()


async def heard(name: str) -> Received:
    [event] = await OutboxEvent.filter(name=name)
    return Received(
        event_id=event.id, name=event.name, stream_id=event.stream_id, seq=event.seq,
        payload=event.payload, happened_at=event.happened_at,
    )  # fmt: skip


async def ship(part: SubOrder, at: datetime) -> None:
    await shipping.ship(
        principal=member(part.vendor_id), sub_order_id=part.id, carrier="DHL",
        tracking_number="T", key="k", now=at,
    )  # fmt: skip


async def test_each_action_of_a_moment_happens_once_and_later_ones_when_they_come() -> None:
    await a_policy(
        (SHIP, Moment.WARNED, ActionKind.NOTIFY_VENDOR),
        (SHIP, Moment.BREACHED, ActionKind.NOTIFY_VENDOR),
        (SHIP, Moment.AFTER, ActionKind.ESCALATE),
    )
    part = await accepted()

    for at in (DUE - 2 * HOUR, DUE, DUE + HOUR, DUE + HOUR, DUE + 23 * HOUR):
        await deadlines.work_off(now=at)
    assert (await told("sla.vendor_notified"), await told("sla.escalated")) == (2, 0)
    for _ in range(2):
        await deadlines.work_off(now=DUE + 24 * HOUR)

    assert await told("sla.escalated") == 1
    assert (await clock_of(part)).next_action_at is None
    assert await ActionRun.all().count() == 3
    assert (await check_all(connection())).violations == ()


async def test_nothing_more_follows_once_it_is_shipped() -> None:
    await a_policy((SHIP, Moment.AFTER, ActionKind.ESCALATE))
    part = await accepted()
    await deadlines.work_off(now=DUE + HOUR)

    await ship(part, DUE + 2 * HOUR)
    await deadlines.work_off(now=DUE + 30 * HOUR)

    assert await told("sla.escalated") == 0


async def test_an_unanswered_order_is_refused_only_where_the_policy_says_so_and_when() -> None:
    await a_policy((ACCEPT, Moment.AFTER, ActionKind.AUTO_REFUSE))
    mug = await make_offer(on_hand=5)
    [part] = await parts_of(await make_paid_order({mug.id: 2}))
    due = (await clock_of(part, ACCEPT)).due_at

    await deadlines.work_off(now=due + HOUR)
    an_hour_late = (await SubOrder.get(id=part.id)).state
    await deadlines.work_off(now=due + 25 * HOUR)

    assert an_hour_late is SubOrderState.AWAITING_ACCEPTANCE
    assert (await SubOrder.get(id=part.id)).state is SubOrderState.EXPIRED


async def test_a_penalty_is_booked_once_by_the_policy_that_agreed_to_it() -> None:
    await a_policy((SHIP, Moment.BREACHED, ActionKind.PENALTY))
    part = await accepted()
    await deadlines.work_off(now=DUE + HOUR)

    for _ in range(2):
        await drain(routes=ledger_routes(), now=DUE + HOUR)

    [penalty] = await Adjustment.all()
    assert penalty.vendor_id == part.vendor_id
    assert penalty.amount_minor == 286  # ten per cent of two mugs at 12.00 and 19 % tax
    assert (penalty.state, penalty.decided_by) == ("posted", "staff:1")
    booked = await connection().fetch(
        "SELECT account.code, amount_minor, purpose FROM ledger_entry JOIN ledger_account account"
        " ON account.id = account_id JOIN ledger_transaction posting ON posting.id = transaction_id"
        " WHERE idempotency_key = $1 ORDER BY code",
        f"adjustment:{penalty.id}",
    )
    assert [tuple(row) for row in booked] == [("2120", 286, "penalty"), ("4310", -286, "penalty")]
    assert (await check_all(connection())).violations == ()


async def test_what_was_shipped_late_before_anyone_looked_costs_the_same() -> None:
    await a_policy(
        (SHIP, Moment.BREACHED, ActionKind.PENALTY),
        (SHIP, Moment.BREACHED, ActionKind.NOTIFY_VENDOR),
    )
    part = await accepted()

    await ship(part, DUE + HOUR)

    assert (await told("sla.penalty_due"), await told("sla.vendor_notified")) == (1, 0)


async def test_time_that_a_hold_took_costs_nothing() -> None:
    await a_policy((SHIP, Moment.BREACHED, ActionKind.PENALTY))
    part = await accepted()
    await pausing.pause(order_id=part.order_id, cause=PauseCause.CARRIER, now=NOON)
    await pausing.resume(order_id=part.order_id, cause=PauseCause.CARRIER, now=NOON + DAY)

    await ship(part, DUE + DAY)

    assert await told("sla.penalty_due") == 0


async def test_a_missed_deadline_gives_the_customer_something_back_once() -> None:
    await a_policy((SHIP, Moment.BREACHED, ActionKind.CREDIT))
    part = await accepted()
    await deadlines.work_off(now=DUE + HOUR)
    for _ in range(2):
        await crediting.on_credit_due(await heard("sla.credit_due"), now=DUE + HOUR)

    [refund] = await Refund.all()
    assert (refund.amount_minor, refund.reason) == (286, "For the delay")
    [line] = await OrderLine.filter(sub_order_id=part.id)
    assert line.refunded_by_amount_minor == 286


async def test_an_escalation_is_taken_once() -> None:
    await a_policy((SHIP, Moment.BREACHED, ActionKind.ESCALATE))
    part = await accepted()
    await deadlines.work_off(now=DUE + HOUR)
    [waiting] = await escalations.waiting(principal=STAFF)
    assert (waiting.number, waiting.kind) == (part.number, SHIP)

    await escalations.take(principal=STAFF, run_id=waiting.id, now=DUE + HOUR)

    with pytest.raises(NotFound):
        await escalations.take(principal=STAFF, run_id=waiting.id, now=DUE + HOUR)
    assert await escalations.waiting(principal=STAFF) == []


async def test_what_stands_still_after_it_was_missed_is_not_made_worse() -> None:
    await a_policy((SHIP, Moment.AFTER, ActionKind.PENALTY))
    part = await accepted()
    await deadlines.work_off(now=DUE + HOUR)
    # Two that overlap stop it for two days, not for three.
    platform, carrier = PauseCause.PLATFORM, PauseCause.CARRIER
    for cause in (platform, carrier):
        await standing.pause(
            principal=STAFF, order_id=part.order_id, cause=cause, note="snow", now=DUE + 2 * HOUR
        )

    told_of = []
    for hours in (26, 50, 71, 72):
        await deadlines.work_off(now=DUE + hours * HOUR)
        told_of.append(await told("sla.penalty_due"))
        if hours == 26:
            await pausing.resume(order_id=part.order_id, cause=carrier, now=DUE + 26 * HOUR)
        if hours == 50:
            await pausing.resume(order_id=part.order_id, cause=platform, now=DUE + 50 * HOUR)

    assert told_of == [0, 0, 0, 1]
    assert (await check_all(connection())).violations == ()


async def test_what_was_done_between_a_look_and_its_lock_has_no_consequences() -> None:
    await a_policy((SHIP, Moment.AFTER, ActionKind.PENALTY))
    part = await accepted()
    await deadlines.work_off(now=DUE + HOUR)
    later = DUE + 25 * HOUR
    [seen] = await claiming.later_actions(now=later, limit=9)
    await ship(part, later)

    await acting.act([seen], Moment.AFTER, now=later)

    assert await told("sla.penalty_due") == 0
    assert (await clock_of(part)).next_action_at is None


async def test_a_credit_is_not_added_to_what_a_bank_takes_back() -> None:
    await a_policy((SHIP, Moment.BREACHED, ActionKind.CREDIT))
    part = await accepted()
    await deadlines.work_off(now=DUE + HOUR)
    await PaymentAllocation.filter(sub_order_id=part.id).update(disputed_minor=1)

    await crediting.on_credit_due(await heard("sla.credit_due"), now=DUE + HOUR)

    assert await Refund.all().count() == 0


async def test_a_late_refusal_costs_as_much_where_another_vendor_sends_it() -> None:
    await a_policy((ACCEPT, Moment.BREACHED, ActionKind.PENALTY))
    mug = await make_offer(on_hand=5)
    await make_offer(like=mug, on_hand=5)
    [part] = await parts_of(await make_paid_order({mug.id: 2}))
    due = (await clock_of(part, ACCEPT)).due_at

    await accepting.accept(
        principal=member(part.vendor_id), sub_order_id=part.id, reason="broken", now=due + HOUR,
        refused={line.id: line.live for line in part.lines},
    )  # fmt: skip

    assert len(await parts_of(part.order_id)) == 2
    assert [run.amount_minor for run in await ActionRun.all()] == [286]
