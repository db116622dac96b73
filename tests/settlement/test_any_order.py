"""News of money may come in any order, any number of times: the books end the same."""

import random
from datetime import date, datetime, timedelta, timezone
from uuid import UUID

import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from tests.settlement.books import hear, posted
from tests.settlement.rows import NOW, update
from tests.settlement.worked import place, refund, ship
from tests.settlement.worked_parts import Heard

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]

_BOOKS = """
    SELECT posted.idempotency_key, posted.effective_date, account.code, account.vendor_id,
        entry.amount_minor, entry.purpose, entry.sub_order_id
    FROM ledger_entry entry
    JOIN ledger_account account ON account.id = entry.account_id
    JOIN ledger_transaction posted ON posted.id = entry.transaction_id
    ORDER BY posted.idempotency_key, account.code, entry.amount_minor, entry.purpose,
        entry.sub_order_id
"""


class _Undo(Exception):
    pass


async def books_after(events: list[Heard]) -> list[tuple[object, ...]]:
    """What the books say after these events, without keeping it."""
    books: list[tuple[object, ...]] = []
    try:
        async with transaction(SYSTEM):
            await hear(*events)
            await connection().execute("SET CONSTRAINTS ALL IMMEDIATE")
            books = [tuple(row) for row in await connection().fetch(_BOOKS)]
            raise _Undo
    except _Undo:
        await connection().execute("SET CONSTRAINTS ALL DEFERRED")
        return books


async def full_story() -> list[Heard]:
    """Refunds before and after earning, one that failed, one that came back after success."""
    order = await place()
    before = await refund(order, {"B": 1})
    await ship(order, "A")
    await ship(order, "B")
    after = await refund(order, {"A": 1, "B": 1}, shipping_of="B")
    failed = await refund(order, {"A": 1}, state="failed")
    returned = await refund(order, {"A": 1}, shipping_of="A")
    await update("refund", UUID(str(returned.payload["refund_id"])), state="failed")
    events = [
        order.captured(), order.fee_known(), before, order.shipped("A"), order.shipped("B"),
        after, failed, returned, Heard("refund.failed", returned.payload),
    ]  # fmt: skip
    return [
        Heard(event.name, event.payload, NOW + timedelta(days=9 * number))
        for number, event in enumerate(events)
    ]


async def test_events_in_any_order_and_repeated_end_in_the_same_books() -> None:
    events = await full_story()
    expected = await books_after(events)
    assert len({row[0] for row in expected}) == len(events)

    for seed in range(40):
        shuffled = events + random.Random(seed).choices(events, k=5)
        random.Random(seed).shuffle(shuffled)
        assert await books_after(shuffled) == expected, seed


async def test_a_refund_that_comes_back_after_success_is_owed() -> None:
    order = await place()
    await ship(order, "B")
    returned = await refund(order, {"B": 2}, shipping_of="B")
    await hear(order.captured(), order.shipped("B"), returned)
    refund_id = UUID(str(returned.payload["refund_id"]))
    await update("refund", refund_id, state="failed")

    await hear(Heard("refund.failed", returned.payload))

    assert await posted(f"refund_returned:{refund_id}") == {"1120": 4297, "2020": -4297}
    assert await posted() == {"1120": 10260, "2010": -5963, "2020": -4297}


async def test_a_day_is_counted_in_utc() -> None:
    order = await place()
    evening = datetime(2026, 3, 2, 20, 30, tzinfo=timezone(timedelta(hours=-5)))

    await hear(Heard("payment.captured", order.captured().payload, evening))

    assert await connection().fetchval("SELECT effective_date FROM ledger_transaction") == date(
        2026, 3, 3
    )
