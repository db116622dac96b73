"""Promised stock that is not there: sent from elsewhere, else paid back; told once, done once."""

import asyncio
from uuid import UUID

import pytest

from marketplace.inventory import adjusting
from marketplace.inventory.models import Stock
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace.orders import accepting, calling_off, labelling, running_short
from marketplace.orders.models import OrderLine, SubOrder
from marketplace.orders.states import SubOrderState
from marketplace.outbox.draining import drain
from marketplace.outbox.models import OutboxEvent
from marketplace.outbox.routes import Received, Route
from marketplace.payments.models import Refund
from marketplace.routing.models import LocationProfile
from marketplace_runtime.routes import ledger_routes
from settlement.invariants.checking import check_all
from tests.conftest import Database
from tests.factories import (
    NOON,
    make_offer,
    make_order,
    make_paid_order,
    member,
    parts_of,
    stock_of,
)
from tests.inventory.shelves import add_shelf, violations
from tests.settlement.test_journeys import hear_all

pytestmark = pytest.mark.anyio
S = SubOrderState
ROUTES = {**ledger_routes(), "stock.short": [Route("shortages", running_short.on_stock_short)]}


async def count(offer_id: UUID, *, to: int) -> None:
    """Somebody counts the first shelf of an offer."""
    async with transaction(SYSTEM, read_only=True):
        shelf = await Stock.filter(offer_id=offer_id).order_by("location__priority").first()
    assert shelf is not None
    await adjusting.count(
        principal=member(shelf.vendor_id), stock_id=shelf.id, change_from=shelf.on_hand, to=to,
        now=NOON,
    )  # fmt: skip


async def hear() -> None:
    await drain(routes=ROUTES, now=NOON, consumers=["shortages"])


async def news() -> Received:
    async with transaction(SYSTEM, read_only=True):
        event = await OutboxEvent.get(name="stock.short")
    return Received(
        event_id=event.id, name=event.name, stream_id=None, seq=None, payload=event.payload,
        happened_at=NOON,
    )  # fmt: skip


async def accept(part: SubOrder) -> None:
    await accepting.accept(principal=member(part.vendor_id), sub_order_id=part.id, now=NOON)


@pytest.mark.usefixtures("db")
async def test_missing_units_are_sent_by_the_next_vendor_and_nobody_is_refunded() -> None:
    mine = await make_offer(on_hand=3)
    theirs = await make_offer(like=mine)
    order_id = await make_paid_order({mine.id: 3})
    [part] = await parts_of(order_id)
    await accept(part)

    await count(mine.id, to=1)
    await hear()

    kept, second = await parts_of(order_id)
    assert (kept.state, kept.lines[0].live) == (S.ACCEPTED, 1)
    assert (second.vendor_id, second.lines[0].quantity) == (theirs.vendor_id, 2)
    assert (await stock_of(mine.id), await stock_of(theirs.id)) == ((1, 1), (5, 2))
    assert await Refund.all().count() == 0
    await hear_all()
    assert await violations() == []


@pytest.mark.usefixtures("db")
async def test_a_vendor_that_misses_all_of_it_is_out_and_another_has_the_order() -> None:
    mine = await make_offer(on_hand=2)
    await make_offer(like=mine)
    order_id = await make_paid_order({mine.id: 2})

    await count(mine.id, to=0)
    await hear()

    gone, second = await parts_of(order_id)
    assert (gone.state, second.state) == (S.CANCELLED, S.AWAITING_ACCEPTANCE)
    assert gone.total_minor == 0
    await hear_all()
    assert await violations() == []


@pytest.mark.usefixtures("db")
async def test_what_nobody_else_has_is_cancelled_and_refunded_once_with_its_shipping() -> None:
    mine = await make_offer(on_hand=2)
    order_id = await make_paid_order({mine.id: 2})
    [part] = await parts_of(order_id)

    await count(mine.id, to=0)
    await hear()
    async with transaction(SYSTEM):
        await running_short.on_stock_short(await news(), now=NOON)

    [part] = await parts_of(order_id)
    assert (part.state, part.lines[0].cancelled) == (S.CANCELLED, 2)
    [refund] = await Refund.all()
    assert (refund.amount_minor, refund.reason) == (part.total_minor, running_short.REASON)
    await hear_all()
    assert await violations() == []


@pytest.mark.usefixtures("db")
async def test_another_place_of_the_same_vendor_comes_first_and_the_customer_hears_nothing() -> (
    None
):
    mine = await make_offer(on_hand=3)
    await make_offer(like=mine, price=1_00)
    order_id = await make_paid_order({mine.id: 3})
    other = await add_shelf(mine.id, on_hand=9)

    await count(mine.id, to=1)
    await hear()

    [part] = await parts_of(order_id)
    [line] = part.lines
    assert (part.state, line.live, line.location_id) == (
        S.AWAITING_ACCEPTANCE, 3, other.location_id,
    )  # fmt: skip
    await other.refresh_from_db()
    assert (await stock_reserved(mine.id, other), other.reserved) == (0, 3)
    assert await OutboxEvent.filter(name="sub_order.relocated").count() == 1
    await hear_all()
    assert await violations() == []


@pytest.mark.usefixtures("db")
async def test_places_of_the_same_vendor_that_cannot_send_it_are_passed_over() -> None:
    mine = await make_offer(on_hand=3)
    await make_paid_order({mine.id: 3})
    abroad = await add_shelf(mine.id, on_hand=9)
    await LocationProfile.create(
        location_id=abroad.location_id, vendor_id=mine.vendor_id, ships_to=["FR"]
    )
    on_order = await add_shelf(mine.id, on_hand=0, priority=3)
    await Stock.filter(id=on_order.id).update(backorder_limit=9)

    await count(mine.id, to=1)
    await hear()

    assert not await Stock.filter(id__in=[abroad.id, on_order.id]).exclude(reserved=0).exists()
    assert (await Refund.get()).reason == running_short.REASON


async def stock_reserved(offer_id: UUID, but: Stock) -> int:
    return (await Stock.filter(offer_id=offer_id).exclude(id=but.id).get()).reserved


@pytest.mark.usefixtures("db")
async def test_what_is_packed_is_sent_from_elsewhere_once_it_is_taken_apart() -> None:
    mine = await make_offer(on_hand=2)
    theirs = await make_offer(like=mine)
    [part] = await parts_of(await make_paid_order({mine.id: 2}))
    await accept(part)
    me = member(part.vendor_id)
    parcel = await labelling.pack(
        principal=me, sub_order_id=part.id, carrier="simulated", key="k", now=NOON
    )
    await count(mine.id, to=0)
    await hear()
    [packed] = await parts_of(part.order_id)

    await labelling.unpack(principal=me, shipment_id=parcel, now=NOON)
    await hear()

    gone, second = await parts_of(part.order_id)
    assert packed.lines[0].live == 2
    assert (gone.state, second.vendor_id) == (S.CANCELLED, theirs.vendor_id)


@pytest.mark.usefixtures("db")
async def test_an_unpaid_order_is_left_to_its_payment() -> None:
    mine = await make_offer(on_hand=2)
    order_id = await make_order({mine.id: 2})

    await count(mine.id, to=0)
    await hear()

    [part] = await parts_of(order_id)
    assert (part.state, part.lines[0].live) == (S.PENDING, 2)
    assert await Refund.all().count() == 0


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(("elsewhere_first", "parts", "refunds"), [(True, 2, 0), (False, 1, 1)])
async def test_a_vendor_that_cannot_send_what_it_accepted_has_others_asked_first(
    elsewhere_first: bool, parts: int, refunds: int
) -> None:
    mine = await make_offer()
    await make_offer(like=mine)
    order_id = await make_paid_order({mine.id: 2})
    [part] = await parts_of(order_id)
    await accept(part)

    await calling_off.cancel(
        principal=member(part.vendor_id), order_id=order_id, units={part.lines[0].id: 2},
        reason="Damaged", key="k", now=NOON, elsewhere_first=elsewhere_first,
    )  # fmt: skip

    assert (await parts_of(order_id))[0].state is S.CANCELLED
    assert len(await parts_of(order_id)) == parts
    assert await Refund.all().count() == refunds
    await hear_all()
    assert await violations() == []


async def test_the_same_news_heard_beside_itself_moves_the_units_once(
    committed_db: Database,
) -> None:
    mine = await make_offer(on_hand=2)
    theirs = await make_offer(like=mine)
    order_id = await make_paid_order({mine.id: 2})
    await count(mine.id, to=0)
    event = await news()

    async def hear_it() -> None:
        async with transaction(SYSTEM):
            await running_short.on_stock_short(event, now=NOON)

    await asyncio.gather(*(hear_it() for _ in range(4)))

    assert len(await parts_of(order_id)) == 2
    assert await stock_of(theirs.id) == (5, 2)
    async with transaction(SYSTEM, read_only=True, isolation="REPEATABLE READ"):
        assert (await check_all(connection())).violations == ()
        assert sum(line.live for line in await OrderLine.all()) == 2
