"""One order paid once: the answer, the webhook, or both, in any order."""

import pytest

from marketplace.checkout.payment_errors import AlreadyPaid
from marketplace.payments.models import AttemptState
from tests.factories import make_offer, make_order, stock_of
from tests.payments.world import OVER_HTTP, World

pytestmark = OVER_HTTP
TOTAL = 2 * 14_28 + 4_76  # two mugs and the parcel, with 19 % tax
ONCE = ["order.placed", "payment.captured", "payment.fee_known", "sub_order.released"]


async def test_a_good_card_pays_and_releases_at_once(world: World) -> None:
    mug = await make_offer(price=12_00, on_hand=5)
    order_id = await make_order({mug.id: 2})

    result = await world.pay(order_id)

    assert result.state is AttemptState.CAPTURED
    assert await world.events(order_id) == ONCE
    assert await world.states(order_id) == {"awaiting_acceptance"}
    capture = (await world.rows("SELECT * FROM capture"))[0]
    assert (capture["amount_minor"], capture["currency"]) == (TOTAL, "EUR")
    assert capture["fee_minor"] == 30 + round(TOTAL * 0.029)
    assert await world.money_in() == TOTAL
    assert await stock_of(mug.id) == (5, 2)


async def test_a_paid_order_is_not_paid_again_by_another_key(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    await world.pay(order_id, key="first")

    with pytest.raises(AlreadyPaid):
        await world.pay(order_id, key="second")

    assert len(await world.intents()) == 1
