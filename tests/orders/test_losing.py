"""Parcels that are lost or come back: sent again or paid back, once."""

import pytest

from marketplace.inventory.models import Reservation
from marketplace.kit.errors import IllegalMove
from marketplace.kit.principal import SYSTEM, Kind, Principal
from marketplace.orders import deadlines, delivering, losing, refunding
from marketplace.orders.tracks import Resolution
from marketplace.outbox.models import OutboxEvent
from marketplace.payments.models import Refund, RefundLine
from marketplace.sla.models import ClockKind, ClockState, SlaClock
from marketplace.sla.policy_models import ActionKind, Moment
from tests.factories import NOON, member, stock_of
from tests.orders.living import STAFF, key, line_of, ship
from tests.orders.parcelling import HOUR, P, S, T, accepted, parcel_of, sent, sound, tell
from tests.sla.clocked import a_policy

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def test_a_lost_parcel_is_sent_again_from_new_stock_and_earns_once() -> None:
    part = await accepted(quantity=3)
    line = await line_of(part)
    parcel = await sent(part)
    await tell(parcel, T.LOST)
    await sound()

    done = await losing.resolve(
        principal=member(part.vendor_id), shipment_id=parcel.id, wish=Resolution.REPLACED, now=NOON
    )
    await part.refresh_from_db()
    assert (done, part.state, part.shipped_at) == (Resolution.REPLACED, S.PREPARING, NOON)
    assert await stock_of(line.offer_id) == (17, 3)
    await sound()

    await ship(part, now=NOON + HOUR)
    await part.refresh_from_db()
    assert (part.state, part.shipped_at) == (S.SHIPPED, NOON)
    assert await stock_of(line.offer_id) == (14, 0)
    assert (await Reservation.get(line_id=line.id)).consumed == 6
    assert not await Refund.exists()
    await sound()


async def test_a_lost_parcel_without_stock_is_paid_back_with_its_shipping() -> None:
    part = await accepted(quantity=3, on_hand=5)
    parcel = await sent(part)
    await losing.report(
        principal=STAFF, shipment_id=parcel.id, came_back=False, reason="gone", now=NOON
    )

    done = await losing.resolve(
        principal=STAFF, shipment_id=parcel.id, wish=Resolution.REPLACED, now=NOON
    )

    await part.refresh_from_db()
    assert (done, part.state) == (Resolution.REFUNDED, S.CANCELLED)
    refund = await Refund.get(order_id=part.order_id)
    assert (refund.amount_minor, refund.reason) == (part.total_minor, "The parcel was lost")
    assert {line.is_earned for line in await RefundLine.all()} == {True}
    await sound()


async def test_of_two_parcels_one_that_came_back_is_paid_back_and_the_other_delivers_it() -> None:
    part = await accepted(quantity=3)
    line = await line_of(part)
    back, kept = await sent(part, 1), await sent(part, 2)
    await tell(kept, T.DELIVERED)
    await tell(back, T.RETURNED_TO_SENDER)

    await losing.resolve(
        principal=member(part.vendor_id), shipment_id=back.id, wish=Resolution.REFUNDED,
        is_sellable=True, now=NOON,
    )  # fmt: skip

    await part.refresh_from_db()
    assert part.state is S.DELIVERED
    assert await stock_of(line.offer_id) == (18, 0)
    assert (await Refund.get(order_id=part.order_id)).amount_minor == 11_90
    await sound()


async def test_what_came_back_can_be_what_is_sent_again() -> None:
    part = await accepted(quantity=3, on_hand=3)
    parcel = await sent(part)
    await tell(parcel, T.RETURNED_TO_SENDER)

    done = await losing.resolve(
        principal=STAFF, shipment_id=parcel.id, wish=Resolution.REPLACED, is_sellable=True, now=NOON
    )

    assert done is Resolution.REPLACED
    await sound()


async def test_it_is_decided_once_and_only_of_what_did_not_arrive() -> None:
    part = await accepted()
    parcel = await sent(part)

    async def decide() -> Resolution:
        return await losing.resolve(
            principal=STAFF, shipment_id=parcel.id, wish=Resolution.REFUNDED, now=NOON
        )

    with pytest.raises(IllegalMove):
        await decide()
    await tell(parcel, T.LOST)
    await decide()
    with pytest.raises(IllegalMove):
        await decide()
    with pytest.raises(IllegalMove):
        await delivering.deliver(principal=SYSTEM, shipment_id=parcel.id, now=NOON)
    await tell(parcel, T.DELIVERED, hours=50)

    assert (await parcel_of(parcel.id)).state is P.LOST
    assert await Refund.all().count() == 1


async def test_a_lost_parcel_that_turns_up_in_time_is_delivered() -> None:
    part = await accepted()
    parcel = await sent(part)
    await tell(parcel, T.LOST)

    await delivering.deliver(
        principal=Principal(Kind.TOKEN, id=part.order_id), shipment_id=parcel.id, now=NOON
    )

    await part.refresh_from_db()
    assert part.state is S.DELIVERED
    await sound()


async def test_what_customers_have_money_back_for_is_not_sent_again() -> None:
    part = await accepted()
    line = await line_of(part)
    parcel = await sent(part)
    await refunding.request(
        principal=SYSTEM, order_id=part.order_id, units={line.id: 1}, shipping_of=[],
        reason="sorry", key=key(), now=NOON,
    )  # fmt: skip
    await tell(parcel, T.LOST)

    done = await losing.resolve(
        principal=STAFF, shipment_id=parcel.id, wish=Resolution.REPLACED, now=NOON
    )

    refunds = await Refund.all()
    assert done is Resolution.REFUNDED
    assert sum(refund.amount_minor for refund in refunds) == part.total_minor
    await sound()


async def test_a_vendor_is_to_say_in_time_how_it_goes_on_with_a_lost_parcel() -> None:
    await a_policy(
        (ClockKind.ANSWER_BY, Moment.BREACHED, ActionKind.ESCALATE),
        hours={ClockKind.ANSWER_BY: 48},
    )
    silent, prompt, found = [await sent(await accepted()) for _ in range(3)]
    await tell(silent, T.LOST)
    for parcel in (prompt, found):
        await losing.report(
            principal=STAFF, shipment_id=parcel.id, came_back=False, reason="gone", now=NOON
        )
    await losing.resolve(
        principal=STAFF, shipment_id=prompt.id, wish=Resolution.REFUNDED, now=NOON + HOUR
    )
    await delivering.deliver(principal=SYSTEM, shipment_id=found.id, now=NOON + HOUR)

    await deadlines.work_off(now=NOON + 49 * HOUR)

    states = [
        (await SlaClock.get(subject_id=parcel.id, kind=ClockKind.ANSWER_BY)).state
        for parcel in (silent, prompt, found)
    ]
    assert states == [ClockState.BREACHED, ClockState.MET, ClockState.VOID]
    assert await OutboxEvent.filter(name="sla.escalated").count() == 1
    await sound()
