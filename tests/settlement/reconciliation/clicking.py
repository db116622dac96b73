"""A break worked on where finance works on it: found in the queue, settled on its page."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import httpx

from marketplace.kit.principal import StaffRole
from settlement.reconciliation.run_models import Remedy
from tests.back_office.conftest import hire, marketplace
from tests.back_office.finance.differences import RECONCILIATION
from tests.back_office.finance.pages import post
from tests.marketplace_web.conftest import PASSWORD, browser_for
from tests.marketplace_web.doors import sign_in
from tests.settlement.reconciliation.desk import Desk

_LISTED = re.compile(r">([A-Z]\d) ·")


async def settle(desk: Desk, remedy: Remedy, *, against: str = "") -> None:
    """The only one in the queue: proposed by one person, agreed to by another if it is much."""
    [found] = await desk.breaks()
    at, wanted = f"{RECONCILIATION}/breaks/{found.id}", f"{remedy}:{against}"
    async with _at_the_pages(desk) as (accountant, approver):
        queue = await accountant.get(RECONCILIATION)
        assert _LISTED.findall(queue.text) == [found.code], queue.text
        assert f'value="{wanted}"' in (await accountant.get(at)).text
        proposed = await post(accountant, f"{at}/proposals", remedy=wanted, note="as seen")
        assert proposed.status_code == 303, proposed.text
        if "Approve and do it" in (await approver.get(at)).text:
            approved = await post(approver, f"{at}/approval")
            assert approved.status_code == 303, approved.text


@asynccontextmanager
async def _at_the_pages(
    desk: Desk,
) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    """An accountant and an approver, on the clock that the provider and its bank share."""

    async def now() -> datetime:
        return desk.world.now

    app = marketplace(now)
    async with browser_for(app) as accountant, browser_for(app) as approver:
        hired = ((accountant, StaffRole.ACCOUNTANT), (approver, StaffRole.APPROVER))
        for browser, role in hired:
            await sign_in(browser, await hire(role), PASSWORD, face="/back-office")
        yield accountant, approver
