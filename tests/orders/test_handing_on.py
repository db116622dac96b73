"""What a vendor is late with goes to another one, where the policy says so and one can."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

import anyio
import pytest

from marketplace.accounts.models import Vendor
from marketplace.catalog.models import Offer
from marketplace.kit.errors import IllegalMove
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.orders import accepting, calling_off, deadlines, handing_on
from marketplace.orders.history_models import Reroute
from marketplace.orders.models import SubOrder
from marketplace.orders.states import SubOrderState
from marketplace.outbox.draining import drain
from marketplace.outbox.models import OutboxEvent
from marketplace.outbox.routes import Received, Route
from marketplace.payments.models import Refund
from marketplace.scorecards.metrics import Metric
from marketplace.sla.models import ClockKind
from marketplace.sla.policy_models import ActionKind, Moment
from marketplace_runtime.routes import REROUTES, ledger_routes
from tests.factories import NOON, make_offer, make_paid_order, make_vendor, member, parts_of
from tests.holds.waiting import hold
from tests.orders.calling_off import customer
from tests.orders.living import key
from tests.orders.parcelling import pack
from tests.orders.rerouting import two_sellers
from tests.orders.test_substituting import propose
from tests.scorecards.test_measures import figure
from tests.settlement.test_journeys import assert_sound, hear_all, settle_refunds, ship
from tests.sla.clocked import a_policy, clock_of

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]
ACCEPT, SHIP = ClockKind.ACCEPT_BY, ClockKind.SHIP_BY
S = SubOrderState
ROUTES = {**ledger_routes(), "sla.reroute_due": [Route(REROUTES, handing_on.on_reroute_due)]}
Meanwhile = Callable[[], Awaitable[object]]
LATE = NOON + timedelta(days=5)


async def accept(part: SubOrder, *, late: bool = False) -> SubOrder:
    return await accepting.accept(
        principal=member(part.vendor_id), sub_order_id=part.id, now=LATE if late else NOON
    )


async def ordered(*offers: Offer, units: int = 3, accepted: bool = False) -> SubOrder:
    """Of one vendor; what it has to do next is given to another one when it is late."""
    await a_policy((SHIP if accepted else ACCEPT, Moment.BREACHED, ActionKind.REROUTE))
    [part] = await parts_of(await make_paid_order({offer.id: units for offer in offers}))
    if accepted:
        await accept(part)
    [part] = await parts_of(part.order_id)
    return part


class _Undone(Exception):
    pass


async def hear() -> None:
    await drain(routes=ROUTES, now=LATE, consumers=[REROUTES])


async def told() -> int:
    return await OutboxEvent.filter(name="sub_order.handed_on").count()


async def rates(part: SubOrder, *metrics: Metric) -> list[tuple[int, int]]:
    """Cases against its vendor, and all of them."""
    vendor = await Vendor.get(id=part.vendor_id)
    return [await figure(vendor, metric, LATE) for metric in metrics]


async def miss(part: SubOrder) -> list[SubOrder]:
    """Its deadline passes and others are asked; the order's parts now."""
    await deadlines.work_off(now=LATE)
    assert await OutboxEvent.filter(name="sla.reroute_due").count() == 1
    await hear()
    return await parts_of(part.order_id)


async def test_an_unanswered_part_is_asked_of_the_next_once_and_nothing_is_paid_back() -> None:
    mine, theirs = await two_sellers()
    part = await ordered(mine)

    first, second = await miss(part)

    assert (first.state, first.total_minor) == (S.CANCELLED, 0)
    assert (second.state, second.vendor_id) == (S.AWAITING_ACCEPTANCE, theirs.vendor_id)
    assert second.total_minor == part.total_minor
    assert (await clock_of(part, ACCEPT)).void_at == LATE
    assert await rates(part, Metric.ACCEPTANCE, Metric.CANCELLATION) == [(0, 1), (0, 1)]
    [event] = await OutboxEvent.filter(name="sla.reroute_due")
    again = Received(
        event_id=event.id, name=event.name, stream_id=event.stream_id, seq=event.seq,
        payload=event.payload, happened_at=event.happened_at,
    )  # fmt: skip
    await handing_on.on_reroute_due(again, now=LATE)
    assert (len(await parts_of(part.order_id)), await told()) == (2, 1)
    with pytest.raises(IllegalMove):
        await accept(part, late=True)
    assert await Refund.all().count() == 0
    await hear_all()
    await assert_sound()


async def test_what_nobody_else_has_stays_and_may_still_be_answered() -> None:
    part = await ordered(await make_offer())

    [same] = await miss(part)

    assert (same.state, same.lines[0].live) == (S.AWAITING_ACCEPTANCE, 3)
    assert (await accept(part, late=True)).state is S.ACCEPTED


async def test_what_others_have_a_part_of_stays_whole() -> None:
    mine = await make_offer()
    await make_offer(like=mine, on_hand=2)

    [same] = await miss(await ordered(mine))

    assert (same.lines[0].live, await told()) == (3, 0)


async def test_what_is_answered_before_others_are_asked_is_its_vendors() -> None:
    mine, _ = await two_sellers()
    part = await ordered(mine)
    await deadlines.work_off(now=LATE)
    await accept(part, late=True)

    await hear()

    [same] = await parts_of(part.order_id)
    assert same.state is S.ACCEPTED


async def test_what_is_packed_stays_and_the_rest_goes() -> None:
    mine, theirs = await two_sellers()
    part = await ordered(mine, accepted=True)
    await pack(part, 1)

    first, second = await miss(part)

    assert (first.state, first.lines[0].live) == (S.PREPARING, 1)
    assert (second.vendor_id, second.lines[0].quantity) == (theirs.vendor_id, 2)
    [moved] = await Reroute.all()
    assert moved.reason == handing_on.UNSENT
    assert await rates(part, Metric.LATE_SHIPMENT, Metric.CANCELLATION) == [(1, 1), (1, 1)]
    assert first.total_minor + second.total_minor == part.total_minor
    await hear_all()
    await assert_sound()


async def test_what_was_sent_in_part_is_shipped_once_the_rest_is_anothers() -> None:
    mine, theirs = await two_sellers()
    part = await ordered(mine, accepted=True)
    await ship(part.id, part.vendor_id, {part.lines[0].id: 2})

    first, second = await miss(part)

    assert (first.state, first.lines[0].live) == (S.SHIPPED, 2)
    assert (second.vendor_id, second.lines[0].quantity) == (theirs.vendor_id, 1)
    await hear_all()
    await assert_sound()


async def test_each_line_goes_to_who_has_it() -> None:
    mine, theirs = await two_sellers()
    plate = await make_offer(vendor=await mine.vendor, sku="plate")
    third = await make_offer(vendor=await make_vendor(name="Third"), like=plate)

    first, *others = await miss(await ordered(mine, plate))

    assert first.state is S.CANCELLED
    assert {part.vendor_id for part in others} == {theirs.vendor_id, third.vendor_id}
    assert await told() == 1


async def test_a_line_of_which_money_went_back_stays_and_others_go() -> None:
    mine, theirs = await two_sellers()
    plate = await make_offer(vendor=await mine.vendor, sku="plate")
    part = await ordered(mine, plate)
    [mugs] = [line for line in part.lines if line.offer_id == mine.id]
    [plates] = [line for line in part.lines if line.offer_id == plate.id]
    await calling_off.cancel(
        principal=customer(part), order_id=part.order_id, units={plates.id: 1},
        reason="one too many", key=key(), now=NOON,
    )  # fmt: skip
    await settle_refunds()

    first, second = await miss(part)

    assert {line.id: line.live for line in first.lines} == {mugs.id: 0, plates.id: 2}
    assert (second.vendor_id, second.lines[0].quantity) == (theirs.vendor_id, 3)
    await hear_all()
    await assert_sound()


async def test_what_is_packed_held_or_asked_about_meanwhile_stays() -> None:
    mine, _ = await two_sellers()
    part = await ordered(mine, units=2, accepted=True)
    other = await make_offer(vendor=await mine.vendor, sku="cup", price=10_00)
    await deadlines.work_off(now=LATE)
    happened: dict[str, Meanwhile] = {
        "packed": lambda: pack(part),
        "held": lambda: hold(part.order_id),
        "asked about": lambda: propose(part, other),
        "nothing": anyio.lowlevel.checkpoint,
    }

    parts = {}
    for what, happens in happened.items():
        with suppress(_Undone):
            async with transaction(SYSTEM):
                await happens()
                await hear()
                parts[what] = len(await parts_of(part.order_id))
                raise _Undone

    assert parts == {"packed": 1, "held": 1, "asked about": 1, "nothing": 2}
