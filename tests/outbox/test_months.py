"""Events and history lie in their months, which are there before anything happens in them."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace.outbox import months
from marketplace.outbox.claiming import claim
from marketplace.outbox.routes import Route
from marketplace.outbox.routing import route
from tests.conftest import Database
from tests.outbox.recorded import NOW, Listener, Rang, an_order, deliveries, happened

pytestmark = pytest.mark.anyio

JULY = datetime(2024, 7, 1, tzinfo=UTC)
_CHANGE = """
    INSERT INTO state_change
        (id, event_id, order_id, subject, subject_id, to_state, move, actor, at)
    VALUES ($1, $2, $3, 'order', $3, 'placed', 'place', 'system', $4)
"""
_TABLES = "SELECT tableoid::regclass::text FROM outbox_event WHERE stream_id = $1 ORDER BY seq"


async def tables_of(order_id: UUID) -> list[str]:
    async with transaction(SYSTEM):
        return [row[0] for row in await connection().fetch(_TABLES, order_id)]


async def outside() -> list[str]:
    async with transaction(SYSTEM):
        return [row[0] for row in await connection().fetch("SELECT subject FROM outside_months()")]


async def changed(event_id: UUID, *, now: datetime = NOW) -> None:
    async with transaction(SYSTEM):
        await connection().execute(_CHANGE, new_id(now), event_id, an_order(), now)


async def test_this_month_and_three_to_come_are_made_once(db: object) -> None:
    assert await months.make_ahead(now=NOW) == 4
    assert await months.make_ahead(now=NOW + timedelta(days=20)) == 0
    assert await months.make_ahead(now=NOW + timedelta(days=30)) == 1

    names = [f"{month.begins:%Y-%m}" for month in await months.kept() if month.begins.year == 2024]
    assert names == ["2024-06", "2024-07", "2024-08", "2024-09", "2024-10"]


async def test_a_month_begins_with_its_first_millisecond_in_utc(db: object) -> None:
    await months.make_ahead(now=NOW)
    order_id = an_order()

    await happened(Rang(order_id=order_id), now=JULY - timedelta(microseconds=1))
    await happened(Rang(order_id=order_id), now=JULY)

    assert await tables_of(order_id) == ["outbox_event_2024_06", "outbox_event_2024_07"]


async def test_what_lies_outside_of_all_months_moves_into_its_own(db: object) -> None:
    order_id = an_order()
    await happened(Rang(order_id=order_id), Rang(order_id=order_id))
    await changed(new_id(NOW))
    await route(routes={"bell.rang": [Route("tower", Listener())]}, now=NOW)
    assert await tables_of(order_id) == ["outbox_event_rest"] * 2
    assert await outside() == ["outbox_event", "state_change"]

    # Long after: what was misplaced is found all the same.
    assert await months.make(since=NOW - timedelta(days=900), until=NOW - timedelta(days=899)) == 2

    assert await outside() == []
    assert await tables_of(order_id) == ["outbox_event_2024_06"] * 2
    [june] = [month for month in await months.kept() if f"{month.begins:%Y-%m}" == "2024-06"]
    assert (june.events, june.undone, june.changes) == (2, 2, 1)
    assert len(await claim(now=NOW, limit=10)) == 1, "the second waits for the first"
    assert len(await deliveries()) == 2
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        async with transaction(SYSTEM):
            await connection().execute(
                "UPDATE delivery SET event_id = $1 WHERE id = (SELECT id FROM delivery LIMIT 1)",
                new_id(NOW),
            )


@pytest.mark.parametrize("is_made", [True, False])
async def test_numbers_and_changes_are_told_once(db: object, is_made: bool) -> None:
    if is_made:
        await months.make_ahead(now=NOW)
    order_id, event_id = an_order(), new_id(NOW)
    await happened(Rang(order_id=order_id))
    await changed(event_id)

    with pytest.raises(asyncpg.UniqueViolationError):
        await changed(event_id)
    with pytest.raises(asyncpg.UniqueViolationError):
        async with transaction(SYSTEM):
            await connection().execute(
                "INSERT INTO outbox_event (id, name, stream_id, seq, payload, happened_at)"
                " VALUES ($1, 'bell.rang', $2, 1, '{}', $3)",
                new_id(NOW + timedelta(days=1)),
                order_id,
                NOW,
            )


async def test_a_change_is_of_its_events_month(db: object) -> None:
    await months.make_ahead(now=NOW)

    with pytest.raises(asyncpg.CheckViolationError):
        await changed(new_id(JULY))


async def test_more_than_twenty_years_are_refused(db: object) -> None:
    with pytest.raises(asyncpg.RaiseError, match="more months"):
        await months.make(since=NOW, until=NOW + timedelta(days=365 * 30))


async def test_two_workers_make_each_month_once(committed_db: Database) -> None:
    made = await asyncio.gather(*(months.make_ahead(now=NOW) for _ in range(3)))

    assert sorted(made) == [0, 0, 4]


async def test_whoever_is_at_work_is_not_waited_for(committed_db: Database) -> None:
    other = await asyncpg.connect(committed_db.url)
    async with asyncio.timeout(10), other.transaction():
        # Held to the end of the transaction, as a handler's reading is; then it goes on to write.
        await other.execute("SET LOCAL souk.scope = 'all'")
        await other.fetch("SELECT FROM delivery JOIN outbox_event event ON event.id = event_id")
        meanwhile = await months.make_ahead(now=NOW)
        await other.execute("DELETE FROM delivery")
    await other.close()

    assert meanwhile == 0
    assert await months.make_ahead(now=NOW) == 4
