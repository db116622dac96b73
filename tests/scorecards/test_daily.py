"""A vendor's figures are taken once a day, and it is warned, suspended or well again by them."""

from datetime import timedelta

import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.scorecards import by_hand, daily, figures, judging, limits, standing_lists
from marketplace.scorecards.metrics import Metric
from marketplace.scorecards.standing_lists import Part
from marketplace.scorecards.standing_models import (
    Excuse,
    Scorecard,
    StandingChange,
    StandingState,
)
from tests.factories import NOON, make_vendor
from tests.scorecards.deadlines import (
    LATE,
    OLA,
    arrived,
    moves,
    seller,
    shipped,
    suspend_beyond,
    told,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]

DAY = timedelta(days=1)


async def state() -> StandingState:
    [one] = await standing_lists.listed(
        principal=SYSTEM, state=None, search=None, part=Part(limit=9)
    )
    return one.state


async def test_a_day_is_looked_at_once_and_keeps_its_figures_and_the_limits_version() -> None:
    part = await seller()
    await make_vendor(name="Another")
    await shipped(part, late=1, in_time=9)

    assert [await daily.work_off(now=NOON) for _ in range(2)] == [2, 0]
    assert await daily.look(vendor_id=part.vendor_id, now=NOON) is False

    card = await Scorecard.get(vendor_id=part.vendor_id)
    taken = {(one.metric, one.days): one for one in figures.read(card.figures)}
    late = taken[(LATE, 30)]
    assert (late.numerator, late.denominator, late.amount) == (10_000, 10, 10_00)
    assert len(taken) == 3 * len(Metric)
    assert card.limit_version_id == (await limits.content(principal=SYSTEM)).version.id
    assert await moves(part.vendor_id) == ["warn"]
    [change] = await StandingChange.all()
    [cause] = judging.read(change.causes)
    assert (cause.metric, cause.amount, cause.limit, change.scorecard_id) == (
        LATE, 10_00, 4_00, card.id,
    )  # fmt: skip
    [event] = await told("vendor.warned")
    assert event.payload == {"change_id": str(change.id), "vendor_id": str(part.vendor_id)}


async def test_a_warning_is_given_once_joined_by_another_and_ends_by_itself() -> None:
    part = await seller()
    await shipped(part, late=1, in_time=9)
    await daily.work_off(now=NOON)
    await daily.work_off(now=NOON + DAY)
    await arrived(part, late=2, in_time=8, at=NOON + 2 * DAY)
    await daily.work_off(now=NOON + 2 * DAY)
    await daily.work_off(now=NOON + 3 * DAY)

    assert await moves(part.vendor_id) == ["warn", "warn_again"]
    await daily.work_off(now=NOON + 40 * DAY)  # all of it is outside of the window

    assert await moves(part.vendor_id) == ["warn", "warn_again", "recover"]
    assert len(await told("vendor.warned", "vendor.recovered")) == 3
    assert await state() is StandingState.GOOD


async def test_a_suspension_does_not_end_by_itself_and_lifted_it_excuses_what_was() -> None:
    part = await seller()
    await suspend_beyond(20_00)
    await shipped(part, late=3, in_time=7)
    await daily.work_off(now=NOON)
    await daily.work_off(now=NOON + 40 * DAY)
    assert await state() is StandingState.SUSPENDED

    await shipped(part, late=5, in_time=5, at=NOON + 40 * DAY)
    await by_hand.lift(
        principal=OLA, vendor_id=part.vendor_id, reason="A strike", now=NOON + 40 * DAY
    )
    await shipped(part, late=9, in_time=0, at=NOON + 41 * DAY)
    await daily.work_off(now=NOON + 41 * DAY)
    assert await moves(part.vendor_id) == ["suspend", "lift"]  # nine newer cases are too few

    await shipped(part, late=1, in_time=0, at=NOON + 42 * DAY)
    await daily.work_off(now=NOON + 42 * DAY)

    assert await moves(part.vendor_id) == ["suspend", "lift", "suspend"]
    card = await Scorecard.get(day=(NOON + 42 * DAY).date())
    assert [(one.days, one.sample) for one in figures.read(card.newer)] == [
        (7, 10), (30, 10), (90, 10),
    ]  # fmt: skip
    assert [one.sample for one in judging.read(card.causes)] == [10]


async def test_all_newer_cases_of_an_excused_metric_are_judged_however_many() -> None:
    part = await seller()
    await shipped(part, late=1, in_time=9)
    await daily.work_off(now=NOON)
    await by_hand.lift(principal=OLA, vendor_id=part.vendor_id, reason="Snow", now=NOON)
    await shipped(part, late=210, in_time=0, at=NOON + DAY)
    await daily.work_off(now=NOON + DAY)

    card = await Scorecard.get(day=(NOON + DAY).date())
    assert {one.sample for one in figures.read(card.newer)} == {210}


async def test_who_decides_by_an_older_clock_than_the_last_move_comes_after_it() -> None:
    part = await seller()
    await shipped(part, late=1, in_time=9)
    for do, minutes in ((by_hand.suspend, 1), (by_hand.lift, 2)):
        at = NOON + timedelta(minutes=minutes)
        await do(principal=OLA, vendor_id=part.vendor_id, reason="So", now=at)

    await daily.look(vendor_id=part.vendor_id, now=NOON)  # its tick began before

    assert await moves(part.vendor_id) == ["suspend", "lift", "warn"]
    assert await state() is StandingState.WARNED


async def test_an_excuse_is_forgotten_once_its_window_has_passed() -> None:
    part = await seller()
    await shipped(part, late=1, in_time=9)
    await daily.work_off(now=NOON)
    await by_hand.lift(principal=OLA, vendor_id=part.vendor_id, reason="Snow", now=NOON + DAY)
    await daily.work_off(now=NOON + 100 * DAY)

    cards = await Scorecard.all().order_by("day")

    assert [card.newer for card in cards] == [[], []]
    assert await moves(part.vendor_id) == ["warn", "lift"]


async def test_a_vendor_whose_figures_cannot_be_taken_keeps_nobody_else_waiting(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken, well = await make_vendor(), await make_vendor()
    await Excuse.create(
        id=broken.id, vendor_id=broken.id, metric="fame", until=NOON, change_id=broken.id
    )

    assert await daily.work_off(now=NOON) == 1

    assert [card.vendor_id for card in await Scorecard.all()] == [well.id]
    assert f"the figures of vendor {broken.id}" in caplog.text
