"""Preparing, packing, cancelling and losing, through the portal's pages alone."""

import re
from uuid import UUID

import httpx
import pytest
from starlette.applications import Starlette

from marketplace.accounts.models import Vendor
from marketplace.carriers import simulated
from marketplace.carriers.simulated import SimulatedCarrier
from marketplace.inventory.models import Location
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.orders import labelling
from marketplace.orders.models import Shipment
from marketplace.payments.models import Refund
from tests.factories import NOON
from tests.vendor_portal.desks import (
    PARCEL,
    line_of,
    order_for,
    page_of,
    parcels_of,
    post,
    state_of,
)

pytestmark = pytest.mark.anyio
HIDDEN = re.compile(r'<input type="hidden" name="([\w-]+)" value="([^"]*)">')
CARRIER = SimulatedCarrier(secret="a secret of the tests")


def hidden_fields(page: httpx.Response) -> dict[str, str]:
    return dict(HIDDEN.findall(page.text))


async def accepted(browser: httpx.AsyncClient, vendor: Vendor) -> UUID:
    [part] = await order_for(vendor)
    await post(browser, part, "acceptance", answer="accept")
    return part


async def stored(part: UUID) -> Shipment:
    async with transaction(SYSTEM, read_only=True):
        return await Shipment.get(sub_order_id=part)


async def test_it_is_prepared_made_ready_and_shipped(mara: httpx.AsyncClient, mine: Vendor) -> None:
    part = await accepted(mara, mine)
    line = await line_of(part)

    assert "Until you begin, the customer may still cancel." in (await mara.get(page_of(part))).text
    for _ in range(2):
        assert (await post(mara, part, "preparation")).status_code == 303
    assert await state_of(part) == "preparing"
    await post(mara, part, "readiness")
    assert await state_of(part) == "ready"
    await post(mara, part, "shipments", **PARCEL, **{f"send-{line.id}": 3})

    assert await state_of(part) == "shipped"
    assert (await post(mara, part, "preparation")).status_code == 409


async def test_printing_the_pick_list_begins_to_prepare(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    part = await accepted(mara, mine)

    answer = await post(mara, part, "pick-list")
    page = await mara.get(answer.headers["location"])

    assert await state_of(part) == "preparing"
    assert "To pick" in page.text
    assert "Ana Pires" in page.text


async def test_units_are_cancelled_after_a_look_at_what_comes_back(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    part = await accepted(mara, mine)
    line = await line_of(part)
    address = f"{page_of(part)}/cancellation"
    chosen = {f"cancel-{line.id}": "1", "reason": "out_of_stock", "words": ""}

    form = hidden_fields(await mara.get(address)) | chosen
    looked = await mara.post(address, data=form | {"step": "look"})
    assert "The customer gets back" in looked.text
    assert "€11.90" in looked.text
    async with transaction(SYSTEM, read_only=True):
        assert not await Refund.exists()
    sure = hidden_fields(looked) | chosen | {"step": "cancel"}
    answers = [await mara.post(address, data=sure) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    async with transaction(SYSTEM, read_only=True):
        [refund] = await Refund.all()
    assert (refund.amount_minor, refund.reason) == (11_90, "Cancelled: Out of stock")
    missing = await mara.post(address, data=form | {"step": "look", "reason": ""})
    assert missing.status_code == 422


async def test_a_label_is_made_printed_and_the_parcel_handed_over(
    mara: httpx.AsyncClient, app: Starlette, mine: Vendor
) -> None:
    app.state.label_carriers = [simulated.NAME]
    part = await accepted(mara, mine)
    line = await line_of(part)

    await post(
        mara, part, "shipments", carrier=simulated.NAME, tracking_number="",
        **{f"send-{line.id}": 3},
    )  # fmt: skip
    [parcel] = await parcels_of(part)
    await labelling.label(shipment_id=parcel.id, carrier=CARRIER, now=NOON)
    label = await mara.get(f"{page_of(part)}/shipments/{parcel.id}/label")
    assert simulated.number_of(parcel.id) in label.text
    assert await state_of(part) == "ready"
    await post(mara, part, f"shipments/{parcel.id}/hand-over")

    assert await state_of(part) == "shipped"


@pytest.mark.parametrize(
    ("wish", "state"), [("send_again", "preparing"), ("pay_back", "cancelled")]
)
async def test_a_lost_parcel_is_sent_again_or_paid_back(
    mara: httpx.AsyncClient, mine: Vendor, wish: str, state: str
) -> None:
    part = await accepted(mara, mine)
    line = await line_of(part)
    await post(mara, part, "shipments", **PARCEL, **{f"send-{line.id}": 3})
    [parcel] = await parcels_of(part)

    await post(mara, part, f"shipments/{parcel.id}/loss", happened="lost")
    assert "Send it again" in (await mara.get(page_of(part))).text
    await post(mara, part, f"shipments/{parcel.id}/decision", wish=wish)

    assert await state_of(part) == state
    again = await post(mara, part, f"shipments/{parcel.id}/decision", wish=wish)
    assert again.status_code == 409


async def test_what_is_laid_ready_is_collected_with_the_customers_code(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    part = await accepted(mara, mine)
    async with transaction(SYSTEM, read_only=True):
        place = await Location.get(vendor_id=mine.id)

    await post(mara, part, "pickups", place=place.id)
    parcel = await stored(part)
    page = await mara.get(page_of(part))
    assert parcel.pickup_code is not None
    assert parcel.pickup_code not in page.text
    assert ": 3 \u00d7" not in page.text  # nobody carries it
    wrong = await post(mara, part, f"shipments/{parcel.id}/collection", code="NO")
    assert wrong.status_code == 409
    await post(mara, part, f"shipments/{parcel.id}/collection", code=parcel.pickup_code)

    assert await state_of(part) == "delivered"


async def test_another_vendors_orders_and_parcels_do_not_exist(
    mara: httpx.AsyncClient, mine: Vendor, theirs: Vendor
) -> None:
    own = await accepted(mara, mine)
    [other] = await order_for(theirs)
    line = await line_of(own)
    await post(mara, own, "shipments", **PARCEL, **{f"send-{line.id}": 1})
    [parcel] = await parcels_of(own)
    form = hidden_fields(await mara.get(page_of(own)))

    names = ("hand-over", "dismantling", "collection", "loss", "decision")
    paths = ["preparation", "readiness", "pick-list", "pickups", "cancellation"]
    for path in [*paths, *(f"shipments/{parcel.id}/{name}" for name in names)]:
        answer = await mara.post(f"{page_of(other)}/{path}", data=form)
        assert answer.status_code == 404, path
    for path in ("cancellation", "pick-list", f"shipments/{parcel.id}/label"):
        assert (await mara.get(f"{page_of(other)}/{path}")).status_code == 404, path
