"""The worker: nothing doubled, nothing lost, whoever dies."""

import asyncio
import signal
from collections.abc import Callable

import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.outbox import recording
from tests.outbox.recorded import NOW
from tests.worker.conftest import Surroundings
from tests.worker.ringing import (
    _end_of,
    all_are_done,
    effects,
    forget_everything,
    ring,
    some_are_done,
    until,
)

pytestmark = pytest.mark.anyio
Around = Callable[..., Surroundings]


async def test_the_worker_takes_every_event_to_each_of_its_consumers(around: Around) -> None:
    here = around()
    await ring(50)

    with here.worker():
        await until(all_are_done, here.log)

    assert (await effects("rang"), await effects("called")) == (50, 50)


async def test_a_worker_killed_in_the_middle_doubles_nothing_and_loses_nothing(
    around: Around,
) -> None:
    here = around()
    await ring(100)

    for _ in range(2):
        with here.worker():
            before = await effects("rang")

            async def goes_on(before: int = before) -> bool:
                return await effects("rang") >= before + 10

            await until(goes_on, here.log)
    with here.worker():
        await until(all_are_done, here.log)

    assert (await effects("rang"), await effects("called")) == (100, 100)


async def test_a_wiped_valkey_doubles_nothing_and_loses_nothing(around: Around) -> None:
    here = around()
    await ring(200)

    with here.worker() as worker:
        await until(some_are_done, here.log)
        await forget_everything(here.redis_url)
        await ring(50)
        await until(all_are_done, here.log)
        assert worker.poll() is None

    assert (await effects("rang"), await effects("called")) == (250, 250)


async def test_a_slow_provider_of_money_does_not_delay_orders(around: Around) -> None:
    here = around()
    async with transaction(SYSTEM):
        for _ in range(20):
            await recording.record_unstreamed("bell.paid", {}, now=NOW)
    await ring(20)

    async def orders_are_done() -> bool:
        return await effects("rang") == 20

    with here.worker():
        await until(orders_are_done, here.log)
        slept = await effects("slept")
        await until(all_are_done, here.log)

    assert slept < 20
    assert await effects("slept") == 20


async def test_two_workers_share_the_work(around: Around) -> None:
    here = around()
    await ring(100)

    with here.worker(), here.worker():
        await until(all_are_done, here.log)

    assert (await effects("rang"), await effects("called")) == (100, 100)


async def test_a_worker_told_to_end_ends_within_seconds_and_leaves_its_work_whole(
    around: Around,
) -> None:
    here = around()
    await ring(100)
    with here.worker() as worker:
        await until(some_are_done, here.log)

        worker.send_signal(signal.SIGTERM)
        code = await asyncio.to_thread(worker.wait, 10)

    assert code == 0, _end_of(here.log)
    with here.worker():
        await until(all_are_done, here.log)
    assert (await effects("rang"), await effects("called")) == (100, 100)
