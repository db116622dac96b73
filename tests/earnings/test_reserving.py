"""The reserve: held when earned, used by refunds, released when its time is over."""

from datetime import timedelta
from uuid import UUID

import pytest

from settlement import chart, ledger
from settlement.earnings import maturing, reserving
from settlement.earnings.models import ReserveHold
from tests.earnings.selling import sold, vendor_accounts
from tests.payouts.terms import agree
from tests.settlement.books import hear, posted
from tests.settlement.rows import NOW
from tests.settlement.worked import place, refund, refund_parts, ship
from tests.settlement.worked_parts import Heard, Worked

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]

A_NET, A_RESERVE = 52_75, 5_28
RELEASE = NOW + timedelta(days=90)
MATURE = NOW + timedelta(days=30)


def most_of(vendor_minor: int) -> dict[str, int]:
    """Components of a refund that takes so much from the vendor and nothing else."""
    return {"gross": vendor_minor, "tax": 0, "funding": 0, "vendor": vendor_minor,
            "commission": 0, "commission_vat": 0}  # fmt: skip


async def give_back(order: Worked, vendor_minor: int) -> Heard:
    return await refund_parts(order, [("A", 1, most_of(vendor_minor))])


async def test_a_share_of_the_net_stays_back() -> None:
    order = await sold()
    part = order.parts["A"]

    assert await posted(f"reserve_held:{part.id}") == {"2110 A": A_RESERVE, "2130 A": -A_RESERVE}
    hold = await ReserveHold.get(sub_order_id=part.id)
    assert (hold.amount_minor, hold.used_minor, hold.released_minor) == (A_RESERVE, 0, 0)
    assert hold.release_at == RELEASE


@pytest.mark.parametrize(
    ("net", "bps", "kept"), [(52_75, 1000, 5_28), (52_75, 0, 0), (-1, 1000, 0), (1, 5000, 1)]
)
async def test_the_share_is_rounded_half_up_and_never_below_zero(
    net: int, bps: int, kept: int
) -> None:
    assert reserving.share_of(net, bps) == kept


async def test_a_refund_that_what_waits_can_pay_leaves_the_reserve_alone() -> None:
    order = await sold()

    await hear(await give_back(order, A_NET - A_RESERVE))

    assert await vendor_accounts(order.parts["A"].vendor_id) == {"2130": A_RESERVE}


async def test_a_refund_takes_what_it_lacks_from_the_reserve() -> None:
    order = await sold()
    back = await give_back(order, A_NET - 100)

    await hear(back)

    key = f"reserve_used:refund:{back.payload['refund_id']}:{order.parts['A'].id}"
    assert await posted(key) == {"2130 A": A_RESERVE - 100, "2110 A": -(A_RESERVE - 100)}
    assert await vendor_accounts(order.parts["A"].vendor_id) == {"2130": 100}
    hold = await ReserveHold.get(sub_order_id=order.parts["A"].id)
    assert hold.used_minor == A_RESERVE - 100


async def test_a_refund_heard_again_uses_nothing_again() -> None:
    order = await sold()
    back = await give_back(order, A_NET - 100)

    await hear(back, back)

    assert await vendor_accounts(order.parts["A"].vendor_id) == {"2130": 100}


async def test_what_the_reserve_cannot_pay_the_vendor_owes() -> None:
    order = await sold()

    await hear(await give_back(order, A_NET + 100))

    assert await vendor_accounts(order.parts["A"].vendor_id) == {"2110": -100}
    assert await reserving.release_due(now=RELEASE) == 0


async def test_a_refund_heard_before_the_shipping_ends_the_same() -> None:
    order = await place()
    await ship(order, "A")
    back = await give_back(order, A_NET - 100)

    await agree(order.parts["A"].vendor_id, at=NOW - timedelta(days=1), reserve_bps=10_00)

    await hear(order.captured(), back, order.shipped("A"))

    assert await vendor_accounts(order.parts["A"].vendor_id) == {"2130": 100}
    hold = await ReserveHold.get(sub_order_id=order.parts["A"].id)
    assert hold.used_minor == A_RESERVE - 100


async def test_what_is_left_is_released_to_what_is_available() -> None:
    order = await sold()
    await hear(await give_back(order, A_NET - 100))
    await maturing.mature_due(now=MATURE)

    assert await reserving.release_due(now=RELEASE - timedelta(seconds=1)) == 0
    assert await reserving.release_due(now=RELEASE) == 1

    assert await vendor_accounts(order.parts["A"].vendor_id) == {"2120": 100}
    assert await reserving.release_due(now=RELEASE) == 0


async def test_it_waits_with_an_earning_that_waits() -> None:
    order = await sold()

    assert await reserving.release_due(now=RELEASE) == 1

    assert await vendor_accounts(order.parts["A"].vendor_id) == {"2110": A_NET}
    await maturing.mature_due(now=RELEASE)
    assert await vendor_accounts(order.parts["A"].vendor_id) == {"2120": A_NET}


async def test_a_refund_of_what_is_available_is_owed_from_there() -> None:
    order = await sold()
    await maturing.mature_due(now=MATURE)

    await hear(await refund(order, {"A": 3}, shipping_of="A"))

    assert await vendor_accounts(order.parts["A"].vendor_id) == {
        "2120": -A_RESERVE, "2130": A_RESERVE,
    }  # fmt: skip


async def test_the_reserve_recovers_what_a_vendor_owes() -> None:
    """The worked postings 15 to 17, from the oldest reserve on."""
    order = await sold()
    vendor_id: UUID = order.parts["A"].vendor_id
    await maturing.mature_due(now=MATURE)
    await hear(await refund(order, {"A": 3}, shipping_of="A"))

    [reserve] = await reserving.lock_of_vendor(vendor_id, "USD")
    postings = await reserving.use(
        [(reserve, reserve.left_minor)],
        into=chart.vendor_available(vendor_id),
        key="recovery:1",
        now=NOW,
    )
    await ledger.post_all(postings, now=NOW)

    assert await vendor_accounts(vendor_id) == {}
    assert await reserving.lock_of_vendor(vendor_id, "USD") == []
