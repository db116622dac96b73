"""What a vendor is late with goes to another one, where the policy says so and one can."""

from datetime import timedelta

import pytest

from marketplace.catalog.models import Offer
from marketplace.kit.errors import IllegalMove
from marketplace.orders import accepting, deadlines, handing_on
from marketplace.orders.history_models import Reroute
from marketplace.orders.models import SubOrder
from marketplace.orders.states import SubOrderState
from marketplace.outbox.draining import drain
from marketplace.outbox.models import OutboxEvent
from marketplace.outbox.routes import Received, Route
from marketplace.payments.models import Refund
from marketplace.sla.models import ClockKind
from marketplace.sla.policy_models import ActionKind, Moment
from marketplace_runtime.routes import REROUTES, ledger_routes
from tests.factories import NOON, make_offer, make_paid_order, member, parts_of
from tests.orders.parcelling import pack
from tests.orders.rerouting import two_sellers
from tests.orders.test_substituting import propose
from tests.settlement.test_journeys import assert_sound, hear_all
from tests.sla.clocked import a_policy

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]
ACCEPT, SHIP = ClockKind.ACCEPT_BY, ClockKind.SHIP_BY
S = SubOrderState
ROUTES = {**ledger_routes(), "sla.reroute_due": [Route(REROUTES, handing_on.on_reroute_due)]}
LATE = NOON + timedelta(days=5)


async def hear() -> None:
    await drain(routes=ROUTES, now=LATE, consumers=[REROUTES])


async def miss(kind: ClockKind, part: SubOrder) -> list[SubOrder]:
    """Its deadline passes, and who has to is asked to send it instead; the order's parts now."""
    await deadlines.work_off(now=LATE)
    assert await OutboxEvent.filter(name="sla.reroute_due").count() == 1, kind
    await hear()
    return await parts_of(part.order_id)


async def ordered(offer: Offer, *, units: int = 3, accepted: bool = False) -> SubOrder:
    await a_policy(
        (SHIP if accepted else ACCEPT, Moment.BREACHED, ActionKind.REROUTE),
    )
    [part] = await parts_of(await make_paid_order({offer.id: units}))
    if accepted:
        await accepting.accept(principal=member(part.vendor_id), sub_order_id=part.id, now=NOON)
    return part


async def test_an_unanswered_part_is_asked_of_the_next_once_and_nothing_is_paid_back() -> None:
    mine, theirs = await two_sellers()
    part = await ordered(mine)

    first, second = await miss(ACCEPT, part)

    assert (first.state, first.total_minor) == (S.CANCELLED, 0)
    assert (second.state, second.vendor_id) == (S.AWAITING_ACCEPTANCE, theirs.vendor_id)
    assert second.total_minor == part.total_minor
    [event] = await OutboxEvent.filter(name="sla.reroute_due")
    again = Received(
        event_id=event.id, name=event.name, stream_id=event.stream_id, seq=event.seq,
        payload=event.payload, happened_at=event.happened_at,
    )  # fmt: skip
    await handing_on.on_reroute_due(again, now=LATE)
    assert len(await parts_of(part.order_id)) == 2
    with pytest.raises(IllegalMove):
        await accepting.accept(principal=member(mine.vendor_id), sub_order_id=part.id, now=LATE)
    assert await Refund.all().count() == 0
    await hear_all()
    await assert_sound()


async def test_what_nobody_else_has_stays_and_may_still_be_answered() -> None:
    mine = await make_offer()
    part = await ordered(mine)

    [same] = await miss(ACCEPT, part)

    assert (same.state, same.lines[0].live) == (S.AWAITING_ACCEPTANCE, 3)
    kept = await accepting.accept(principal=member(mine.vendor_id), sub_order_id=part.id, now=LATE)
    assert kept.state is S.ACCEPTED


async def test_what_others_have_a_part_of_stays_whole() -> None:
    mine = await make_offer()
    await make_offer(like=mine, on_hand=2)

    [same] = await miss(ACCEPT, await ordered(mine))

    assert same.lines[0].live == 3
    assert await Reroute.all().count() == 0


async def test_what_is_packed_stays_and_the_rest_goes() -> None:
    mine, theirs = await two_sellers()
    part = await ordered(mine, accepted=True)
    await pack(part, 1)

    first, second = await miss(SHIP, part)

    assert (first.state, first.lines[0].live) == (S.PREPARING, 1)
    assert (second.vendor_id, second.lines[0].quantity) == (theirs.vendor_id, 2)
    [moved] = await Reroute.all()
    assert moved.reason == handing_on.REASON
    assert first.total_minor + second.total_minor == part.total_minor
    await hear_all()
    await assert_sound()


async def test_what_is_packed_whole_stays() -> None:
    mine, _ = await two_sellers()
    packed = await ordered(mine, accepted=True)
    await pack(packed)
    assert len(await miss(SHIP, packed)) == 1


async def test_what_the_customer_is_asked_about_meanwhile_stays() -> None:
    mine, _ = await two_sellers()
    part = await ordered(mine, units=2, accepted=True)
    other = await make_offer(vendor=await mine.vendor, sku="cup", price=10_00)
    await deadlines.work_off(now=LATE)
    await propose(part, other)

    await hear()

    assert len(await parts_of(part.order_id)) == 1
