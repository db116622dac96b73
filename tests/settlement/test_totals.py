import pytest

from marketplace.kit.transactions import connection
from settlement.totals import Totals, totals
from tests.settlement.books import hear
from tests.settlement.worked import place, refund, ship

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def test_what_came_in_is_what_everybody_has() -> None:
    order = await place()
    await ship(order, "A")
    await ship(order, "B")
    back = await refund(order, {"B": 2}, shipping_of="B")
    await hear(order.captured(), order.fee_known(), order.shipped("A"), order.shipped("B"), back)

    assert await totals(connection()) == [
        Totals(
            currency="USD", captured=10260, refunded=4297, vendor_net=6100 - 825, commission=825,
            commission_vat=0, tax=442, discounts=579, prepaid=0, owed_back=0, provider_fees=328,
            difference=0,
        )
    ]  # fmt: skip
    assert (await totals(connection()))[0].unexplained == 0


async def test_money_of_which_the_ledger_has_not_heard_is_unexplained() -> None:
    order = await place()

    await hear(order.fee_known())

    assert (await totals(connection()))[0].unexplained == 10260
