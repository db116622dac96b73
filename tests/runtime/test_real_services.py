"""Several webs and workers on services of their own, as docker-compose.yml runs them."""

import asyncio
import re
import signal
import subprocess
import sys
from contextlib import ExitStack
from typing import Any

import asyncpg
import httpx
import pytest

from marketplace_runtime.mailbox import keeping
from marketplace_runtime.seeding.demo import PASSWORD
from tests.journeys import buying
from tests.journeys.buying import Shop
from tests.journeys.following import OPEN, SET_ASIDE
from tests.marketplace_web import doors
from tests.runtime import processes
from tests.runtime.real_services import PATIENCE, RealServices, answers, real_services
from tests.vendor_portal.desks import HIDDEN

pytestmark = pytest.mark.anyio

EARNED = "SELECT count(*) FROM ledger_transaction WHERE kind = 'earning'"


async def test_an_order_goes_through_two_webs_and_two_workers_on_real_services() -> None:
    with real_services() as services, ExitStack() as running:
        services.run("migrate")
        for service in ("sandbox", "mailbox", "worker", "worker", "web"):
            running.enter_context(services.running(service))
        second = running.enter_context(
            services.running("web", SOUK_HOST=services.hosts["second-web"])
        )
        assert "planted the demo marketplace" in services.run("seed")
        webs = [
            f"http://{host}:8000" for host in (services.hosts["web"], services.hosts["second-web"])
        ]
        wait_for(*(f"{web}/health" for web in webs))
        wait_for(f"http://{services.hosts['sandbox']}:8001/_sandbox/")

        await buy(*webs)
        await caught_up(services)
        await ship(*webs)
        await caught_up(services)

        assert await rows(services, EARNED) == [(1,)]
        caught = keeping.latest(services.directory / "home-mailbox" / "mail", to="ana@example.com")
        assert len(caught) == 2  # confirmed, and shipped
        services.run_health_check("worker")
        second.terminate()
        assert second.wait(5) in {0, -signal.SIGTERM}
        assert answers(f"{webs[0]}/health")
        assert_all_well(services)
        homes = {home.name for home in services.directory.glob("home-*")}
        assert homes == {"home-sandbox", "home-mailbox"}  # the others keep nothing on disk


async def buy(placed_at: str, paid_at: str) -> None:
    async with at(placed_at) as one, at(paid_at) as other:
        mug = await buying.offer_of(Shop(one), "Kiln & Co", "Stoneware mug", "Chalk")
        order = await buying.place(Shop(one), {mug: 1}, email="ana@example.com")
        assert (await buying.pay(Shop(other), order, "pm_card_visa"))["state"] == "CAPTURED"


async def ship(signed_in_at: str, worked_at: str) -> None:
    """With the session that the other web gave."""
    async with at(signed_in_at) as one, at(worked_at) as other:
        await doors.sign_in(one, "mara@kiln.example", PASSWORD)
        other.cookies.update(dict(one.cookies))
        worklist = await other.get("/portal/")
        [page] = set(re.findall(r'href="(/portal/sub-orders/[0-9a-f-]+)"', worklist.text))
        await submit(other, page, "acceptance", answer="accept")
        [line] = re.findall(r'name="(send-[0-9a-f-]+)"', (await other.get(page)).text)
        parcel = {"carrier": "DHL", "tracking_number": "KILN-1", line: "1"}
        await submit(other, page, "shipments", **parcel)


async def submit(browser: httpx.AsyncClient, page: str, what: str, **fields: str) -> None:
    hidden = dict(HIDDEN.findall((await browser.get(page)).text))
    answer = await browser.post(f"{page}/{what}", data=hidden | fields)
    assert answer.status_code == 303, answer.text


def at(web: str) -> httpx.AsyncClient:
    """As a browser, which says from where it posts."""
    return httpx.AsyncClient(
        base_url=web, headers={"Origin": web}, trust_env=False, timeout=PATIENCE
    )


async def caught_up(services: RealServices) -> None:
    async with asyncio.timeout(PATIENCE):
        while await rows(services, OPEN) != [(0,)]:
            assert await rows(services, SET_ASIDE) == []
            await asyncio.sleep(0.1)


async def rows(services: RealServices, query: str) -> list[tuple[Any, ...]]:
    """As the owner of the tables, who sees all."""
    address = services.environment("migrate")["SOUK_OWNER_DATABASE_URL"]
    connection = await asyncpg.connect(address)
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


def wait_for(*addresses: str) -> None:
    assert processes.eventually(
        lambda: all(answers(address) for address in addresses), seconds=PATIENCE
    ), addresses


def assert_all_well(services: RealServices) -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "marketplace_runtime", "check"],
        env=services.environment("migrate"), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.stdout.rstrip().endswith(" 0 violated"), checked.stdout + checked.stderr
