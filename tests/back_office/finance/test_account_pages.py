"""A vendor's account at the provider, from its page: over HTTP to the sandbox, as it runs."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from settlement.connected.models import ConnectedAccount
from tests.back_office.finance.busy import named
from tests.back_office.finance.desk import FINANCE, offers, said, send
from tests.payments.world import World, a_world

pytestmark = pytest.mark.anyio


@pytest.fixture
async def world(
    app: Starlette, accountant: httpx.AsyncClient, tmp_path: Path
) -> AsyncIterator[World]:
    async with a_world(tmp_path) as world:
        silent, app.state.connect_gateway = app.state.connect_gateway, world.connect
        yield world
        app.state.connect_gateway = silent


async def test_an_account_is_opened_once_and_its_link_is_shown(
    world: World, accountant: httpx.AsyncClient
) -> None:
    vendor_id = await named("Norra Textil", 0, connected=False)
    vendor = f"{FINANCE}/vendors/{vendor_id}"

    first = await said(accountant, await send(accountant, f"{vendor}/account"))
    again = await send(accountant, f"{vendor}/account")
    linked = await send(accountant, f"{vendor}/onboarding")

    assert "The account is opened." in first
    assert "The provider asks for" in first
    assert not offers(first, f"{vendor}/account")
    assert again.status_code == 303
    assert linked.status_code == 200
    assert "Send this to the vendor." in linked.text
    assert '<code class="breakable">http' in linked.text
    async with transaction(SYSTEM, read_only=True):
        [account] = await ConnectedAccount.filter(vendor_id=vendor_id)
    assert account.provider_account_id is not None


async def test_without_an_account_there_is_no_link(
    world: World, accountant: httpx.AsyncClient
) -> None:
    vendor = f"{FINANCE}/vendors/{await named('Norra Textil', 0, connected=False)}"

    assert (await send(accountant, f"{vendor}/onboarding")).status_code == 404
