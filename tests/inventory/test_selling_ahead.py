"""What is sold before it is on the shelf."""

from datetime import date

import pytest

from marketplace.inventory import adjusting, selling_ahead
from marketplace.inventory.errors import InThePast, StockIsPromised
from marketplace.inventory.models import AheadKind, SellingAhead, Stock
from marketplace.kit.errors import InvalidInput
from marketplace.kit.principal import Principal
from tests.factories import NOON, make_order
from tests.inventory.shelves import a_shelf, add_shelf

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def adjust(by: Principal, shelf: Stock, change_from: int, to: int) -> Stock:
    return await adjusting.adjust(
        principal=by, stock_id=shelf.id, change_from=change_from, to=to, reason="Broken", now=NOON
    )


async def test_selling_ahead_is_allowed_at_one_shelf_and_forbidden_while_nothing_is_owed() -> None:
    shelf, vendor = await a_shelf(on_hand=1)
    other = await add_shelf(shelf.offer_id, on_hand=0)

    await selling_ahead.allow(
        principal=vendor, offer_id=shelf.offer_id, kind=AheadKind.BACKORDER, limit=4, lead_days=0,
        now=NOON,
    )  # fmt: skip
    await make_order({shelf.offer_id: 3})

    assert (await Stock.get(id=shelf.id)).reserved == 3
    assert (await Stock.get(id=other.id)).backorder_limit == 0
    with pytest.raises(StockIsPromised):
        await selling_ahead.forbid(principal=vendor, offer_id=shelf.offer_id)
    assert await SellingAhead.filter(offer_id=shelf.offer_id).count() == 1
    await adjust(vendor, shelf, 1, 3)
    await selling_ahead.forbid(principal=vendor, offer_id=shelf.offer_id)
    assert not await SellingAhead.filter(offer_id=shelf.offer_id).exists()


@pytest.mark.parametrize(
    ("kind", "lead_days", "release_on", "refusal"),
    [
        (AheadKind.BACKORDER, None, None, InvalidInput),
        (AheadKind.BACKORDER, 366, None, InvalidInput),
        (AheadKind.PRE_ORDER, None, None, InvalidInput),
        (AheadKind.PRE_ORDER, None, date(2026, 3, 1), InThePast),
    ],
)
async def test_selling_ahead_says_when_it_leaves(
    kind: AheadKind, lead_days: int | None, release_on: date | None, refusal: type[Exception]
) -> None:
    shelf, vendor = await a_shelf()

    with pytest.raises(refusal):
        await selling_ahead.allow(
            principal=vendor, offer_id=shelf.offer_id, kind=kind, limit=1, now=NOON,
            lead_days=lead_days, release_on=release_on,
        )  # fmt: skip
