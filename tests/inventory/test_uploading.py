"""A file of stock levels: looked at, then written, all of it or what is good in it."""

import pytest

from marketplace.catalog.models import Variant
from marketplace.inventory import reading_files, uploading
from marketplace.inventory.errors import UploadHasErrors, UploadOver
from marketplace.inventory.models import (
    Reservation,
    Stock,
    StockMovement,
    StockUpload,
    UploadLine,
    UploadState,
)
from marketplace.kit.errors import InvalidInput, NotFound
from marketplace.outbox.models import OutboxEvent
from tests.factories import NOON, make_offer, make_paid_order, make_vendor, member, stock_of
from tests.inventory.shelves import violations

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def two_shelves() -> list[tuple[Stock, str]]:
    vendor = await make_vendor()
    offers = [await make_offer(vendor=vendor, sku=name) for name in ("mug", "lamp")]
    return [
        (await Stock.get(offer_id=offer.id), (await Variant.get(id=offer.variant_id)).sku)
        for offer in offers
    ]


async def checked(stock: Stock, text: str) -> StockUpload:
    upload_id = await uploading.check(
        principal=member(stock.vendor_id), vendor_id=stock.vendor_id, filename="levels.csv",
        content=text.encode(), now=NOON,
    )  # fmt: skip
    return await StockUpload.get(id=upload_id)


async def write(upload: StockUpload, *, is_whole: bool = False, at_once: int = 200) -> None:
    await uploading.start(
        principal=member(upload.vendor_id), upload_id=upload.id, is_whole=is_whole, now=NOON
    )
    await uploading.carry_on(upload_id=upload.id, now=NOON, at_once=at_once)


async def test_a_file_changes_nothing_until_it_is_started_and_then_all_its_good_lines() -> None:
    (mug, mug_sku), (lamp, lamp_sku) = await two_shelves()
    upload = await checked(
        mug, f"SKU;On hand;Location\n{mug_sku};9;main\n{lamp_sku};-1;main\nnone;1;main\n"
    )

    assert await stock_of(mug.offer_id) == (5, 0)
    await write(upload)

    assert await stock_of(mug.offer_id) == (9, 0)
    assert await stock_of(lamp.offer_id) == (5, 0)
    lines = await UploadLine.filter(upload_id=upload.id).order_by("position")
    assert [(line.position, line.problem, line.written_at) for line in lines] == [
        (2, None, NOON),
        (3, "On hand is a whole number from 0 to 1000000.", None),
        (4, "You have no stock item with this SKU at this location.", None),
    ]
    upload = await StockUpload.get(id=upload.id)
    assert (upload.state, upload.done_at) == (UploadState.DONE, NOON)
    moved = await StockMovement.get(stock_id=mug.id, kind="feed")
    assert (moved.reason, moved.actor) == ("levels.csv", member(mug.vendor_id).key)


async def test_all_or_nothing_of_a_file_with_a_problem_is_nothing() -> None:
    (mug, mug_sku), _ = await two_shelves()
    upload = await checked(mug, f"sku,location,on_hand\n{mug_sku},main,9\nnone,main,1\n")

    with pytest.raises(UploadHasErrors) as refusal:
        await write(upload, is_whole=True)

    assert refusal.value.problems == 1
    assert await stock_of(mug.offer_id) == (5, 0)


async def test_starting_and_carrying_on_twice_writes_once() -> None:
    (mug, mug_sku), _ = await two_shelves()
    upload = await checked(mug, f"sku,location,on_hand\n{mug_sku},main,9\n")

    await uploading.start(
        principal=member(mug.vendor_id), upload_id=upload.id, is_whole=True, now=NOON
    )
    await write(upload, is_whole=True)
    await uploading.carry_on(upload_id=upload.id, now=NOON)

    assert await StockMovement.filter(stock_id=mug.id, kind="feed").count() == 1
    assert await OutboxEvent.filter(name=uploading.WANTED).count() == 1
    with pytest.raises(UploadOver):
        await write(upload)
    with pytest.raises(UploadOver):
        await uploading.discard(principal=member(mug.vendor_id), upload_id=upload.id)


async def test_a_long_file_is_written_in_slices() -> None:
    (mug, mug_sku), (lamp, lamp_sku) = await two_shelves()
    upload = await checked(mug, f"sku,location,on_hand\n{mug_sku},main,9\n{lamp_sku},main,8\n")

    await write(upload, at_once=1)

    assert await stock_of(mug.offer_id) == (9, 0)
    assert await stock_of(lamp.offer_id) == (8, 0)


async def test_less_than_was_promised_is_told_of_and_written() -> None:
    (mug, mug_sku), _ = await two_shelves()
    order_id = await make_paid_order({mug.offer_id: 4})

    await write(await checked(mug, f"sku,location,on_hand\n{mug_sku},main,1\n"))

    assert (await Reservation.get(order_id=order_id)).short == 3
    assert await stock_of(mug.offer_id) == (1, 1)
    assert await violations() == []


async def test_another_vendors_upload_does_not_exist() -> None:
    (mug, mug_sku), _ = await two_shelves()
    upload = await checked(mug, f"sku,location,on_hand\n{mug_sku},main,9\n")
    stranger = member((await make_vendor()).id)

    with pytest.raises(NotFound):
        await uploading.start(principal=stranger, upload_id=upload.id, is_whole=False, now=NOON)
    with pytest.raises(NotFound):
        await uploading.discard(principal=stranger, upload_id=upload.id)


async def test_a_discarded_file_is_not_written() -> None:
    (mug, mug_sku), _ = await two_shelves()
    upload = await checked(mug, f"sku,location,on_hand\n{mug_sku},main,9\n")
    await uploading.discard(principal=member(mug.vendor_id), upload_id=upload.id)

    with pytest.raises(UploadOver):
        await write(upload)

    assert await stock_of(mug.offer_id) == (5, 0)


@pytest.mark.parametrize(
    "content",
    [b"", b"sku,location\na,b\n", b"sku,location,on_hand\n", b"\xff\xfe"],
)
def test_what_is_no_file_of_levels_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput):
        reading_files.read_levels(content)


def test_lines_that_cannot_be_read_say_why_and_the_first_of_two_counts() -> None:
    lines = reading_files.read_levels(
        b"\xef\xbb\xbfsku\tlocation\ton_hand\n\ta\t1\nb\t\t1\nc\ta\t1.5\nd\ta\t2\n\nd\ta\t3\n"
    )

    assert [(line.position, line.on_hand, line.problem) for line in lines] == [
        (2, None, "It has no SKU."),
        (3, None, "It has no location."),
        (4, None, "On hand is a whole number from 0 to 1000000."),
        (5, 2, None),
        (7, None, "Line 5 is for the same stock item."),
    ]
