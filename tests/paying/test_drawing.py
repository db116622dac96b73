"""The marketplace pays its own money to its bank, never a vendor's, and each amount once."""

import asyncio
from uuid import uuid4

import pytest

from marketplace.kit.errors import Forbidden, InvalidInput
from marketplace.kit.money import Money
from marketplace.kit.principal import Principal, StaffRole
from marketplace.payments.gateway import ProviderRefused
from settlement.payouts import drawing
from settlement.payouts.drawing import NotOwn
from tests.paying.world import CURRENCY, Paying
from tests.payments.world import OVER_HTTP
from tests.payouts.money import staff

pytestmark = OVER_HTTP

ACCOUNTANT = staff(StaffRole.ACCOUNTANT)
SENDING = "POST /v1/payouts"


async def own(shop: Paying) -> int:
    """All that is ours, minor units."""
    found = await drawing.drawable(principal=ACCOUNTANT, gateway=shop.world.connect)
    return sum(money.minor for money in found)


async def draw(
    shop: Paying, minor: int, *, key: str | None = None, by: Principal = ACCOUNTANT
) -> None:
    await drawing.draw(
        principal=by, amount=Money(minor, CURRENCY), key=key or str(uuid4()),
        gateway=shop.world.connect, now=shop.world.now,
    )  # fmt: skip


async def at_the_bank(shop: Paying) -> list[int]:
    """Our own payouts that the sandbox has."""
    found = await shop.world.sandbox.client.v1.payouts.list_async({"limit": 100})
    return [one.amount for one in found.data]


async def test_what_is_left_when_everybody_is_counted_is_paid_once(shop: Paying) -> None:
    vendor = await shop.vendor()
    owed = await shop.earn([vendor])
    ours = await own(shop)
    assert 0 < ours == await shop.at_provider() - owed

    with pytest.raises(NotOwn):
        await draw(shop, ours + 1)
    for _ in range(2):
        await draw(shop, ours, key="one form")
    with pytest.raises(NotOwn):  # not in the books yet, and gone all the same
        await draw(shop, 1)

    assert await at_the_bank(shop) == [ours]
    assert await own(shop) == 0
    assert await shop.pay(await shop.batch()) == {"sent": 1}


async def test_two_at_once_do_not_pay_the_same_money(shop: Paying) -> None:
    await shop.earn([await shop.vendor()])
    ours = await own(shop)

    ended = await asyncio.gather(*(draw(shop, ours) for _ in range(2)), return_exceptions=True)

    assert sorted(type(one) is NotOwn for one in ended) == [False, True]
    assert await at_the_bank(shop) == [ours]


@pytest.mark.parametrize(
    ("fault", "strokes"), [("timeout_after_work", 3), ("error_500_before_work", 3)]
)
async def test_a_lost_answer_is_looked_up_and_paid_once(
    shop: Paying, fault: str, strokes: int
) -> None:
    await shop.earn([await shop.vendor()])
    ours = await own(shop)
    await shop.world.sandbox.fault(fault, path=SENDING, count=strokes)

    await draw(shop, ours)
    await shop.world.pass_time(minutes=2)
    carried_on = [
        await drawing.carry_on_due(gateway=shop.world.connect, now=shop.world.now) for _ in range(2)
    ]

    assert carried_on == [1, 0]
    assert await at_the_bank(shop) == [ours]


async def test_a_refusal_is_answered_again_to_the_same_key(shop: Paying) -> None:
    await shop.earn([await shop.vendor()])
    ours, held = await own(shop), await shop.at_provider()
    payouts = shop.world.sandbox.client.v1.payouts
    gone = await payouts.create_async({"amount": held, "currency": "eur"})  # by another hand

    for _ in range(2):
        with pytest.raises(ProviderRefused, match="balance_insufficient"):
            await draw(shop, ours, key="one form")
    await payouts.cancel_async(gone.id)
    with pytest.raises(ProviderRefused):
        await draw(shop, ours, key="one form")
    await draw(shop, ours, key="another")

    assert sorted(await at_the_bank(shop)) == sorted([held, ours])


async def test_a_call_that_breaks_does_not_keep_the_next_from_being_made(shop: Paying) -> None:
    await shop.earn([await shop.vendor()])
    ours = await own(shop)
    await shop.world.sandbox.fault("error_500_before_work", path=SENDING, count=6)
    await draw(shop, 1)
    await draw(shop, ours - 1)
    await shop.world.rows(  # a row that nothing can be made of
        "UPDATE provider_operation SET params = '[1]' WHERE kind = 'platform_payout'"
        " AND params ->> 'amount' = '1'"
    )

    await shop.world.pass_time(minutes=2)
    with pytest.raises(TypeError):
        await drawing.carry_on_due(gateway=shop.world.connect, now=shop.world.now)

    assert await at_the_bank(shop) == [ours - 1]


async def test_others_draw_nothing_and_nothing_is_no_amount(shop: Paying) -> None:
    with pytest.raises(Forbidden):
        await draw(shop, 1, by=staff(StaffRole.FINANCE_VIEWER))
    with pytest.raises(Forbidden):
        await drawing.drawable(principal=staff(StaffRole.SUPPORT), gateway=shop.world.connect)
    with pytest.raises(InvalidInput):
        await draw(shop, 0)
    with pytest.raises(NotOwn):
        await draw(shop, 1)
