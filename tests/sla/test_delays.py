"""The customer hears of a later day before the promised one passes, once for each."""

from datetime import UTC, datetime, timedelta

import pytest

from marketplace.kit.errors import InvalidInput, NotFound
from marketplace.kit.principal import Kind, Principal, StaffRole
from marketplace.kit.transactions import connection
from marketplace.orders import deadlines, delays, shipping
from marketplace.orders.delay_models import DelayNotice
from marketplace.orders.errors import NothingToDo
from marketplace.orders.models import SubOrder
from marketplace.outbox.models import OutboxEvent
from marketplace.sla import clocks, pausing
from marketplace.sla.models import ClockKind, PauseCause
from marketplace.sla.policy_models import ActionKind, Moment
from tests.factories import NOON, make_offer, member
from tests.sla.clocked import a_policy, accepted, clock_of

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
DUE = datetime(2026, 3, 4, 12, tzinfo=UTC)
SHIP, ACCEPT = ClockKind.SHIP_BY, ClockKind.ACCEPT_BY
STAFF = Principal(Kind.STAFF, id=None, roles=frozenset({StaffRole.OPERATIONS}))


async def told(name: str) -> int:
    return await OutboxEvent.filter(name=name).count()


async def ship(part: SubOrder, at: datetime) -> None:
    await shipping.ship(
        principal=member(part.vendor_id), sub_order_id=part.id, carrier="DHL",
        tracking_number="T", key="k", now=at,
    )  # fmt: skip


async def test_the_customer_hears_of_a_late_parcel_before_its_date_once_for_each_new_day() -> None:
    await a_policy((SHIP, Moment.WARNED, ActionKind.NOTIFY_CUSTOMER))
    part = await accepted()

    for _ in range(2):
        await deadlines.work_off(now=DUE - HOUR)

    [notice] = await DelayNotice.all()
    assert notice.told_at < notice.was_at == DUE
    assert notice.new_at == DUE + DAY  # eight business hours
    assert await told("sub_order.delayed") == 1
    assert (await clock_of(part)).promised_at == notice.new_at


async def test_a_hold_that_moves_the_day_is_told_and_one_within_the_day_is_not() -> None:
    part = await accepted()
    hold = PauseCause.HOLD
    await pausing.pause(order_id=part.order_id, cause=hold, now=NOON)
    await pausing.resume(order_id=part.order_id, cause=hold, now=NOON + HOUR)
    await deadlines.work_off(now=NOON + HOUR)
    assert await told("sub_order.delayed") == 0

    await pausing.pause(order_id=part.order_id, cause=hold, now=NOON + HOUR)
    await pausing.resume(order_id=part.order_id, cause=hold, now=NOON + DAY + HOUR)
    for _ in range(2):
        await deadlines.work_off(now=NOON + DAY + HOUR)

    [notice] = await DelayNotice.all()
    assert notice.new_at == DUE + DAY + HOUR


async def test_who_waits_for_a_hold_hears_before_the_promised_date_passes() -> None:
    part = await accepted()
    await pausing.pause(order_id=part.order_id, cause=PauseCause.HOLD, now=NOON)

    await deadlines.work_off(now=DUE - 13 * HOUR)
    assert await told("sub_order.delayed") == 0
    for _ in range(2):
        await deadlines.work_off(now=DUE - 11 * HOUR)
    [first] = await DelayNotice.all()
    await deadlines.work_off(now=first.new_at - HOUR)

    assert first.reason == "It has to wait for a check"
    assert first.new_at > DUE
    assert await told("sub_order.delayed") == 2


async def test_a_vendor_promises_another_day_and_its_own_deadline_stays() -> None:
    part = await accepted()
    me = member(part.vendor_id)
    friday = datetime(2026, 3, 6, tzinfo=UTC).date()

    until = await delays.announce(
        principal=me, sub_order_id=part.id, day=friday, reason="The glaze dries", now=NOON
    )
    with pytest.raises(InvalidInput):  # it is promised already
        await delays.announce(
            principal=me, sub_order_id=part.id, day=friday, reason="The glaze dries", now=NOON
        )

    assert until == datetime(2026, 3, 6, 16, tzinfo=UTC)
    assert await told("sub_order.delayed") == 1
    assert (await clock_of(part)).due_at == DUE


@pytest.mark.parametrize(
    ("day", "reason"),
    [("2026-03-04", "why"), ("2026-03-07", "why"), ("2027-03-05", "why"), ("2026-03-06", " ")],
    ids=["not later", "a saturday", "far away", "no reason"],
)
async def test_a_promise_that_makes_no_sense_is_refused(day: str, reason: str) -> None:
    part = await accepted()

    with pytest.raises(InvalidInput):
        await delays.announce(
            principal=member(part.vendor_id), sub_order_id=part.id,
            day=datetime.fromisoformat(day).date(), reason=reason, now=NOON,
        )  # fmt: skip


async def test_another_vendor_and_what_is_shipped_get_no_promise() -> None:
    part, friday = await accepted(), datetime(2026, 3, 6, tzinfo=UTC).date()
    stranger = member((await make_offer()).vendor_id)
    with pytest.raises(NotFound):
        await delays.announce(
            principal=stranger, sub_order_id=part.id, day=friday, reason="why", now=NOON
        )

    await ship(part, NOON)

    with pytest.raises(NothingToDo):
        await delays.announce(
            principal=member(part.vendor_id), sub_order_id=part.id, day=friday, reason="why",
            now=NOON,
        )  # fmt: skip


async def test_nothing_is_promised_of_what_was_shipped_between_a_look_and_its_lock() -> None:
    part = await accepted()
    seen = clocks.read(
        await connection().fetchrow(
            f"SELECT {clocks.COLUMNS} FROM sla_clock WHERE id = $1", (await clock_of(part)).id
        )
    )
    await ship(part, DUE - HOUR)

    assert not await delays.tell(seen, new_at=DUE + DAY, reason="x", by=STAFF, now=DUE - HOUR)

    assert await told("sub_order.delayed") == 0
