"""A run that stopped is carried on, and one that cannot be keeps nobody from the next."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time, timedelta

import pytest
from asyncpg import PostgresError

from settlement.reconciliation import nightly, queries, requested, running
from tests.payments.world import OVER_HTTP
from tests.settlement.people import ACCOUNTANT, VIEWER
from tests.settlement.reconciliation import happenings
from tests.settlement.reconciliation.desk import Desk

pytestmark = OVER_HTTP


@asynccontextmanager
async def dying_at(desk: Desk, kind: str) -> AsyncIterator[None]:
    """Whoever books such a posting meanwhile stops there."""
    await desk.as_owner(
        "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN RAISE EXCEPTION 'the worker is gone'; END $$"
    )
    await desk.as_owner(
        "CREATE TRIGGER die BEFORE INSERT ON ledger_transaction FOR EACH ROW"
        f" WHEN (NEW.kind = '{kind}') EXECUTE FUNCTION die()"
    )
    yield
    await desk.as_owner("DROP TRIGGER die ON ledger_transaction")


async def test_what_a_run_had_left_to_do_when_it_died_is_done_by_the_next_tick(desk: Desk) -> None:
    await happenings.a_fee_of_its_own(desk)
    await desk.pass_days(1)
    async with dying_at(desk, "provider_fee"):
        with pytest.raises(PostgresError, match="gone"):
            await nightly.work_off(books=desk.books, now=desk.world.now)
    assert len(await desk.breaks()) == 1

    assert await nightly.work_off(books=desk.books, now=desk.world.now) == 0

    assert await desk.breaks() == []
    assert await running.carry_on(now=desk.world.now) == 0


async def test_a_run_that_breaks_again_does_not_keep_the_next_day_from_being_reconciled(
    desk: Desk,
) -> None:
    await happenings.a_fee_of_its_own(desk)
    await desk.pass_days(1)
    async with dying_at(desk, "provider_fee"):
        with pytest.raises(PostgresError, match="gone"):
            await nightly.work_off(books=desk.books, now=desk.world.now)
    await desk.as_owner("UPDATE reconciliation_run SET inputs = 'what a bad disk left of them'")
    await desk.pass_days(1)

    assert await running.carry_on(now=desk.world.now) == 0
    assert await nightly.work_off(books=desk.books, now=desk.world.now) == 1

    assert await desk.breaks() == []


async def test_a_payout_that_failed_since_is_not_booked_as_arrived(desk: Desk) -> None:
    await happenings.settled_sale(desk)
    await desk.world.sandbox.door("balance/mature")
    await desk.platform_payout()
    await desk.pass_days(4)
    await desk.statement()
    async with dying_at(desk, "bank"):
        with pytest.raises(PostgresError, match="gone"):
            await desk.reconcile()
    await desk.as_owner("UPDATE provider_payout SET status = 'failed'")

    assert await running.carry_on(now=desk.world.now) == 1

    kinds = await desk.world.rows("SELECT kind FROM ledger_transaction ORDER BY seq DESC LIMIT 1")
    assert [row["kind"] for row in kinds] == ["platform_payout"]


async def test_a_day_is_reconciled_once_it_is_over_and_once(desk: Desk) -> None:
    await happenings.settled_sale(desk)
    now = desk.world.now

    assert await nightly.work_off(books=desk.books, now=now) == 1
    assert await nightly.work_off(books=desk.books, now=now) == 0
    await desk.pass_days(1)
    assert await nightly.work_off(books=desk.books, now=now + timedelta(days=1)) == 1

    latest, first = await queries.runs(principal=VIEWER)
    assert (latest.until - first.until).days == 1
    assert latest.metrics["proven"] == latest.metrics["accounts"]


async def test_a_day_that_was_compared_before_it_was_over_is_compared_again(desk: Desk) -> None:
    await happenings.settled_sale(desk)
    today = desk.world.now.date()
    await requested.ask(principal=ACCOUNTANT, until=today, now=desk.world.now)
    assert await requested.work_off(now=desk.world.now) == 1

    await desk.pass_days(1)
    tomorrow = datetime.combine(today + timedelta(days=1), time(2), UTC)

    assert await nightly.work_off(books=desk.books, now=tomorrow) == 1
    assert [run.until for run in await queries.runs(principal=VIEWER)] == [today, today]


async def test_how_far_a_comparison_came_is_seen_and_one_that_broke_is_asked_for_again(
    desk: Desk,
) -> None:
    await happenings.a_fee_of_its_own(desk)
    await desk.pull()
    now = desk.world.now

    async def ask() -> None:
        await requested.ask(principal=ACCOUNTANT, until=now.date(), now=now)

    await ask()
    [before] = await requested.under_way(principal=VIEWER, now=now)
    async with dying_at(desk, "provider_fee"):
        with pytest.raises(PostgresError, match="gone"):
            await requested.work_off(now=now)
    [broken] = await requested.under_way(principal=VIEWER, now=now)
    await ask()
    assert await requested.work_off(now=now) == 1
    assert await requested.under_way(principal=VIEWER, now=now) == []

    assert (before.begun_at, before.step, before.is_broken) == (None, 0, False)
    assert (broken.begun_at, broken.step, broken.count, broken.is_broken) == (now, 4, 1, True)
    assert [run.started_by for run in await queries.runs(principal=VIEWER)] == [ACCOUNTANT.key] * 2
    assert await desk.breaks() == []


async def test_a_comparison_whose_worker_died_is_begun_anew_by_the_next(desk: Desk) -> None:
    now = desk.world.now
    await requested.ask(principal=ACCOUNTANT, until=now.date(), now=now)
    await desk.as_owner("UPDATE run_request SET begun_at = $1, step = 2", now)

    assert await requested.work_off(now=now) == 0
    assert await requested.work_off(now=now + requested.LEASE + timedelta(seconds=1)) == 1

    assert len(await queries.runs(principal=VIEWER)) == 1
    assert await requested.under_way(principal=VIEWER, now=now) == []
