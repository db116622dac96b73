import asyncio
import contextlib
import random
from contextlib import suppress

import asyncpg
import pytest
from asyncpg import PostgresError
from tortoise.connection import get_connections

from marketplace.accounts.models import Vendor
from marketplace.catalog.models import Channel, Offer
from marketplace.kit.principal import SYSTEM, Kind, Principal
from marketplace.kit.transactions import (
    connection,
    elevated,
    fetch_value_alone,
    one_connection,
    reading_alone,
    transaction,
)
from tests.conftest import Database
from tests.factories import make_channel, make_offer

pytestmark = [pytest.mark.anyio]


async def test_four_hundred_cancellations_lose_no_connection(committed_db: Database) -> None:
    async def trivial() -> None:
        async with transaction(SYSTEM) as inside:
            await inside.fetchval("SELECT pg_sleep(0.001)")

    chance = random.Random(7)
    for _ in range(400):
        task = asyncio.create_task(trivial())
        await asyncio.sleep(chance.random() * 0.004)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    client = get_connections().get("default")
    pool = client._pool
    for _ in range(200):
        if pool.get_idle_size() == pool.get_size():
            break
        await asyncio.sleep(0.01)
    assert pool.get_idle_size() == pool.get_size()


@pytest.mark.usefixtures("committed_db")
async def test_one_connection_serves_all_that_is_sent_inside_and_goes_back() -> None:
    who = "SELECT pg_backend_pid()"
    async with one_connection():
        async with reading_alone() as alone:
            first = await alone.fetchval(who)
        async with transaction(SYSTEM) as inside:
            second = await inside.fetchval(who)
        with pytest.raises(PostgresError):
            await fetch_value_alone("SELECT 1 / 0")
        third = await fetch_value_alone(who)

    assert first == second == third
    pool = get_connections().get("default")._pool
    assert pool.get_idle_size() == pool.get_size()


@pytest.mark.usefixtures("committed_db")
async def test_an_inner_failure_undoes_the_inner_part_only() -> None:
    async with transaction(SYSTEM):
        await make_channel(code="kept")
        with pytest.raises(ZeroDivisionError):
            await _make_then_fail()

    async with transaction(SYSTEM, read_only=True):
        assert [channel.code for channel in await Channel.all()] == ["kept"]


@pytest.mark.usefixtures("committed_db")
async def test_a_lost_connection_is_told_as_what_it_was_and_the_next_one_works() -> None:
    with pytest.raises((asyncpg.AdminShutdownError, asyncpg.ConnectionDoesNotExistError)):
        async with transaction(SYSTEM) as inside:
            await inside.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    async with transaction(SYSTEM, read_only=True) as inside:
        assert await inside.fetchval("SELECT 1") == 1


@pytest.mark.usefixtures("committed_db")
async def test_a_refusal_survives_the_loss_of_its_connection() -> None:
    with pytest.raises(ZeroDivisionError):
        await _lose_the_connection_then_fail()


async def _lose_the_connection_then_fail() -> None:
    async with transaction(SYSTEM) as inside:
        with contextlib.suppress(asyncpg.PostgresError):
            await inside.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        await asyncio.sleep(0.05)  # until the driver has read the end of the connection
        raise ZeroDivisionError


@pytest.mark.usefixtures("committed_db")
async def test_a_hidden_failure_does_not_pass_for_a_commit() -> None:
    with pytest.raises(AssertionError, match="nothing was written"):
        await _hide_a_failure()


async def _hide_a_failure() -> None:
    async with transaction(SYSTEM) as inside:
        with suppress(PostgresError):
            await inside.execute("SELECT 1 / 0")


async def _make_then_fail() -> None:
    async with transaction(SYSTEM):
        await make_channel(code="gone")
        raise ZeroDivisionError


@pytest.mark.usefixtures("committed_db")
async def test_a_vendor_sees_its_own_rows_only_even_without_a_where() -> None:
    mine, theirs = await make_offer(), await make_offer(sku="lamp")
    me = Principal(Kind.VENDOR, id=mine.id, vendor_id=mine.vendor_id)

    async with transaction(me):
        assert [offer.id for offer in await Offer.all()] == [mine.id]
        assert [vendor.id for vendor in await Vendor.all()] == [mine.vendor_id]
        assert await Offer.filter(id=theirs.id).update(price_minor=1) == 0


@pytest.mark.usefixtures("committed_db")
async def test_the_platforms_own_part_of_a_vendors_operation_ends_with_its_block() -> None:
    mine, _ = await make_offer(), await make_offer(sku="lamp")

    async with transaction(Principal(Kind.VENDOR, id=mine.id, vendor_id=mine.vendor_id)):
        async with elevated():
            assert await Offer.all().count() == 2
        assert await Offer.all().count() == 1


@pytest.mark.usefixtures("committed_db")
async def test_a_connection_without_a_scope_sees_no_vendor_at_all() -> None:
    await make_offer()

    assert await Offer.all().count() == 0


async def test_a_scope_does_not_outlive_its_transaction(committed_db: Database) -> None:
    async with transaction(SYSTEM):
        assert await connection().fetchval("SELECT current_setting('souk.scope')") == "all"
    client = get_connections().get("default")
    async with client._pool.acquire() as plain:
        assert not await plain.fetchval("SELECT current_setting('souk.scope', true)")
