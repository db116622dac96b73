"""The marketplace's own money goes to its bank by a button: over HTTP to the sandbox."""

from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from tests.back_office.finance.desk import FINANCE, hidden_in, offers, said, send
from tests.paying.world import Paying
from tests.payments.world import a_world

pytestmark = pytest.mark.anyio

OWN = f"{FINANCE}/payouts/own"


async def test_what_was_seen_is_paid_by_an_accountant(
    app: Starlette, accountant: httpx.AsyncClient, approver: httpx.AsyncClient, tmp_path: Path
) -> None:
    silent = (await accountant.get(OWN)).text
    async with a_world(tmp_path) as world:
        shop = Paying(world)
        await shop.daily()
        await shop.earn([await shop.vendor()])
        unasked, app.state.connect_gateway = app.state.connect_gateway, world.connect

        seen = await accountant.get(OWN)
        ours = int(hidden_in(seen, OWN)["amount"])
        seen_by_approver = (await approver.get(OWN)).text
        more = await said(accountant, await send(accountant, OWN, page=OWN, amount=ours + 1))
        paid = await said(accountant, await send(accountant, OWN, page=OWN))
        app.state.connect_gateway = unasked

        [drawn] = (await world.sandbox.client.v1.payouts.list_async({})).data

    assert "The payment provider does not answer" in silent
    assert ours == drawn.amount
    assert not offers(seen_by_approver, OWN)
    assert "cannot be paid out" in more
    assert "is asked for." in paid
    assert "Nothing to pay out" in paid
