"""Disputes: the money leaves, the vendors' shares wait, and somebody bears it, to the cent."""

from datetime import timedelta
from uuid import uuid4

import pytest

from marketplace.kit.errors import Forbidden, IllegalMove, NotFound
from settlement.disputes import answering, deciding, queries
from settlement.disputes.models import DisputeShare, DisputeState, Liable
from settlement.earnings import maturing
from tests.settlement.books import hear, posted
from tests.settlement.disputed import an_order, assert_sound, counters, disputed, held, line
from tests.settlement.people import ACCOUNTANT, SUPPORT
from tests.settlement.rows import NOW
from tests.settlement.worked import refund, ship

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]
ALL = 102_60
LATE = NOW + timedelta(days=60)


async def test_the_money_leaves_with_its_fee_and_each_vendors_share_waits() -> None:
    order = await an_order("A", "B")

    case = await disputed(order, ALL)

    key = await case.key()
    txn = case.now_there.balance_transactions[0].balance_transaction_id
    assert await posted(f"dispute:{key}:{txn}") == {"1210": ALL, "6220": 15_00, "1120": -117_60}
    assert await held() == [("A", 52_75, "2110", "held"), ("B", 39_20, "2110", "held")]
    assert await counters() == (ALL, ALL)
    await assert_sound()


async def test_a_part_is_shared_by_what_each_sub_order_has_left() -> None:
    order = await an_order("A", "B")

    case = await disputed(order, 50_00)

    shares = await DisputeShare.filter(dispute__id=(await case.row()).id).order_by("gross_minor")
    assert [share.gross_minor for share in shares] == [20_94, 29_06]
    assert all(
        share.gross_minor + share.funding_minor == share.vendor_minor + share.tax_minor
        for share in shares
    )
    await assert_sound()


async def test_won_the_money_comes_back_and_the_fee_stays_away() -> None:
    order = await an_order("A", "B")
    before = await posted()
    case = await disputed(order, ALL)

    await case.becomes("won", line(ALL))

    assert (await case.row()).state is DisputeState.WON
    after = await posted()
    assert after == before | {"6220": 15_00, "1120": before["1120"] - 15_00}
    assert {state for *_, state in await held()} == {"released"}
    assert await counters() == (0, 0)
    await assert_sound()


async def test_lost_the_vendors_bear_it_and_the_commission_comes_back() -> None:
    order = await an_order("A", "B")
    case = await disputed(order, ALL)

    await case.becomes("lost")

    assert await posted(f"dispute_lost:{await case.key()}") == {
        "2150 A": 52_75, "2150 B": 39_20, "4110": 12_25, "2220": 80, "2210": 7_60,
        "6110": -10_00, "1210": -ALL,
    }  # fmt: skip
    assert {state for *_, state in await held()} == {"used"}
    assert await counters() == (ALL, ALL)
    assert await posted() == {"6210": 3_28, "6220": 15_00, "1120": -18_28}
    await assert_sound()


async def test_lost_the_platform_bears_it_where_somebody_said_so() -> None:
    order = await an_order("A", "B")
    before = await posted()
    case = await disputed(order, ALL)
    await answering.make_liable(
        principal=ACCOUNTANT, dispute_id=(await case.row()).id, liable=Liable.PLATFORM, now=NOW
    )

    await case.becomes("lost")

    assert await posted(f"dispute_lost:{await case.key()}") == {"6310": ALL, "1210": -ALL}
    assert await posted() == before | {
        "6310": ALL, "6220": 15_00, "1120": before["1120"] - ALL - 15_00,
    }  # fmt: skip
    await assert_sound()


async def test_what_people_decide_about_a_dispute_is_in_its_story() -> None:
    order = await an_order("A")
    dispute_id = (await (await disputed(order, 10_00)).row()).id
    for liable in (Liable.PLATFORM, Liable.PLATFORM):  # saying it twice says it once
        await answering.make_liable(
            principal=ACCOUNTANT, dispute_id=dispute_id, liable=liable, now=NOW
        )
    await answering.submit(
        principal=SUPPORT, dispute_id=dispute_id, evidence={"customer_name": "Ann"}, now=NOW
    )
    other = (await (await disputed(order, 10_00)).row()).id

    await answering.accept(principal=ACCOUNTANT, dispute_id=other, now=NOW)

    told = (await queries.find(principal=ACCOUNTANT, dispute_id=dispute_id)).story
    assert sorted((one.event, one.actor, one.reason) for one in told if one.reason) == [
        ("dispute.answered", SUPPORT.key, "customer_name"),
        ("dispute.liable_changed", ACCOUNTANT.key, "If it is lost: the platform"),
    ]  # fmt: skip
    accepted = (await queries.find(principal=ACCOUNTANT, dispute_id=other)).story
    assert "dispute.accepted" in [one.event for one in accepted]


async def test_who_bears_it_is_said_while_it_is_open_and_by_those_who_may() -> None:
    order = await an_order("A")
    case = await disputed(order, 10_00)
    dispute_id = (await case.row()).id
    with pytest.raises(Forbidden):
        await answering.make_liable(
            principal=SUPPORT, dispute_id=dispute_id, liable=Liable.PLATFORM, now=NOW
        )
    with pytest.raises(NotFound):
        await answering.make_liable(
            principal=ACCOUNTANT, dispute_id=uuid4(), liable=Liable.PLATFORM, now=NOW
        )
    await case.becomes("won", line(10_00))

    with pytest.raises(IllegalMove):
        await answering.make_liable(
            principal=ACCOUNTANT, dispute_id=dispute_id, liable=Liable.PLATFORM, now=NOW
        )


async def test_what_has_matured_is_held_out_of_what_is_available() -> None:
    order = await an_order("A")
    await maturing.mature_due(now=LATE)

    case = await disputed(order, 59_63)
    await case.becomes("won", line(59_63))

    assert (await held())[0][:3] == ("A", 30_66, "2120")


async def test_what_is_disputed_does_not_mature_until_it_is_decided() -> None:
    order = await an_order("A")
    case = await disputed(order, 59_63)

    assert await maturing.mature_due(now=LATE) == 0
    await case.becomes("won", line(59_63))
    assert await maturing.mature_due(now=LATE) == 1


async def test_lost_before_anything_was_earned_it_comes_out_of_the_prepayment() -> None:
    order = await an_order()
    case = await disputed(order, ALL)
    assert await held() == []

    await case.becomes("lost")

    assert await posted(f"dispute_lost:{await case.key()}") == {"2010": ALL, "1210": -ALL}
    await assert_sound()


async def test_earned_while_it_is_open_it_is_held_then() -> None:
    order = await an_order()
    await disputed(order, ALL)
    await ship(order, "A")
    await hear(order.shipped("A"))

    assert await deciding.catch_up(now=NOW) == 1
    assert await deciding.catch_up(now=NOW) == 0

    assert await held() == [("A", 52_75, "2110", "held")]


async def test_earned_after_it_was_lost_the_vendor_bears_it_then() -> None:
    order = await an_order()
    case = await disputed(order, ALL)
    await case.becomes("lost")
    await ship(order, "A")
    await hear(order.shipped("A"))

    assert await deciding.catch_up(now=NOW) == 1
    assert await deciding.catch_up(now=NOW) == 0

    assert await posted() == {"6210": 3_28, "6220": 15_00, "1120": -18_28}


async def test_after_a_refund_only_what_is_left_is_a_vendors_to_bear() -> None:
    order = await an_order("A", "B")
    await hear(await refund(order, {"B": 2}, shipping_of="B"))

    case = await disputed(order, ALL)
    await case.becomes("lost")

    booked = await posted(f"dispute_lost:{await case.key()}")
    assert booked == {
        "2150 A": 52_75, "4110": 8_25, "2210": 4_42, "6110": -5_79, "6310": 42_97, "1210": -ALL,
    }  # fmt: skip
    assert await counters() == (59_63, 59_63)
    await assert_sound()
