"""The marketplace's own worker, with all it does."""

import asyncio
import signal
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from marketplace.checkout.placing import PAY_WITHIN
from marketplace.kit import clock
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.orders import releasing
from marketplace.orders.models import SubOrder
from marketplace.orders.states import SubOrderState
from marketplace_runtime.embedded.databases import APP, OWNER, ensure_roles
from marketplace_runtime.embedded.home import holding, open_home
from marketplace_runtime.embedded.postgres import Postgres
from marketplace_runtime.embedded.services import RunningServices, spawned
from marketplace_runtime.embedded.valkey import Valkey
from marketplace_runtime.migrating import migrate
from marketplace_runtime.orm import connected
from tests.factories import NOON, make_offer, make_order, make_vendor, stock_of
from tests.notifications.catching import catching
from tests.worker.conftest import Surroundings
from tests.worker.ringing import (
    _end_of,
    all_are_done,
    effects,
    ring,
    some_are_done,
    undone,
    until,
)

pytestmark = pytest.mark.anyio
Around = Callable[..., Surroundings]


async def test_the_marketplaces_own_worker_mails_vendors_and_cancels_what_is_not_paid(
    around: Around,
) -> None:
    here = around()
    vendor = await make_vendor(name="Kiln & Co")
    mug, bowl = await make_offer(vendor=vendor, sku="mug"), await make_offer(sku="bowl", on_hand=3)
    paid, unpaid = await make_order({mug.id: 1}), await make_order({bowl.id: 2}, key="another")
    async with transaction(SYSTEM):
        await releasing.release(order_id=paid, now=NOON)
    await clock.advance(NOON + PAY_WITHIN + timedelta(seconds=1))

    async def is_cancelled() -> bool:
        async with transaction(SYSTEM, read_only=True):
            sub_order = await SubOrder.get(order_id=unpaid)
        return sub_order.state is SubOrderState.CANCELLED and await undone() == 0

    async with catching() as mail:
        settings = {
            "SOUK_DATABASE_URL": here.database_url,
            "SOUK_REDIS_URL": here.redis_url,
            "SOUK_SECRET_KEY": "a secret of at least thirty-two characters",
            "SOUK_STRIPE_API_KEY": "sk_test_none",
            "SOUK_STRIPE_API_BASE": "http://127.0.0.1:9",
            "SOUK_STRIPE_WEBHOOK_SECRET": "whsec_none",
            "SOUK_SMTP_URL": mail.url,
        }
        with here.worker("tests.worker.whole", settings=settings) as worker:
            await until(is_cancelled, here.log)
            worker.send_signal(signal.SIGTERM)
            code = await asyncio.to_thread(worker.wait, 10)

    assert code == 0, _end_of(here.log)
    assert [message["To"] for message in mail.received] == [vendor.email]
    assert await stock_of(bowl.id) == (3, 0)


async def test_the_worker_outlives_both_servers(tmp_path: Path, anyio_backend: str) -> None:
    home = open_home(tmp_path / "home")
    postgres, valkey = Postgres(home, durable=True), Valkey(home, durable=True)
    started: list[subprocess.Popen[bytes]] = []

    async def start(server: Postgres | Valkey) -> subprocess.Popen[bytes]:
        process = spawned(server, home.logs / f"{server.name}.log")
        started.append(process)
        while not server.is_ready():
            if process.poll() is not None:
                process = spawned(server, home.logs / f"{server.name}.log")
                started.append(process)
            await asyncio.sleep(0.1)
        return process

    with holding(home):
        try:
            database, queue = await start(postgres), await start(valkey)
            ensure_roles(postgres)
            running = RunningServices(home, postgres, valkey)
            running.ensure_database("souk")
            await migrate(running.database_url("souk", role=OWNER), APP)
            url = running.database_url("souk")
            here = Surroundings(url, running.redis_url, tmp_path / "worker.log")
            async with connected(url):
                await ring(150)
                with here.worker() as worker:
                    await until(some_are_done, here.log)
                    queue.kill()
                    queue.wait()
                    await asyncio.sleep(0.5)
                    await start(valkey)
                    database.kill()
                    database.wait()
                    await start(postgres)
                    await ring(50)
                    await until(all_are_done, here.log)
                    assert worker.poll() is None
                assert (await effects("rang"), await effects("called")) == (200, 200)
        finally:
            for process in started:
                process.send_signal(signal.SIGINT)
                process.wait(20)
