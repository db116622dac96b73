"""Files of stock: looked at, written, heard and forgotten."""

import httpx
import pytest

from marketplace.accounts.models import Vendor
from marketplace.inventory import uploading
from marketplace.inventory.models import StockUpload, UploadState
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from tests.factories import NOON, make_offer, stock_of
from tests.vendor_portal.desks import hidden_fields
from tests.vendor_portal.shelves import send, sku_of

pytestmark = pytest.mark.anyio


async def test_a_file_is_looked_at_and_then_written(mara: httpx.AsyncClient, mine: Vendor) -> None:
    mug = await make_offer(vendor=mine)
    text = f"sku,location,on_hand\n{await sku_of(mug)},main,8\nnone,main,1\n"
    page = "/portal/stock/uploads"
    shown = hidden_fields(await mara.get(page))

    none = await mara.post(page, data=shown, files={"other": ("x", b"")})
    wrong = await mara.post(page, data=shown, files={"file": ("x.csv", b"a,b\n1,2\n")})
    sent = await mara.post(page, data=shown, files={"file": ("week 9.csv", text.encode())})
    file = sent.headers["location"]
    looked = await mara.get(file)
    whole = await send(mara, file, "/start", is_whole="yes")
    started = await send(mara, file, "/start")
    working = await mara.get(file)
    async with transaction(SYSTEM, read_only=True):
        upload = await StockUpload.get()
    await uploading.carry_on(upload_id=upload.id, now=NOON)

    assert (none.status_code, wrong.status_code, sent.status_code) == (422, 422, 303)
    assert "You have no stock item with this SKU" in looked.text
    assert (whole.status_code, started.status_code) == (409, 303)
    assert "0 of 1 lines are written" in working.text
    assert "1 line is written" in (await mara.get(file)).text
    assert await stock_of(mug.id) == (8, 0)
    assert "week 9.csv" in (await mara.get(page)).text


async def test_a_file_of_events_is_heard_at_once_and_as_often_as_it_comes(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    mug = await make_offer(vendor=mine)
    sku, page = await sku_of(mug), "/portal/stock/uploads"
    feed = f"id,version,sku,location,on_hand\na,7,{sku},main,8\nb,6,{sku},main,2\nc,1,x,main,2\n"
    shown = hidden_fields(await mara.get(page))

    answers = []
    for text in (feed, feed, "id,version,sku,location,on_hand\na,x,b,c,1\n"):
        await mara.post(page, data=shown, files={"file": ("feed.csv", text.encode())})
        answers.append((await mara.get(page)).text)
    wrong = await mara.post(page, data=shown, files={"file": ("f.csv", text.encode())})

    assert "1 written, 1 older than what we know, 0 heard before" in answers[0]
    assert "0 written, 0 older than what we know, 2 heard before, 1 of stock items" in answers[1]
    assert "line 2 has no number on hand or no version" in wrong.text
    assert await stock_of(mug.id) == (8, 0)


async def test_a_file_can_be_forgotten(mara: httpx.AsyncClient, mine: Vendor) -> None:
    page = "/portal/stock/uploads"
    levels = b"sku,location,on_hand\nnone,main,1\n"
    shown = hidden_fields(await mara.get(page))
    sent = await mara.post(page, data=shown, files={"file": ("a.csv", levels)})

    gone = await send(mara, sent.headers["location"], "/discard")

    assert gone.status_code == 303
    async with transaction(SYSTEM, read_only=True):
        assert (await StockUpload.get()).state is UploadState.DISCARDED
