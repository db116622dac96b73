"""The page on which an owner connects a system, and cuts it off again."""

import re

import httpx
import pytest

from marketplace.accounts.models import Vendor, VendorKey
from marketplace.accounts.vendor_keys import MOST_OPEN
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from tests.factories import make_offer, stock_of
from tests.vendor_portal.desks import hidden_fields
from tests.vendor_portal.shelves import send
from tests.vendor_portal.systems import System, event

pytestmark = pytest.mark.anyio

PAGE = "/portal/stock/connections"
SECRET = re.compile(r"souk_[0-9a-f]{64}")


async def keys() -> list[VendorKey]:
    async with transaction(SYSTEM, read_only=True):
        return await VendorKey.all()


async def test_an_owner_makes_a_key_sees_it_once_and_revokes_it(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    mug = await make_offer(vendor=mine)
    form = hidden_fields(await mara.get(PAGE)) | {"name": "Till <1>"}
    nameless = await mara.post(PAGE, data=form | {"name": " "})
    made, twin = await mara.post(PAGE, data=form), await mara.post(PAGE, data=form)
    [secret], [same] = SECRET.findall(made.text), SECRET.findall(twin.text)
    [key] = await keys()
    till = System(mine.id, key.id, secret)

    heard = await till.told(await event(mug, "a", 1, 9))
    after = await mara.get(PAGE)
    late = await mara.post(PAGE, data=form)
    gone = await send(mara, PAGE, f"/{key.id}/revocation")
    shut = await till.tell(await event(mug, "b", 2, 1))

    assert (nameless.status_code, made.status_code, secret) == (422, 200, same)
    assert made.headers["cache-control"] == "no-store"
    assert not any(secret in value for value in made.headers.values())
    assert "Till &lt;1&gt;" in made.text
    assert heard == ["applied"]
    assert SECRET.search(after.text) is None
    assert f"{secret[:13]}…" in after.text
    assert (late.status_code, SECRET.search(late.text)) == (409, None)
    assert (gone.status_code, shut.status_code) == (303, 401)
    assert "opens nothing any more" in (await mara.get(PAGE)).text
    assert await stock_of(mug.id) == (9, 0)


async def test_a_sixth_key_is_refused_on_the_page(mara: httpx.AsyncClient) -> None:
    for number in range(MOST_OPEN):
        made = await send(mara, PAGE, "", name=f"System {number}")
    token = hidden_fields(made)

    refused = await mara.post(PAGE, data=token | {"name": "One more"})

    assert "Revoke one to make another" in made.text
    assert (refused.status_code, len(await keys())) == (409, MOST_OPEN)


async def test_who_packs_neither_sees_nor_makes_keys(
    mara: httpx.AsyncClient, tomas: httpx.AsyncClient
) -> None:
    token = hidden_fields(await tomas.get("/portal/stock/uploads"))

    answers = [await tomas.get(PAGE), await tomas.post(PAGE, data=token | {"name": "Mine"})]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert PAGE not in (await tomas.get("/portal/stock")).text
    assert PAGE in (await mara.get("/portal/stock")).text
    assert await keys() == []
