"""The provider's books are read whole, once, and on from where it broke off."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import pytest

from marketplace.payments.gateway import OutcomeUnknown
from settlement.reconciliation import pulling
from settlement.reconciliation.provider_books import BookedPayout, BookLine, Held
from tests.payments.world import OVER_HTTP
from tests.settlement.reconciliation import happenings
from tests.settlement.reconciliation.desk import Desk

pytestmark = OVER_HTTP
LINES = "SELECT count(*) FROM provider_transaction"
CURSORS = "SELECT count(*) FROM pull_cursor"


class BreakingOff:
    """The provider's books, which close after so many lines."""

    def __init__(self, desk: Desk, lines: int) -> None:
        self.books = desk.books
        self.left = lines

    async def lines(
        self, account: str | None, *, created_from: datetime | None
    ) -> AsyncIterator[BookLine]:
        async for line in self.books.lines(account, created_from=created_from):
            if self.left == 0:
                raise OutcomeUnknown("silence")
            self.left -= 1
            yield line

    def payouts(
        self, account: str | None, *, created_from: datetime | None
    ) -> AsyncIterator[BookedPayout]:
        return self.books.payouts(account, created_from=created_from)

    async def balance(self, account: str | None) -> Sequence[Held]:
        return await self.books.balance(account)

    async def close(self) -> None:
        await self.books.close()


async def test_each_account_is_read_with_what_its_lines_are_about(desk: Desk) -> None:
    vendor_id = await desk.pay_out()

    assert await desk.pull() == 4

    rows = await desk.world.rows(
        "SELECT type, vendor_id, related_id LIKE 'tr_%' AS is_of_transfer FROM provider_transaction"
        " ORDER BY type"
    )
    assert [tuple(row) for row in rows] == [
        ("charge", None, None),
        ("payment", vendor_id, True),
        ("payout", vendor_id, None),
        ("transfer", None, None),
    ]
    assert await desk.world.value(CURSORS) == 2


async def test_reading_again_and_beside_oneself_keeps_each_line_once(desk: Desk) -> None:
    await happenings.settled_sale(desk)

    counts = await asyncio.gather(desk.pull(), desk.pull())

    assert sum(counts) == 1
    assert await desk.pull() == 0
    assert await desk.world.value(LINES) == 1


async def test_what_breaks_off_is_read_again_from_the_same_place(desk: Desk) -> None:
    await happenings.settled_sale(desk)
    await desk.world.sandbox.door("fees", amount=1_00)

    with pytest.raises(OutcomeUnknown):
        await pulling.pull(gateway=BreakingOff(desk, 1), now=desk.world.now)

    assert await desk.world.value(CURSORS) == 0
    await desk.pull()
    assert await desk.world.value(LINES) == 2


async def test_a_line_that_shows_up_late_is_still_read(desk: Desk) -> None:
    await desk.world.sandbox.fault("balance_transaction_late", seconds=3600)
    await desk.sell()
    assert await desk.pull() == 0
    await desk.pass_days(2)

    assert await desk.pull() == 1


async def test_an_account_that_was_disconnected_is_not_asked_about(desk: Desk) -> None:
    await desk.pay_out()
    await desk.as_owner("UPDATE connected_account SET state = 'disconnected'")

    assert await desk.pull() == 2

    rows = await desk.world.rows("SELECT account FROM pull_cursor")
    assert [row["account"] for row in rows] == ["platform"]
