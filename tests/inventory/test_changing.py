"""People change what is on hand, and nobody's change is lost."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from asyncpg import InsufficientPrivilegeError

from marketplace.accounts.models import Vendor
from marketplace.inventory import adjusting, locating, receiving
from marketplace.inventory.errors import (
    CodeTaken,
    InboundClosed,
    InThePast,
    StaleStock,
    StockIsPromised,
)
from marketplace.inventory.models import Inbound, LocationKind, MovementKind, Stock, StockMovement
from marketplace.kit.errors import Forbidden, InvalidInput, NotFound
from marketplace.kit.principal import SYSTEM, Kind, Principal
from marketplace.kit.transactions import connection, transaction
from tests.factories import GUEST, NOON, make_order, make_vendor, member, stock_of
from tests.inventory.shelves import a_shelf, violations

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]
TOMORROW = NOON.date() + timedelta(days=1)


async def adjust(by: Principal, shelf: Stock, change_from: int, to: int) -> Stock:
    return await adjusting.adjust(
        principal=by, stock_id=shelf.id, change_from=change_from, to=to, reason="Broken", now=NOON
    )


async def movements(stock_id: UUID) -> list[tuple[str, int, int]]:
    rows = await StockMovement.filter(stock_id=stock_id).order_by("at", "after")
    return [(row.kind.value, row.delta, row.after) for row in rows if row.kind != "opened"]


async def test_an_adjustment_is_made_from_the_figure_that_was_seen_and_says_why() -> None:
    shelf, vendor = await a_shelf()

    await adjust(vendor, shelf, 5, 3)

    moved = await StockMovement.get(stock_id=shelf.id, kind=MovementKind.ADJUSTED)
    assert (moved.delta, moved.after, moved.reason, moved.actor) == (-2, 3, "Broken", vendor.key)
    assert await violations() == []


async def test_an_adjustment_from_another_figure_is_refused_with_the_present_one() -> None:
    shelf, vendor = await a_shelf()
    await adjust(vendor, shelf, 5, 3)

    with pytest.raises(StaleStock) as refusal:
        await adjust(vendor, shelf, 5, 4)

    assert (refusal.value.current, refusal.value.expected) == (3, 5)
    assert await movements(shelf.id) == [("adjusted", -2, 3)]


async def test_what_is_promised_cannot_be_adjusted_away() -> None:
    shelf, vendor = await a_shelf()
    await make_order({shelf.offer_id: 4})

    with pytest.raises(StockIsPromised) as refusal:
        await adjust(vendor, shelf, 5, 3)

    assert (refusal.value.reserved, refusal.value.least) == (4, 4)
    assert await stock_of(shelf.offer_id) == (5, 4)


async def test_another_vendors_stock_does_not_exist() -> None:
    shelf, _ = await a_shelf()
    stranger = member((await make_vendor()).id)

    with pytest.raises(NotFound):
        await adjust(stranger, shelf, 5, 3)

    assert await movements(shelf.id) == []


@pytest.mark.parametrize(
    "who",
    [
        GUEST,
        Principal(Kind.STAFF, id=uuid4(), roles=frozenset({"support"})),
        Principal(Kind.VENDOR, id=uuid4(), vendor_id=uuid4(), roles=frozenset({"finance"})),
    ],
)
async def test_who_only_looks_changes_nothing(who: Principal) -> None:
    shelf, _ = await a_shelf()

    with pytest.raises(Forbidden):
        await adjust(who, shelf, 5, 3)


@pytest.mark.parametrize(("to", "reason"), [(-1, "x"), (1_000_001, "x"), (3, " "), (5, "x")])
async def test_an_adjustment_needs_a_number_a_reason_and_a_difference(to: int, reason: str) -> None:
    shelf, vendor = await a_shelf()

    with pytest.raises(InvalidInput):
        await adjusting.adjust(
            principal=vendor, stock_id=shelf.id, change_from=5, to=to, reason=reason, now=NOON
        )


async def test_a_count_is_kept_also_where_it_finds_what_was_expected() -> None:
    shelf, vendor = await a_shelf()

    await adjusting.count(principal=vendor, stock_id=shelf.id, change_from=5, to=5, now=NOON)

    assert await movements(shelf.id) == [("counted", 0, 5)]


async def test_a_movement_is_never_changed() -> None:
    shelf, _ = await a_shelf()

    for change in ("UPDATE stock_movement SET delta = 9", "DELETE FROM stock_movement"):
        with pytest.raises(InsufficientPrivilegeError):
            async with transaction(SYSTEM):
                await connection().execute(f"{change} WHERE stock_id = '{shelf.id}'")


async def announce(by: Principal, shelf: Stock, *, on: date = TOMORROW, key: str = "k") -> UUID:
    return await receiving.announce(
        principal=by, stock_id=shelf.id, pieces=6, expected_on=on, reference="PO 7", key=key,
        now=NOON,
    )  # fmt: skip


async def test_a_delivery_comes_in_parts_and_is_over_with_its_last_piece() -> None:
    shelf, vendor = await a_shelf()
    inbound_id = await announce(vendor, shelf)

    for key, pieces in (("a", 4), ("a", 4), ("b", 2)):
        await receiving.receive(
            principal=vendor, inbound_id=inbound_id, pieces=pieces, is_last=False, key=key, now=NOON
        )

    inbound = await Inbound.get(id=inbound_id)
    assert (inbound.received, inbound.closed_at) == (6, NOON)
    assert await movements(shelf.id) == [("received", 4, 9), ("received", 2, 11)]
    with pytest.raises(InboundClosed):
        await receiving.receive(
            principal=vendor, inbound_id=inbound_id, pieces=1, is_last=True, key="c", now=NOON
        )


async def test_a_delivery_is_announced_once_and_for_a_day_to_come() -> None:
    shelf, vendor = await a_shelf()

    assert await announce(vendor, shelf) == await announce(vendor, shelf)
    with pytest.raises(InThePast):
        await announce(vendor, shelf, on=NOON.date() - timedelta(days=1), key="other")

    assert await Inbound.filter(stock_id=shelf.id).count() == 1


async def test_another_vendors_delivery_does_not_exist() -> None:
    shelf, vendor = await a_shelf()
    inbound_id = await announce(vendor, shelf)
    stranger = member((await make_vendor()).id)

    with pytest.raises(NotFound):
        await receiving.receive(
            principal=stranger, inbound_id=inbound_id, pieces=0, is_last=True, key="a", now=NOON
        )


async def test_a_location_opens_closes_and_opens_again() -> None:
    kiln: Vendor = await make_vendor()
    vendor = member(kiln.id)

    async def opened(code: str) -> UUID:
        location = await locating.open_location(
            principal=vendor, vendor_id=kiln.id, code=code, name="Shop", kind=LocationKind.STORE,
            country="de", priority=3, time_zone="Europe/Berlin", now=NOON,
        )  # fmt: skip
        return location.id

    shop = await opened("shop")

    assert (await locating.close(principal=vendor, location_id=shop, now=NOON)).closed_at == NOON
    assert (await locating.reopen(principal=vendor, location_id=shop)).closed_at is None
    with pytest.raises(CodeTaken):
        await opened("shop")
    with pytest.raises(NotFound):
        await locating.close(principal=member((await make_vendor()).id), location_id=shop, now=NOON)
