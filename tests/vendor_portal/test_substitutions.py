"""A vendor offers something else of its own, sees what became of it, and takes it back."""

import httpx
import pytest

from marketplace.accounts.models import Vendor
from marketplace.inventory.models import Location
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.orders import accepting
from marketplace.orders.substitution_models import Substitution, SubstitutionState
from tests.factories import NOON, make_offer, make_paid_order, member, parts_of
from tests.vendor_portal.desks import hidden_fields

pytestmark = pytest.mark.anyio


async def test_a_vendor_offers_something_else_and_takes_it_back(
    mara: httpx.AsyncClient, mine: Vendor, theirs: Vendor
) -> None:
    mug = await make_offer(vendor=mine)
    cup = await make_offer(vendor=mine, sku="cup", price=10_00)
    foreign = await make_offer(vendor=theirs, sku="scarf", price=1_00)
    [part] = await parts_of(await make_paid_order({mug.id: 2}))
    [other] = await parts_of(await make_paid_order({foreign.id: 1}))
    await accepting.accept(principal=member(mine.id), sub_order_id=part.id, now=NOON)
    address = f"/portal/sub-orders/{part.id}/substitution"

    page = await mara.get(address)
    fields = {"line": str(part.lines[0].id), "units": "2", "note": "", **hidden_fields(page)}
    not_mine = await mara.post(address, data={**fields, "offer": str(foreign.id)})
    asked = await mara.post(address, data={**fields, "offer": str(cup.id)})

    assert "Cup, 5 in stock" in page.text
    assert "Scarf" not in page.text
    assert (not_mine.status_code, asked.status_code) == (422, 303)
    async with transaction(SYSTEM, read_only=True):
        [proposed] = await Substitution.all()
    shown = await mara.get(address)
    assert "Waits for the customer" in shown.text
    again = await mara.post(address, data={**fields, **hidden_fields(shown), "offer": str(cup.id)})
    assert again.status_code == 422
    elsewhere = f"/portal/sub-orders/{other.id}/substitution"
    assert (await mara.get(elsewhere)).status_code == 404
    assert (await mara.post(elsewhere, data=fields)).status_code == 404
    await mara.post(
        f"/portal/sub-orders/{part.id}/substitutions/{proposed.id}/withdrawal",
        data=hidden_fields(shown),
    )
    async with transaction(SYSTEM, read_only=True):
        await proposed.refresh_from_db()
    assert proposed.state is SubstitutionState.WITHDRAWN


async def test_what_lies_in_a_closed_place_is_not_offered_and_a_refusal_stands_at_its_field(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    mug = await make_offer(vendor=mine)
    cup = await make_offer(vendor=mine, sku="cup", price=10_00)
    [part] = await parts_of(await make_paid_order({mug.id: 2}))
    await accepting.accept(principal=member(mine.id), sub_order_id=part.id, now=NOON)
    address = f"/portal/sub-orders/{part.id}/substitution"
    line = {"line": str(part.lines[0].id), "note": "", "offer": str(cup.id)}

    page = await mara.get(address)
    form = {**line, **hidden_fields(page)}
    too_many = await mara.post(address, data={**form, "units": "3"})
    async with transaction(SYSTEM):
        await Location.filter(vendor_id=mine.id).update(closed_at=NOON)
    closed = await mara.get(address)

    assert (too_many.status_code, 'id="field-units-error"' in too_many.text) == (422, True)
    assert "Cup, 5 in stock" in page.text
    assert "Cup, 5 in stock" not in closed.text
