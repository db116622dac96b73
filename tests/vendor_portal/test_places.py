"""A seller says when nothing leaves: of its own places, and of nobody else's."""

import re

import httpx
import pytest

from marketplace.inventory.models import Location
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.routing import closing
from marketplace.routing.models import LocationProfile, RoutingClosure
from tests.factories import NOON, make_vendor

pytestmark = pytest.mark.anyio


def tokens(page: httpx.Response) -> dict[str, str]:
    pairs = re.findall(r'name="(csrf_token|form_token)" value="([^"]*)"', page.text)
    return dict(pairs)


async def closures() -> list[RoutingClosure]:
    async with transaction(SYSTEM, read_only=True):
        return await RoutingClosure.all().order_by("id")


async def place_of(vendor_id: object) -> Location:
    async with transaction(SYSTEM, read_only=True):
        return await Location.get(vendor_id=vendor_id)


async def test_a_seller_closes_its_place_and_says_what_a_day_holds(
    mara: httpx.AsyncClient,
) -> None:
    page = await mara.get("/portal/places")
    [place_id] = set(re.findall(r'id="lines-([0-9a-f-]{36})"', page.text))

    await mara.post(
        "/portal/places",
        data={**tokens(page), "where": place_id, "reason": "Stocktaking", "until": "2026-03-05"},
    )
    await mara.post(
        f"/portal/places/{place_id}",
        data={**tokens(page), "daily_lines": "40", "promise_days": "", "ships_to": "de, at"},
    )

    [closure] = await closures()
    assert (str(closure.location_id), closure.reason) == (place_id, "Stocktaking")
    assert closure.ends_at is not None
    async with transaction(SYSTEM, read_only=True):
        profile = await LocationProfile.get(location_id=place_id)
    assert (profile.daily_lines, profile.promise_days, profile.ships_to) == (40, None, ["DE", "AT"])
    await mara.post(f"/portal/closures/{closure.id}/end", data=tokens(page))
    [ended] = await closures()
    assert ended.ends_at == NOON


async def test_somebody_elses_places_do_not_exist(mara: httpx.AsyncClient) -> None:
    other = await make_vendor(name="Elsewhere")
    place = await place_of(other.id)
    closure_id = await closing.close(
        principal=SYSTEM, vendor_id=other.id, location_id=place.id, reason="flood",
        starts_at=NOON, ends_at=None, now=NOON,
    )  # fmt: skip
    page = await mara.get("/portal/places")

    changed = await mara.post(
        f"/portal/places/{place.id}",
        data={**tokens(page), "daily_lines": "0", "promise_days": "", "ships_to": ""},
    )
    ended = await mara.post(f"/portal/closures/{closure_id}/end", data=tokens(page))
    closed = await mara.post(
        "/portal/places", data={**tokens(page), "where": str(place.id), "reason": "x", "until": ""}
    )

    assert "Elsewhere" not in page.text
    assert (changed.status_code, ended.status_code, closed.status_code) == (404, 404, 422)
    [untouched] = await closures()
    assert untouched.ends_at is None
