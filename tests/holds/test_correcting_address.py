from datetime import timedelta
from uuid import UUID

import pytest

from marketplace.carriers import simulated
from marketplace.kit.errors import Forbidden, InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import Kind, Principal
from marketplace.orders import (
    accepting,
    correcting_address,
    editing,
    labelling,
    shipping,
    vendor_details,
)
from marketplace.orders.errors import LinkOver, StaleVersion
from marketplace.orders.hold_models import AddressCorrection, HoldKind, OrderHold
from marketplace.orders.models import Order
from marketplace.orders.states import SubOrderState
from tests.back_office.stories import two_vendors
from tests.factories import (
    ADDRESS,
    NOON,
    make_offer,
    make_order,
    make_paid_order,
    member,
    parts_of,
    pay,
)
from tests.holds.waiting import OPERATIONS, broken, hold, release, told
from tests.orders.living import accept, paid

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]
BETTER = {"line1": "2 Kiln  Lane", "city": "Potsdam", "postal_code": "14467"}
LINK = Principal(Kind.TOKEN, id=UUID(int=3))


async def asked(order_id: UUID) -> UUID:
    """An order whose address is in doubt: the customer's newest link."""
    await hold(order_id, kind=HoldKind.ADDRESS, reason="No such street")
    return await newest(order_id)


async def newest(order_id: UUID) -> UUID:
    link = await AddressCorrection.filter(order_id=order_id).order_by("-asked_at", "-id").first()
    assert link is not None
    return link.id


async def correct(link: UUID, *, address: dict[str, str] = BETTER, hours: int = 1) -> None:
    await correcting_address.correct(
        principal=LINK, correction_id=link, address=address, now=NOON + timedelta(hours=hours)
    )


async def test_the_customer_corrects_it_the_vendor_sees_it_and_the_order_goes_on() -> None:
    mug = await make_offer()
    order_id = await make_order({mug.id: 1})
    link = await asked(order_id)
    [part] = await parts_of(order_id)

    await pay(order_id)
    await correct(link)

    seen = await vendor_details.details(principal=member(part.vendor_id), sub_order_id=part.id)
    assert seen.address == {**BETTER, "line1": "2 Kiln Lane", "country": "DE"}
    assert seen.state is SubOrderState.AWAITING_ACCEPTANCE
    kept = await AddressCorrection.get(id=link)
    assert kept.before == ADDRESS
    assert await told(order_id, "order.address_asked") == 1
    assert await told(order_id, "order.address_corrected") == 1
    assert (await OrderHold.get(order_id=order_id)).note == "The customer corrected it"
    assert await broken() == ()


async def test_who_looked_before_it_was_corrected_does_not_write_over_it() -> None:
    order = await two_vendors()
    link = await asked(order.order_id)
    seen = await Order.get(id=order.order_id)
    await correct(link)

    with pytest.raises(StaleVersion):
        await editing.change_address(
            principal=OPERATIONS, order_id=order.order_id, name=None, now=NOON,
            address={**ADDRESS, "line1": "3 Kiln Lane"}, expected_version=seen.version,
        )  # fmt: skip


async def test_a_parcel_that_was_taken_apart_fixes_no_address() -> None:
    part = await paid()
    await accept(part)
    parcel = await labelling.pack(
        principal=member(part.vendor_id), sub_order_id=part.id, carrier=simulated.NAME, key="k",
        now=NOON,
    )  # fmt: skip
    link = await asked(part.order_id)
    with pytest.raises(LinkOver) as refused:
        await correct(link)
    await labelling.unpack(principal=member(part.vendor_id), shipment_id=parcel, now=NOON)

    await correct(link)

    assert refused.value.message == correcting_address.SENT
    assert (await Order.get(id=part.order_id)).address["city"] == "Potsdam"


async def test_one_correction_lets_all_go_on_that_waits_for_the_address() -> None:
    order = await two_vendors()
    for part in (order.mugs, order.bowl):
        await hold(order.order_id, kind=HoldKind.ADDRESS, sub_order_id=part.id)
    other = await hold(order.order_id, kind=HoldKind.FRAUD)

    await correct(await newest(order.order_id))

    [waiting] = await OrderHold.filter(order_id=order.order_id, released_at=None)
    assert waiting.id == other


async def test_a_link_works_once() -> None:
    order = await two_vendors()
    link = await asked(order.order_id)
    await correct(link)

    with pytest.raises(LinkOver) as refused:
        await correct(link)

    assert refused.value.message == correcting_address.USED


async def test_a_link_expires_after_a_week() -> None:
    order = await two_vendors()
    link = await asked(order.order_id)

    with pytest.raises(LinkOver) as refused:
        await correct(link, hours=24 * 7)

    assert refused.value.message == correcting_address.EXPIRED
    again = await correcting_address.ask_again(
        principal=OPERATIONS,
        hold_id=(await OrderHold.get(order_id=order.order_id)).id,
        now=NOON + timedelta(days=7),
    )
    await correct(again, hours=24 * 8)


async def test_an_address_stays_once_something_was_shipped() -> None:
    order = await two_vendors()
    vendor = member(order.mugs.vendor_id)
    await accepting.accept(principal=vendor, sub_order_id=order.mugs.id, now=NOON)
    await shipping.ship(
        principal=vendor, sub_order_id=order.mugs.id, carrier="DHL", tracking_number="T", key="k",
        now=NOON,
    )  # fmt: skip
    link = await asked(order.order_id)

    with pytest.raises(LinkOver) as refused:
        await correct(link)

    assert refused.value.message == correcting_address.SENT


async def test_a_hold_that_staff_ended_ends_its_link() -> None:
    order = await two_vendors()
    link = await asked(order.order_id)
    found = await OrderHold.get(order_id=order.order_id)
    await release(found.id)

    with pytest.raises(LinkOver) as refused:
        await correct(link)
    with pytest.raises(NotFound):
        await correcting_address.ask_again(principal=OPERATIONS, hold_id=found.id, now=NOON)

    assert refused.value.message == correcting_address.SETTLED


@pytest.mark.parametrize("missing", ["line1", "city", "postal_code"])
async def test_an_address_that_no_parcel_finds_is_refused_and_the_link_stays(missing: str) -> None:
    order = await two_vendors()
    link = await asked(order.order_id)

    with pytest.raises(InvalidInput) as refused:
        await correct(link, address={**BETTER, missing: " "})

    assert refused.value.name == f"address.{missing}"
    await correct(link)


async def test_the_country_stays_whatever_is_sent() -> None:
    mug = await make_offer()
    order_id = await make_paid_order({mug.id: 1})
    link = await asked(order_id)

    await correct(link, address={**BETTER, "country": "FR"})

    seen = await correcting_address.asked(principal=LINK, correction_id=link, now=NOON)
    assert seen.address["country"] == "DE"


async def test_a_link_nobody_sent_and_a_vendor_that_asks_get_nowhere() -> None:
    order = await two_vendors()
    await asked(order.order_id)
    found = await OrderHold.get(order_id=order.order_id)

    with pytest.raises(NotFound):
        await correct(new_id(NOON))
    with pytest.raises(Forbidden):
        await correcting_address.ask_again(
            principal=member(order.kiln.id), hold_id=found.id, now=NOON
        )
