"""Each check finds what breaks it, and nothing else: the difference is put in as the owner."""

from collections.abc import AsyncIterator

import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace_runtime.orm import connected
from settlement.invariants.checking import CHECKS, check_all
from tests.conftest import Database
from tests.settlement.books import hear
from tests.settlement.difference import Difference
from tests.settlement.differences import DIFFERENCES
from tests.settlement.settled import SETTLED
from tests.settlement.unruled import allow_anything, violated
from tests.settlement.worked import place, refund, ship
from tests.settlement.worked_parts import Worked

pytestmark = [pytest.mark.anyio]


class _Undo(Exception):
    pass


@pytest.fixture
async def order(shared_database: Database) -> AsyncIterator[Worked]:
    """A shipped and earned, a unit back; B accepted, a unit back. Rolled back; we are the owner."""
    async with connected(shared_database.owner_url):
        try:
            async with transaction(SYSTEM):
                yield await _story()
                raise _Undo
        except _Undo:
            pass


async def _story() -> Worked:
    order = await place()
    early = await refund(order, {"B": 1})
    await ship(order, "A")
    late = await refund(order, {"A": 1})
    await hear(order.captured(), order.fee_known(), early, order.shipped("A"), late)
    await allow_anything()
    return order


async def test_a_sound_marketplace_violates_nothing(order: Worked) -> None:
    report = await check_all(connection())

    assert report.violations == ()
    assert str(report) == f"{len(CHECKS)} checked, 0 violated"


async def test_every_check_has_a_name_and_a_sentence_of_its_own() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    assert len({check.sentence for check in CHECKS}) == len(CHECKS)
    assert all(check.sentence.endswith(".") for check in CHECKS)
    assert {broken.check for broken in [*DIFFERENCES, *SETTLED]} == {check.name for check in CHECKS}


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda difference: difference.check)
async def test_a_difference_is_found(order: Worked, difference: Difference) -> None:
    await connection().execute(difference.sql)

    found = await violated()

    assert set(found) == {difference.check, *difference.also}, found


async def test_news_on_its_way_is_late_and_not_wrong(order: Worked) -> None:
    await ship(order, "B")
    assert set(await violated()) == {
        "every-shipped-sub-order-earned-once",
        "finished-sub-orders-keep-no-prepayment",
    }

    await connection().execute(
        "UPDATE outbox_event SET routed_at = NULL WHERE payload->>'sub_order_id' = $1"
        " AND name = 'sub_order.shipped'",
        str(order.parts["B"].id),
    )

    report = await check_all(connection())
    assert report.violations == ()
    assert report.waiting == 1
    assert str(report).endswith("0 violated, 1 events on their way to the ledger")


async def test_a_check_names_at_most_twenty_things(order: Worked) -> None:
    await connection().execute("UPDATE event_stream SET last_seq = 7")
    await connection().execute(
        "INSERT INTO event_stream SELECT gen_random_uuid(), 1 FROM generate_series(1, 50)"
    )

    report = await check_all(connection())

    assert len(report.violations) == 20
    assert report.violated == 1
