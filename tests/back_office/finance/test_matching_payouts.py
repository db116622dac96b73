"""A payout that was given up and exists at the provider, on its page: over HTTP to the sandbox."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from settlement.payouts.models import PayoutState
from tests.back_office.finance.desk import FINANCE, offers, said, send
from tests.paying.test_matching import arrives_late, given_up
from tests.paying.world import Paying
from tests.payments.world import a_world

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(
    app: Starlette, accountant: httpx.AsyncClient, tmp_path: Path
) -> AsyncIterator[Paying]:
    async with a_world(tmp_path) as world:
        shop = Paying(world)
        await shop.daily()
        yield shop


async def test_it_is_not_tried_again_before_it_is_matched(
    app: Starlette, shop: Paying, accountant: httpx.AsyncClient, approver: httpx.AsyncClient
) -> None:
    payout = await given_up(shop)
    late = await arrives_late(shop, payout)
    page = f"{FINANCE}/payouts/one/{payout.id}"

    silent = await said(accountant, await send(accountant, f"{page}/attempts"))
    unasked, app.state.connect_gateway = app.state.connect_gateway, shop.world.connect
    refused = await said(accountant, await send(accountant, f"{page}/attempts", page=page))
    seen_by_approver = await approver.get(page)
    matched = await said(accountant, await send(accountant, f"{page}/match"))
    app.state.connect_gateway = unasked

    assert "The payment provider does not answer" in silent
    assert f"It exists at the provider as {late}. Match it first." in refused
    assert not offers(refused, f"{page}/attempts")
    assert not offers(seen_by_approver, f"{page}/match")
    assert not offers(seen_by_approver, f"{page}/cancellation")
    assert "It is matched" in matched
    assert "Found at the provider, and matched" in matched
    assert (await shop.payout(payout.vendor_id)).state is PayoutState.SENT
