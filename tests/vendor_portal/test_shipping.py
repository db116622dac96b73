"""A vendor's owner says what sending costs; nobody else does, and nobody else's is touched."""

import asyncio
from uuid import UUID

import httpx
import pytest

from marketplace.accounts.models import Vendor
from marketplace.kit.errors import Forbidden, InvalidInput, NotFound
from marketplace.kit.principal import SYSTEM, Kind, Principal, VendorRole
from marketplace.kit.transactions import connection, transaction
from marketplace.pricing import rates
from marketplace.pricing.models import ShippingRate
from marketplace.pricing.rates import Destination
from marketplace.pricing.shipping import Rate
from tests.factories import NOON, make_channel, make_rate, make_vendor, member
from tests.vendor_portal.desks import hidden_fields

pytestmark = pytest.mark.anyio

TO_FRANCE = {
    "destination": "FR EUR", "method": "Next day", "base": "12,50", "per_unit": "0",
    "free_from": "90",
}  # fmt: skip
GERMANY = Destination("DE", "EUR")


async def rates_of(vendor_id: UUID) -> dict[tuple[str, str], tuple[int, int, int | None]]:
    async with transaction(SYSTEM, read_only=True):
        return {
            (rate.country, rate.method): (
                rate.base_minor,
                rate.per_unit_minor,
                rate.free_from_minor,
            )
            for rate in await ShippingRate.filter(vendor_id=vendor_id)
        }


async def save(browser: httpx.AsyncClient, **changes: str) -> httpx.Response:
    form = hidden_fields(await browser.get("/portal/shipping"))
    return await browser.post("/portal/shipping", data=form | TO_FRANCE | changes)


async def test_an_owner_adds_changes_and_ends_a_method(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    await make_channel()

    assert (await save(mara)).status_code == 303
    added = await rates_of(mine.id)
    page = await mara.get("/portal/shipping")
    async with transaction(SYSTEM, read_only=True):
        rate = await ShippingRate.get(vendor_id=mine.id, method="next-day")
    filled = await mara.get(f"/portal/shipping?rate={rate.id}")
    assert (await save(mara, method="next-day", base="", free_from="")).status_code == 303
    changed = await rates_of(mine.id)
    ended = await mara.post(f"/portal/shipping/{rate.id}/end", data=hidden_fields(page))
    again = await mara.post(f"/portal/shipping/{rate.id}/end", data=hidden_fields(page))

    standard = {("DE", "standard"): (4_00, 0, None)}
    assert added == standard | {("FR", "next-day"): (12_50, 0, 90_00)}
    assert "Next day" in page.text
    assert 'value="12.50"' in filled.text
    assert changed == standard | {("FR", "next-day"): (0, 0, None)}
    assert (ended.status_code, again.status_code) == (303, 404)
    assert await rates_of(mine.id) == standard


async def test_the_last_rate_may_go_and_the_page_says_what_that_means(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    async with transaction(SYSTEM, read_only=True):
        rate = await ShippingRate.get(vendor_id=mine.id)
    form = hidden_fields(await mara.get("/portal/shipping"))

    await mara.post(f"/portal/shipping/{rate.id}/end", data=form)

    assert "You send nowhere yet" in (await mara.get("/portal/shipping")).text


async def test_what_makes_no_sense_is_refused_beside_its_field(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    await make_channel()
    before = await rates_of(mine.id)

    for wrong in (
        {"destination": "US USD"}, {"method": ""}, {"method": "1st class"}, {"method": "é"},
        {"method": "x" * 21}, {"base": "-1"}, {"base": "much"}, {"per_unit": "0.001"},
        {"base": "9999999999"}, {"free_from": "0"},
    ):  # fmt: skip
        answer = await save(mara, **wrong)

        assert answer.status_code == 422, wrong
        assert 'aria-invalid="true"' in answer.text, wrong
    assert await rates_of(mine.id) == before


async def test_who_packs_sees_the_prices_and_does_not_change_them(
    tomas: httpx.AsyncClient, mine: Vendor
) -> None:
    await make_channel()
    async with transaction(SYSTEM, read_only=True):
        rate = await ShippingRate.get(vendor_id=mine.id)

    page = await tomas.get("/portal/shipping")
    form = hidden_fields(page) | hidden_fields(await tomas.get("/portal/vacations"))
    saved = await tomas.post("/portal/shipping", data=form | TO_FRANCE)
    ended = await tomas.post(f"/portal/shipping/{rate.id}/end", data=form)

    assert "€4.00" in page.text
    assert "Set a price" not in page.text
    assert (saved.status_code, ended.status_code) == (403, 403)
    assert await rates_of(mine.id) == {("DE", "standard"): (4_00, 0, None)}


async def test_another_vendors_rates_are_neither_seen_nor_touched(
    mara: httpx.AsyncClient, mine: Vendor, theirs: Vendor
) -> None:
    foreign = await make_rate(theirs.id, "express", base=77_77)

    page = await mara.get("/portal/shipping")
    filled = await mara.get(f"/portal/shipping?rate={foreign.id}")
    ended = await mara.post(f"/portal/shipping/{foreign.id}/end", data=hidden_fields(page))
    async with transaction(member(mine.id)):
        touched = await connection().execute("UPDATE shipping_rate SET base_minor = 1")

    assert "77.77" not in page.text + filled.text
    assert ended.status_code == 404
    assert touched == "UPDATE 1", "row-level security leaves its own alone"
    assert await rates_of(theirs.id) == {
        ("DE", "standard"): (4_00, 0, None), ("DE", "express"): (77_77, 0, None),
    }  # fmt: skip


@pytest.mark.usefixtures("db")
async def test_the_operation_itself_refuses_what_no_form_would_send() -> None:
    await make_channel()
    vendor, other = await make_vendor(), await make_vendor(name="Loom")
    foreign = await ShippingRate.get(vendor_id=other.id)
    packer = Principal(
        Kind.VENDOR, id=vendor.id, vendor_id=vendor.id, roles=frozenset({VendorRole.FULFILMENT})
    )
    good = Rate("express", 9_00, 0, None)

    for destination, rate in (
        (GERMANY, Rate("express", -1, 0, None)), (GERMANY, Rate("express", 0, -1, None)),
        (GERMANY, Rate("express", 0, 0, -1)), (GERMANY, Rate("Express", 0, 0, None)),
        (GERMANY, Rate("express\n", 0, 0, None)), (Destination("DE", "USD"), good),
        (Destination("SE", "EUR"), good),
    ):  # fmt: skip
        with pytest.raises(InvalidInput):
            await rates.set_rate(
                principal=member(vendor.id), destination=destination, rate=rate, now=NOON
            )
    for nobody in (packer, SYSTEM):
        with pytest.raises(Forbidden):
            await rates.set_rate(principal=nobody, destination=GERMANY, rate=good, now=NOON)
    with pytest.raises(NotFound):
        await rates.end(principal=member(vendor.id), rate_id=foreign.id)
    assert await ShippingRate.all().count() == 2


async def test_a_method_set_twice_at_once_is_one_rate(mine: Vendor) -> None:
    await make_channel()

    await asyncio.gather(
        *(
            rates.set_rate(
                principal=member(mine.id), destination=GERMANY, now=NOON,
                rate=Rate("express", base, 0, None),
            )
            for base in (9_00, 9_50)
        )
    )  # fmt: skip

    found = await rates_of(mine.id)
    assert set(found) == {("DE", "standard"), ("DE", "express")}
    assert found["DE", "express"][0] in (9_00, 9_50)
