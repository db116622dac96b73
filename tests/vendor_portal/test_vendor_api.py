"""What vendors' systems tell and read by their door, and what it refuses."""

import json
import logging
from datetime import datetime

import pytest

from marketplace.accounts import vendor_keys
from marketplace.accounts.vendor_keys import MOST_REQUESTS
from marketplace.inventory import shelf_queries
from marketplace.inventory.feeding import MOST_EVENTS
from marketplace.inventory.models import FeedEvent, Location, Reservation, StockMovement
from marketplace.kit.ids import new_id
from marketplace.kit.transactions import connection
from tests.factories import (
    NOON,
    make_channel,
    make_offer,
    make_paid_order,
    make_vendor,
    member,
    stock_of,
)
from tests.vendor_portal.systems import System, connect, door, event
from vendor_portal.vendor_api import LARGEST_BODY

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def test_a_delivery_is_heard_event_by_event_and_only_once() -> None:
    mug = await make_offer()
    till = await connect(mug.vendor_id)
    delivery = [await event(mug, "a", 2, 8), await event(mug, "b", 1, 3)]

    first, again = await till.tell(*delivery), await till.told(*delivery)

    assert first.json() == {
        "answers": [{"id": "a", "outcome": "applied"}, {"id": "b", "outcome": "older"}]
    }
    assert first.headers["cache-control"] == "no-store"
    assert again == ["repeated", "repeated"]
    assert await stock_of(mug.id) == (8, 0)
    assert await FeedEvent.all().count() == 2
    [moved] = await StockMovement.filter(kind="feed")
    assert (moved.delta, moved.actor) == (3, f"vendor:{till.key_id}")
    shelf = await shelf_queries.shelf(principal=member(mug.vendor_id), stock_id=moved.stock_id)
    assert sorted(movement.who for movement in shelf.movements) == ["Souk", "Till"]


async def test_fewer_than_were_sold_takes_promises_back() -> None:
    mug = await make_offer(on_hand=5)
    await make_channel()
    order_id = await make_paid_order({mug.id: 4})
    till = await connect(mug.vendor_id)

    assert await till.told(await event(mug, "a", 1, 1)) == ["applied"]

    assert await stock_of(mug.id) == (1, 1)
    assert (await Reservation.get(order_id=order_id)).short == 3
    assert await StockMovement.filter(kind="compensated").count() == 1


async def test_an_event_that_cannot_be_heard_is_refused_alone() -> None:
    mug, theirs = await make_offer(), await make_offer(sku="lamp")
    till = await connect(mug.vendor_id)
    await Location.create(
        id=new_id(NOON), vendor_id=mug.vendor_id, code="shop", name="Shop", country="DE", priority=2
    )
    good = await event(mug, "good", 1, 7)
    cases: list[tuple[object, str, str]] = [
        ("text", "INVALID_INPUT", "event"),
        ({name: good[name] for name in good if name != "version"}, "INVALID_INPUT", "version"),
        (good | {"id": 7}, "INVALID_INPUT", "id"),
        (good | {"id": ""}, "INVALID_INPUT", "id"),
        (good | {"id": "x" * 121}, "INVALID_INPUT", "id"),
        (good | {"id": "\x00"}, "INVALID_INPUT", "id"),
        (good | {"version": "1"}, "INVALID_INPUT", "version"),
        (good | {"version": True}, "INVALID_INPUT", "version"),
        (good | {"version": 1.5}, "INVALID_INPUT", "version"),
        (good | {"version": 0}, "INVALID_INPUT", "version"),
        (good | {"version": 10**400}, "INVALID_INPUT", "version"),
        (good | {"onHand": None}, "INVALID_INPUT", "onHand"),
        (good | {"onHand": -1}, "INVALID_INPUT", "onHand"),
        (good | {"onHand": 1_000_001}, "INVALID_INPUT", "onHand"),
        (good | {"sku": "\ud800"}, "INVALID_INPUT", "sku"),
        (good | {"location": "ma\x00in"}, "INVALID_INPUT", "location"),
        (good | {"sku": "nothing"}, "NO_SUCH_STOCK_ITEM", "sku"),
        (await event(theirs, "c", 1, 0), "NO_SUCH_STOCK_ITEM", "sku"),
        (good | {"location": "moon"}, "NO_SUCH_STOCK_ITEM", "location"),
        (good | {"location": "shop"}, "NO_SUCH_STOCK_ITEM", "location"),
    ]

    answer = await till.ask("POST", content=json.dumps([*(case[0] for case in cases), good]))

    *refused, last = answer.json()["answers"]
    assert [(one["outcome"], one["code"], one["field"]) for one in refused] == [
        ("refused", code, field) for _, code, field in cases
    ]
    assert all(one["message"] for one in refused)
    assert last == {"id": "good", "outcome": "applied"}
    assert (await stock_of(mug.id), await stock_of(theirs.id)) == ((7, 0), (5, 0))
    assert [row.event_key for row in await FeedEvent.all()] == ["good"]


async def test_a_sku_that_two_offers_share_names_neither() -> None:
    euros = await make_offer()
    dollars = await make_offer(vendor=await euros.vendor, like=euros, currency="USD")
    till = await connect(euros.vendor_id)

    [answer] = (await till.tell(await event(euros, "a", 1, 9))).json()["answers"]

    assert (answer["code"], answer["field"]) == ("NO_SUCH_STOCK_ITEM", "sku")
    assert "Two of your offers" in answer["message"]
    assert (await stock_of(euros.id), await stock_of(dollars.id)) == ((5, 0), (5, 0))


async def test_a_body_that_holds_no_events_changes_nothing() -> None:
    mug = await make_offer()
    till = await connect(mug.vendor_id)
    good = await event(mug, "a", 1, 9)
    bodies = {
        b"": 400, b"{": 400, b"\xff": 400, b"{}": 400, b'"a"': 400, b"[" * 100_000: 400,
        b"[%s]" % (b"9" * 5000): 400,
        json.dumps([good] * (MOST_EVENTS + 1)).encode(): 400,
        json.dumps([good]).encode() + b" " * LARGEST_BODY: 413,
        b"[]": 200,
    }  # fmt: skip

    answers = [await till.ask("POST", content=body) for body in bodies]

    assert [answer.status_code for answer in answers] == list(bodies.values())
    assert all(answer.json()["error"]["message"] for answer in answers[:-1])
    assert answers[-1].json() == {"answers": []}
    assert await stock_of(mug.id) == (5, 0)


async def test_without_an_open_key_the_door_is_shut() -> None:
    mug = await make_offer()
    till, other = await connect(mug.vendor_id), await connect(mug.vendor_id)
    delivery = await event(mug, "a", 1, 9)
    assert (await till.ask("GET")).status_code == 200
    await vendor_keys.revoke(
        principal=member(mug.vendor_id), vendor_id=mug.vendor_id, key_id=till.key_id, now=NOON
    )

    for secret in (till.secret, f"souk_{'0' * 64}", ""):
        stranger = System(mug.vendor_id, till.key_id, secret)
        answers = [await stranger.tell(delivery), await stranger.ask("GET")]
        assert [answer.status_code for answer in answers] == [401, 401]
        assert answers[0].headers["www-authenticate"] == "Bearer"
        assert answers[0].json()["error"]["code"] == "UNKNOWN_KEY"

    assert await stock_of(mug.id) == (5, 0)
    assert await other.told(delivery) == ["applied"]


async def test_a_system_that_asks_too_often_is_told_when_to_come_back() -> None:
    till = await connect((await make_vendor()).id)
    await connection().execute("UPDATE vendor_key SET counted = $1", MOST_REQUESTS)

    answer = await till.ask("GET")

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert answer.json()["error"]["code"] == "TOO_MANY_REQUESTS"


async def test_a_system_reads_its_own_stock_page_by_page() -> None:
    vendor = await make_vendor()
    offers = [await make_offer(vendor=vendor, on_hand=count) for count in (1, 2, 3)]
    await make_offer(sku="lamp")
    till = await connect(vendor.id)
    await till.told(await event(offers[0], "a", 7, 4))

    first = (await till.ask("GET", after="?limit=2")).json()
    second = (await till.ask("GET", after=f"?limit=2&after={first['next']}")).json()
    wrong = [
        await till.ask("GET", after=f"?{query}")
        for query in ("limit=0", "limit=501", "limit=05001", "limit=x", "after=x")
    ]

    assert (len(first["stock"]), len(second["stock"]), second["next"]) == (2, 1, None)
    rows = [*first["stock"], *second["stock"]]
    assert sorted(row["onHand"] for row in rows) == [2, 3, 4]
    told = await event(offers[0], "", 7, 4)
    assert {
        "sku": told["sku"], "location": "main", "onHand": 4, "reserved": 0, "keptBack": 0,
        "available": 4, "version": 7,
    } in rows  # fmt: skip
    assert [answer.status_code for answer in wrong] == [400] * 5


async def test_what_goes_wrong_is_told_as_json_and_no_log_holds_the_key(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken() -> datetime:
        raise RuntimeError("no clock")

    caplog.set_level(logging.DEBUG)
    vendor = await make_vendor()
    till = await connect(vendor.id)
    await till.ask("GET")
    failed = await System(vendor.id, till.key_id, till.secret, door(broken)).ask("GET")
    elsewhere = [await till.ask("DELETE"), await till.ask("GET", after="/none")]

    assert [answer.status_code for answer in (failed, *elsewhere)] == [500, 405, 404]
    assert [answer.json()["code"] for answer in (failed, *elsewhere)] == [
        "BROKEN", "METHOD", "NOT_FOUND",
    ]  # fmt: skip
    assert set(elsewhere[0].headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}
    assert "no clock" in caplog.text
    assert till.secret not in caplog.text
