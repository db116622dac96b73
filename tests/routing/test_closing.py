"""Outages, closures, capacity: new orders go elsewhere, old ones stay."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from marketplace.catalog.models import Offer
from marketplace.checkout.errors import InsufficientStock
from marketplace.inventory.models import Location
from marketplace.kit.errors import Forbidden, InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM, Kind, Principal, VendorRole
from marketplace.orders.models import OrderLine
from marketplace.routing import closing
from marketplace.routing.models import RoutingDecision
from tests.factories import NOON, make_offer, make_order, make_vendor
from tests.routing.places import make_location

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def close(offer: Offer, location_id: UUID | None, **changed: Any) -> UUID:
    return await closing.close(
        **{
            "principal": SYSTEM, "vendor_id": offer.vendor_id, "location_id": location_id,
            "reason": "no power", "starts_at": NOON, "ends_at": None, "now": NOON, **changed,
        }
    )  # fmt: skip


async def served_from(order_id: UUID) -> str:
    [line] = await OrderLine.filter(order_id=order_id)
    return (await Location.get(id=line.location_id)).code


async def two_places() -> tuple[Offer, UUID]:
    """The offer's first place and another, which is asked second."""
    mugs = await make_offer(on_hand=9)
    await make_location(mugs, "hall", priority=2, on_hand=9)
    first = await Location.get(vendor_id=mugs.vendor_id, code="main")
    return mugs, first.id


async def reasons(order_id: UUID) -> dict[str, str]:
    decision = await RoutingDecision.get(order_id=order_id)
    [line] = decision.lines
    return {one["location"]: one["detail"] for one in line["candidates"] if one["reason"]}


async def test_an_outage_sends_the_order_to_the_next_location() -> None:
    mugs, first = await two_places()
    await close(mugs, first)

    order_id = await make_order({mugs.id: 1})

    assert await served_from(order_id) == "hall"
    assert await reasons(order_id) == {"main": "no power"}


async def test_an_outage_that_is_over_or_not_yet_there_changes_nothing() -> None:
    mugs, first = await two_places()
    hour = timedelta(hours=1)
    await close(mugs, first, starts_at=NOON + hour)
    await close(mugs, first, ends_at=NOON + hour, starts_at=NOON - hour, now=NOON - hour)

    assert await served_from(await make_order({mugs.id: 1}, now=NOON - 2 * hour)) == "main"
    assert await served_from(await make_order({mugs.id: 1})) == "hall"
    assert await served_from(await make_order({mugs.id: 1}, now=NOON + hour)) == "hall"


async def test_what_was_ended_is_open_again_and_ending_twice_does_no_harm() -> None:
    mugs, first = await two_places()
    closure_id = await close(mugs, first)

    for _ in range(2):
        await closing.reopen(principal=SYSTEM, closure_id=closure_id, now=NOON)

    assert await served_from(await make_order({mugs.id: 1})) == "main"


async def test_a_closed_vendor_sells_nothing() -> None:
    mugs, _ = await two_places()
    await close(mugs, None)

    with pytest.raises(InsufficientStock) as refused:
        await make_order({mugs.id: 1})

    assert [short.available for short in refused.value.shortages] == [0]


async def test_a_full_day_sends_the_next_order_elsewhere_until_midnight() -> None:
    mugs, first = await two_places()
    await closing.set_profile(
        principal=SYSTEM, location_id=first, vendor_id=mugs.vendor_id, promise_days=None,
        daily_lines=2, ships_to=[],
    )  # fmt: skip

    today = [await served_from(await make_order({mugs.id: 1})) for _ in range(3)]
    late = NOON.replace(hour=22, minute=59)
    tomorrow = NOON.replace(hour=23, minute=1)  # a minute past midnight in Berlin

    assert today == ["main", "main", "hall"]
    assert await served_from(await make_order({mugs.id: 1}, now=late)) == "hall"
    assert await served_from(await make_order({mugs.id: 1}, now=tomorrow)) == "main"


async def test_when_every_place_is_full_the_order_is_taken_all_the_same() -> None:
    mugs = await make_offer()
    [first] = await Location.filter(vendor_id=mugs.vendor_id)
    await closing.set_profile(
        principal=SYSTEM, location_id=first.id, vendor_id=mugs.vendor_id, promise_days=None,
        daily_lines=0, ships_to=[],
    )  # fmt: skip

    order_id = await make_order({mugs.id: 1})

    assert (await reasons(order_id)) == {"main": "its day is full, and nobody else can"}


async def test_a_location_that_does_not_ship_there_is_left_out() -> None:
    mugs, first = await two_places()
    await closing.set_profile(
        principal=SYSTEM, location_id=first, vendor_id=mugs.vendor_id, promise_days=2,
        daily_lines=None, ships_to=["fr"],
    )  # fmt: skip

    order_id = await make_order({mugs.id: 1})

    assert await served_from(order_id) == "hall"
    assert await reasons(order_id) == {"main": "it does not ship to DE"}


async def test_a_vendor_closes_what_is_its_own_and_nothing_else() -> None:
    mugs, first = await two_places()
    other = await make_vendor()
    owner = Principal(Kind.VENDOR, other.id, other.id, frozenset({VendorRole.OWNER}))
    books = Principal(Kind.VENDOR, other.id, mugs.vendor_id, frozenset({VendorRole.FINANCE}))
    closure_id = await close(mugs, first)

    with pytest.raises(NotFound):
        await close(mugs, first, principal=owner)
    with pytest.raises(NotFound):
        await close(mugs, first, principal=owner, vendor_id=other.id)
    with pytest.raises(NotFound):
        await closing.reopen(principal=owner, closure_id=closure_id, now=NOON)
    with pytest.raises(Forbidden):
        await close(mugs, first, principal=books)


async def test_a_closure_needs_a_reason_and_an_end_that_comes() -> None:
    mugs, first = await two_places()

    with pytest.raises(InvalidInput, match="reason"):
        await close(mugs, first, reason=" ")
    with pytest.raises(InvalidInput, match="until"):
        await close(mugs, first, ends_at=NOON)


async def test_a_score_is_for_staff_to_set_of_a_vendor_that_is_there_from_0_to_1000() -> None:
    vendor = await make_vendor()
    owner = Principal(
        Kind.VENDOR, id=vendor.id, vendor_id=vendor.id, roles=frozenset({VendorRole.OWNER})
    )

    with pytest.raises(Forbidden):
        await closing.set_standing(principal=owner, vendor_id=vendor.id, score=999, now=NOON)
    with pytest.raises(InvalidInput):
        await closing.set_standing(principal=SYSTEM, vendor_id=vendor.id, score=1001, now=NOON)
    with pytest.raises(NotFound):
        await closing.set_standing(principal=SYSTEM, vendor_id=new_id(NOON), score=9, now=NOON)
