from uuid import UUID

import httpx
import pytest
from starlette.applications import Starlette

from marketplace.accounts.models import Vendor
from marketplace.carriers import simulated
from marketplace.carriers.simulated import SimulatedCarrier
from marketplace.inventory.models import Location
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace.orders import accepting, labelling
from marketplace.orders.hold_models import HoldKind
from marketplace.orders.models import SubOrder
from tests.factories import NOON, member
from tests.holds.risky import dear, in_force
from tests.holds.waiting import hold
from tests.vendor_portal.desks import hidden_fields, line_of, order_for, parcels_of, post

pytestmark = pytest.mark.anyio
CARRIER = SimulatedCarrier(secret="a secret of the tests, long enough")
SECRET = "Looks like a stolen card"


async def held_part(vendor: Vendor) -> UUID:
    """An accepted sub-order whose order is held; its id."""
    [part_id] = await order_for(vendor)
    await accepting.accept(principal=member(vendor.id), sub_order_id=part_id, now=NOON)
    async with transaction(SYSTEM, read_only=True):
        part = await SubOrder.get(id=part_id)
    await hold(part.order_id, kind=HoldKind.FRAUD, reason=SECRET)
    return part_id


async def test_a_vendor_reads_that_it_waits_and_not_why(
    mine: Vendor, mara: httpx.AsyncClient
) -> None:
    part_id = await held_part(mine)

    page = await mara.get(f"/portal/sub-orders/{part_id}")

    assert "On hold: do not send it yet." in page.text
    assert "Ship this parcel" not in page.text
    assert SECRET not in page.text
    assert "fraud" not in page.text.lower()


async def test_a_parcel_of_a_held_order_goes_nowhere_through_its_page(
    mara: httpx.AsyncClient, app: Starlette, mine: Vendor
) -> None:
    app.state.label_carriers = [simulated.NAME]
    [part_id] = await order_for(mine)
    await accepting.accept(principal=member(mine.id), sub_order_id=part_id, now=NOON)
    line = await line_of(part_id)
    packing = {"carrier": simulated.NAME, "tracking_number": "", f"send-{line.id}": 1}
    await post(mara, part_id, "shipments", **packing)
    [parcel] = await parcels_of(part_id)
    await labelling.label(shipment_id=parcel.id, carrier=CARRIER, now=NOON)
    async with transaction(SYSTEM, read_only=True):
        place = await Location.get(vendor_id=mine.id)
    await post(mara, part_id, "pickups", place=place.id)
    waiting = next(one for one in await parcels_of(part_id) if one.id != parcel.id)
    opened = await mara.get(f"/portal/sub-orders/{part_id}")
    await hold(line.order_id, reason=SECRET)

    held_page = await mara.get(f"/portal/sub-orders/{part_id}")
    form = hidden_fields(opened)
    answers = [
        await mara.post(f"/portal/sub-orders/{part_id}/{what}", data=form | fields)
        for what, fields in {
            "shipments": {name: str(value) for name, value in packing.items()},
            "pickups": {"place": str(place.id)},
            f"shipments/{parcel.id}/hand-over": {},
            f"shipments/{waiting.id}/collection": {"code": waiting.pickup_code or ""},
        }.items()
    ]

    assert "collect by" in opened.text
    assert "on hold: the time to collect it stands still" in held_page.text
    for words in ("Handed over", "Collected", "Lay everything ready"):
        assert words not in held_page.text
    for answer in answers:
        assert answer.status_code == 409
        assert "is on hold. Do not send it yet" in answer.text
        assert SECRET not in answer.text
    assert [one.shipped_at for one in await parcels_of(part_id)] == [None, None]


async def test_the_database_shows_no_vendor_a_hold_a_score_or_a_link(mine: Vendor) -> None:
    async with transaction(SYSTEM):
        await in_force(dear(1, score=1))
    await held_part(mine)

    async with transaction(member(mine.id), read_only=True):
        for table in (
            "order_hold", "address_correction", "risk_assessment", "risk_rule", "risk_rule_set",
        ):  # fmt: skip
            assert await connection().fetchval(f"SELECT count(*) FROM {table}") == 0
        reasons = await connection().fetch("SELECT reason FROM state_change")
        notes = await connection().fetch("SELECT note, paused_by FROM sla_pause")
    assert SECRET not in [row["reason"] for row in reasons]
    assert {(row["note"], row["paused_by"]) for row in notes} <= {("", "system")}
