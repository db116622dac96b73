"""While a customer is asked about a substitute, the vendor's deadlines stand still."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

import pytest

from marketplace.accounts.models import Vendor
from marketplace.catalog.models import Offer
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.orders import accepting, answering, standing, substituting
from marketplace.orders.models import SubOrder
from marketplace.orders.substitution_models import Substitution
from marketplace.sla.models import ClockKind, ClockState, PauseCause, SlaPause
from tests.factories import NOON, make_offer, make_paid_order, member, parts_of
from tests.holds.waiting import OPERATIONS, broken, hold, release
from tests.orders.calling_off import customer
from tests.orders.test_substituting import sold
from tests.sla.clocked import clock_of

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]
HOUR = timedelta(hours=1)
Ending = Callable[[], Awaitable[object]]


async def ask(part: SubOrder, offer: Offer, *, now: datetime = NOON) -> Substitution:
    return await substituting.propose(
        principal=member(part.vendor_id), sub_order_id=part.id, line_id=part.lines[0].id,
        offer_id=offer.id, units=1, now=now,
    )  # fmt: skip


async def withdraw(part: SubOrder, asked: Substitution, *, now: datetime) -> None:
    await substituting.withdraw(principal=member(part.vendor_id), substitution_id=asked.id, now=now)


async def test_a_deadline_goes_on_after_the_answer_by_the_time_it_took() -> None:
    part, _, other = await sold()
    due = (await clock_of(part)).due_at
    asked = await ask(part, other)
    later = NOON + 2 * HOUR

    async def answer(*, accept: bool) -> None:
        await answering.answer(
            principal=customer(part), substitution_id=asked.id, accept=accept, now=later
        )

    endings: dict[str, Ending] = {
        "accepted": lambda: answer(accept=True),
        "declined": lambda: answer(accept=False),
        "withdrawn": lambda: withdraw(part, asked, now=later),
    }
    for state, end in endings.items():
        with suppress(_Undone):
            async with transaction(SYSTEM):
                assert (await clock_of(part)).state is ClockState.PAUSED
                await end()
                clock = await clock_of(part)
                assert (await Substitution.get(id=asked.id)).state == state
                assert (clock.state, clock.due_at) == (ClockState.RUNNING, due + 2 * HOUR), state
                assert await SlaPause.filter(resumed_at=None).count() == 0
                assert await broken() == ()
                raise _Undone


async def test_who_takes_a_question_back_gets_no_more_time_by_the_next() -> None:
    part, _, other = await sold()
    await withdraw(part, await ask(part, other), now=NOON)

    await ask(part, other)

    assert (await clock_of(part)).state is ClockState.RUNNING
    assert await broken() == ()


async def test_what_staff_answer_for_a_customer_is_not_taken_back() -> None:
    mug = await make_offer(price=12_00)
    plate = await make_offer(vendor=await mug.vendor, sku="plate", price=12_00)
    cup = await make_offer(vendor=await mug.vendor, sku="cup", price=10_00)
    [part] = await parts_of(await make_paid_order({mug.id: 1, plate.id: 1}))
    await accepting.accept(principal=member(part.vendor_id), sub_order_id=part.id, now=NOON)
    first, second = part.lines
    ask_by_telephone = partial(
        substituting.propose, principal=OPERATIONS, sub_order_id=part.id, offer_id=cup.id,
        units=1, now=NOON,
    )  # fmt: skip
    asked = await ask_by_telephone(line_id=first.id)
    await answering.answer(principal=OPERATIONS, substitution_id=asked.id, accept=False, now=NOON)

    await ask_by_telephone(line_id=second.id)

    assert (await clock_of(part)).state is ClockState.PAUSED
    assert await broken() == ()


async def test_a_question_that_nobody_answers_costs_the_vendor_nothing() -> None:
    part, _, other = await sold()
    due = (await clock_of(part)).due_at
    asked = await ask(part, other)

    assert await answering.expire_due(now=asked.answer_by) == 1
    assert await answering.expire_due(now=asked.answer_by + HOUR) == 0

    clock = await clock_of(part)
    # Two days of the week, in the middle of the day: two working days.
    assert (clock.state, clock.due_at) == (ClockState.RUNNING, due + timedelta(days=2))
    assert await broken() == ()


async def test_a_question_and_a_hold_at_once_count_once() -> None:
    part, _, other = await sold()
    due = (await clock_of(part)).due_at

    for is_hold_last in (True, False):
        with suppress(_Undone):
            async with transaction(SYSTEM):
                asked = await ask(part, other)
                held = await hold(part.order_id, now=NOON + HOUR)
                endings: list[Callable[..., Awaitable[object]]] = [
                    partial(withdraw, part, asked),
                    partial(release, held),
                ]
                first, last = endings if is_hold_last else endings[::-1]
                await first(now=NOON + 2 * HOUR)
                assert (await clock_of(part)).state is ClockState.PAUSED
                await last(now=NOON + 3 * HOUR)
                clock = await clock_of(part)
                assert (clock.state, clock.due_at) == (ClockState.RUNNING, due + 3 * HOUR)
                assert await broken() == ()
                raise _Undone


async def test_the_question_lasts_when_operations_let_deadlines_go_on() -> None:
    part, _, other = await sold()
    asked = await ask(part, other)

    await standing.resume(
        principal=OPERATIONS, order_id=part.order_id, cause=PauseCause.CUSTOMER, now=NOON + HOUR
    )

    [pause] = await SlaPause.filter(resumed_at=None)
    assert (pause.reference, pause.subject_id) == (asked.id, part.id)
    assert (await clock_of(part)).state is ClockState.PAUSED


async def test_another_vendors_deadline_of_the_order_runs_on() -> None:
    mine, theirs = await make_offer(), await make_offer()
    async with transaction(SYSTEM, read_only=True):
        vendor = await Vendor.get(id=mine.vendor_id)
    other = await make_offer(vendor=vendor, sku="cup")
    parts = await parts_of(await make_paid_order({mine.id: 2, theirs.id: 1}))
    asking, beside = sorted(parts, key=lambda part: part.vendor_id != mine.vendor_id)

    await ask(asking, other)

    clocks = [await clock_of(part, ClockKind.ACCEPT_BY) for part in (asking, beside)]
    assert [clock.state for clock in clocks] == [ClockState.PAUSED, ClockState.RUNNING]


class _Undone(Exception):
    pass
