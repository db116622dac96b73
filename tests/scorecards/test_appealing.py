"""Appeals and staff's own decisions: who may, what is refused, what follows."""

from datetime import timedelta
from uuid import UUID

import pytest

from marketplace.kit.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM, Kind, Principal, VendorRole
from marketplace.orders.models import SubOrder
from marketplace.scorecards import (
    appealing,
    by_hand,
    daily,
    limits,
    standing_lists,
    standing_stories,
    trying,
)
from marketplace.scorecards.errors import AlreadyAppealed, StandingChanged
from marketplace.scorecards.standing_lists import Part
from marketplace.scorecards.standing_models import Appeal, AppealState
from tests.factories import GUEST, NOON, member
from tests.scorecards.deadlines import OLA, SAM, moves, seller, shipped, told

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]

LATER = NOON + timedelta(hours=1)


async def appealed(part: SubOrder, text: str = "The carrier was on strike.") -> UUID:
    return await appealing.appeal(principal=member(part.vendor_id), text=text, now=NOON)


async def warned() -> SubOrder:
    part = await seller()
    await shipped(part, late=1, in_time=9)
    await daily.work_off(now=NOON)
    return part


async def test_a_granted_appeal_lifts_it_and_excuses_what_was() -> None:
    part = await warned()
    appeal_id = await appealed(part)

    await appealing.grant(principal=OLA, appeal_id=appeal_id, answer="We saw it.", now=LATER)
    await daily.work_off(now=NOON + timedelta(days=1))

    assert await moves(part.vendor_id) == ["warn", "lift"]
    story = await standing_stories.of_vendor(
        principal=member(part.vendor_id), vendor_id=part.vendor_id
    )
    assert (story.changes[0].reason, story.appeals[0].answer) == ("We saw it.", "We saw it.")
    assert story.open_appeal is None
    [event] = await told("appeal.granted")
    assert event.payload["appeal_id"] == str(appeal_id)


async def test_a_denied_appeal_changes_nothing_and_another_one_may_follow() -> None:
    part = await warned()
    appeal_id = await appealed(part)

    await appealing.deny(principal=OLA, appeal_id=appeal_id, answer="No strike.", now=LATER)
    again = await appealed(part, "But look at this.")

    assert await moves(part.vendor_id) == ["warn"]
    assert [one.id for one in await standing_lists.appeals(principal=SAM)] == [again]


async def test_an_appeal_ends_when_the_vendor_stands_well_without_it() -> None:
    part = await warned()
    await appealed(part)
    await by_hand.suspend(principal=OLA, vendor_id=part.vendor_id, reason="Worse", now=LATER)
    assert len(await standing_lists.appeals(principal=SAM)) == 1

    await by_hand.lift(principal=OLA, vendor_id=part.vendor_id, reason="Sorry", now=LATER)

    assert [one.state for one in await Appeal.all()] == [AppealState.OVERTAKEN]
    assert len(await told("appeal.overtaken", "vendor.reinstated")) == 2


async def test_what_moved_since_it_was_looked_at_is_neither_lifted_nor_answered() -> None:
    part = await warned()
    appeal_id = await appealed(part)
    staff, vendor_id = OLA, part.vendor_id
    seen = (await standing_stories.of_vendor(principal=SAM, vendor_id=vendor_id)).change_id
    [waiting] = await standing_lists.appeals(principal=SAM)
    assert (waiting.change_id, waiting.moved_at) == (seen, None)
    await by_hand.suspend(principal=OLA, vendor_id=vendor_id, reason="Fakes", now=LATER, seen=seen)

    for decide in (appealing.grant, appealing.deny):
        with pytest.raises(StandingChanged):
            await decide(principal=staff, appeal_id=appeal_id, answer="So", now=LATER, seen=seen)
    for do in (by_hand.lift, by_hand.suspend):
        with pytest.raises(StandingChanged):
            await do(principal=staff, vendor_id=vendor_id, reason="So", now=LATER, seen=seen)
    [waiting] = await standing_lists.appeals(principal=SAM)
    assert (waiting.moved_at, waiting.last_reason) == (LATER, "Fakes")
    await appealing.grant(
        principal=OLA, appeal_id=appeal_id, answer="So", now=LATER, seen=waiting.change_id
    )

    assert await Appeal.filter(state=AppealState.GRANTED).count() == 1


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001])
async def test_an_appeal_says_something_and_not_too_much(text: str) -> None:
    part = await warned()

    with pytest.raises(InvalidInput):
        await appealed(part, text)


async def test_who_may_not_appeal_or_has_nothing_to_appeal_against_is_refused() -> None:
    part, well = await warned(), await seller()
    accounts = Principal(
        Kind.VENDOR, id=new_id(NOON), vendor_id=part.vendor_id,
        roles=frozenset({VendorRole.FINANCE}),
    )  # fmt: skip

    for nobody in (accounts, OLA, GUEST):
        with pytest.raises(Forbidden):
            await appealing.appeal(principal=nobody, text="Why?", now=NOON)
    with pytest.raises(IllegalMove):
        await appealed(well)
    await appealed(part)
    with pytest.raises(AlreadyAppealed):
        await appealed(part)


async def test_an_answer_needs_the_role_a_reason_and_an_open_appeal() -> None:
    part = await warned()
    appeal_id = await appealed(part)

    for decide in (appealing.grant, appealing.deny):
        for nobody in (SAM, member(part.vendor_id)):
            with pytest.raises(Forbidden):
                await decide(principal=nobody, appeal_id=appeal_id, answer="Yes", now=LATER)
        with pytest.raises(InvalidInput):
            await decide(principal=OLA, appeal_id=appeal_id, answer=" ", now=LATER)
        with pytest.raises(NotFound):
            await decide(principal=OLA, appeal_id=part.id, answer="Yes", now=LATER)
    await appealing.deny(principal=OLA, appeal_id=appeal_id, answer="No", now=LATER)
    for decide in (appealing.grant, appealing.deny):
        with pytest.raises(IllegalMove):
            await decide(principal=OLA, appeal_id=appeal_id, answer="Yes", now=LATER)


async def test_staff_decide_by_hand_with_role_and_reason_and_each_only_where_it_makes_sense() -> (
    None
):
    part = await seller()
    vendor_id = part.vendor_id

    for decide in (by_hand.suspend, by_hand.lift):
        for nobody in (SAM, member(vendor_id)):
            with pytest.raises(Forbidden):
                await decide(principal=nobody, vendor_id=vendor_id, reason="So", now=NOON)
        with pytest.raises(InvalidInput):
            await decide(principal=OLA, vendor_id=vendor_id, reason="", now=NOON)
        with pytest.raises(NotFound):
            await decide(principal=OLA, vendor_id=part.id, reason="So", now=NOON)
    with pytest.raises(IllegalMove):
        await by_hand.lift(principal=OLA, vendor_id=vendor_id, reason="So", now=NOON)
    await by_hand.suspend(principal=OLA, vendor_id=vendor_id, reason="Fakes", now=NOON)
    with pytest.raises(IllegalMove):
        await by_hand.suspend(principal=OLA, vendor_id=vendor_id, reason="Fakes", now=NOON)
    await by_hand.lift(principal=OLA, vendor_id=vendor_id, reason="Not fakes", now=LATER)

    assert await moves(vendor_id) == ["suspend", "lift"]


async def test_standings_limits_and_trials_are_not_for_others() -> None:
    part, other = await warned(), await seller()
    mine = member(part.vendor_id)

    for nobody in (GUEST, member(other.vendor_id)):
        with pytest.raises(NotFound):
            await standing_stories.of_vendor(principal=nobody, vendor_id=part.vendor_id)
    with pytest.raises(NotFound):
        await standing_stories.of_vendor(principal=SYSTEM, vendor_id=part.id)
    with pytest.raises(Forbidden):
        await standing_lists.listed(principal=mine, state=None, search=None, part=Part(limit=9))
    for read in (standing_lists.counts, standing_lists.appeals, limits.versions, trying.on_newest):
        with pytest.raises(Forbidden):
            await read(principal=mine)
    active = await limits.content(principal=mine)
    with pytest.raises(Forbidden):
        await limits.content(principal=mine, version_id=active.version.id)
    with pytest.raises(Forbidden):
        await limits.content(principal=GUEST)
