"""Disputes that were lost and are won after all."""

import pytest

from settlement.disputes import answering, deciding
from settlement.disputes.models import DisputeState, Liable
from tests.settlement.books import hear, posted
from tests.settlement.disputed import an_order, assert_sound, counters, disputed, line
from tests.settlement.people import ACCOUNTANT
from tests.settlement.rows import NOW
from tests.settlement.worked import ship

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]
ALL = 102_60


async def test_lost_and_won_after_all_the_vendors_have_back_what_they_bore() -> None:
    order = await an_order("A", "B")
    before = await posted()
    case = await disputed(order, ALL)
    await case.becomes("lost")

    await case.becomes("won", line(ALL))
    await case.tell()

    assert await posted(f"dispute_regained:{await case.key()}") == {
        "2110 A": -52_75, "2110 B": -39_20, "4110": -12_25, "2220": -80, "2210": -7_60,
        "6110": 10_00, "1210": ALL,
    }  # fmt: skip
    assert await posted() == before | {"6220": 15_00, "1120": before["1120"] - 15_00}
    assert (await case.row()).state is DisputeState.WON
    assert await counters() == (0, 0)
    await assert_sound()


async def test_money_that_comes_back_without_a_word_wins_it_too() -> None:
    order = await an_order("A", "B")
    case = await disputed(order, ALL)
    await case.becomes("lost")
    lost_there = case.now_there

    await case.becomes("lost", line(ALL))
    case.now_there = lost_there  # a look from before comes late
    await case.tell()

    assert (await case.row()).state is DisputeState.WON
    assert "1210" not in await posted()
    await assert_sound()


async def test_what_the_platform_bore_it_has_back() -> None:
    order = await an_order("A")
    before = await posted()
    case = await disputed(order, 10_00)
    await answering.make_liable(
        principal=ACCOUNTANT, dispute_id=(await case.row()).id, liable=Liable.PLATFORM, now=NOW
    )
    await case.becomes("lost")

    await case.becomes("won", line(10_00))

    assert await posted() == before | {"6220": 15_00, "1120": before["1120"] - 15_00}
    await assert_sound()


async def test_what_came_out_of_the_prepayment_goes_back_there() -> None:
    order = await an_order()
    before = await posted()
    case = await disputed(order, ALL)
    await case.becomes("lost")

    await case.becomes("won", line(ALL))

    assert await posted() == before | {"6220": 15_00, "1120": before["1120"] - 15_00}
    assert await deciding.catch_up(now=NOW) == 0
    await assert_sound()


async def test_earned_after_the_loss_and_won_after_all_the_vendor_keeps_its_earning() -> None:
    order = await an_order()
    case = await disputed(order, ALL)
    await case.becomes("lost")
    await ship(order, "A")
    await hear(order.shipped("A"))
    await deciding.catch_up(now=NOW)

    await case.becomes("won", line(ALL))

    assert (await posted())["2110 A"] == -52_75  # as it is without a dispute
    await assert_sound()


async def test_a_part_that_comes_back_is_ours_until_the_rest_does_too() -> None:
    order = await an_order("A", "B")
    before = await posted()
    case = await disputed(order, ALL)
    await case.becomes("lost")

    await case.becomes("lost", line(40_00))
    await case.tell()

    assert (await case.row()).state is DisputeState.LOST
    assert await posted(f"dispute_rest:{await case.key()}:2") == {"6310": -40_00, "1210": 40_00}
    assert "1210" not in await posted()
    await assert_sound()

    await case.becomes("won", line(ALL - 40_00))

    assert await posted() == before | {"6220": 15_00, "1120": before["1120"] - 15_00}
    await assert_sound()


async def test_what_is_taken_again_after_the_end_is_our_loss() -> None:
    order = await an_order("A", "B")
    case = await disputed(order, ALL)
    await case.becomes("won", line(ALL))
    before = await posted()

    await case.becomes("won", line(-ALL))
    await case.tell()

    assert await posted() == before | {"6310": ALL, "1120": before["1120"] - ALL}
    await assert_sound()


async def test_won_before_its_money_is_back_leaves_it_on_its_way() -> None:
    order = await an_order("A", "B")
    case = await disputed(order, ALL)

    await case.becomes("won")

    assert (await posted())["1210"] == ALL
    await assert_sound()
    await case.becomes("won", line(ALL))
    assert "1210" not in await posted()
    await assert_sound()


async def test_lost_and_won_before_its_money_is_back_leaves_it_on_its_way_too() -> None:
    order = await an_order("A", "B")
    before = await posted()
    case = await disputed(order, ALL)
    await case.becomes("lost")

    await case.becomes("won")

    assert (await posted())["1210"] == ALL
    assert "6310" not in await posted()
    await assert_sound()
    await case.becomes("won", line(ALL))
    assert await posted() == before | {"6220": 15_00, "1120": before["1120"] - 15_00}
    await assert_sound()
