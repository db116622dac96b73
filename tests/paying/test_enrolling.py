"""The demo's vendors can be paid at the sandbox, and nobody else is asked."""

import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace_runtime.seeding import demo, enrolling, planting
from marketplace_runtime.settings import Settings
from settlement.connected.models import AccountState, ConnectedAccount
from tests.conftest import Database
from tests.paying.world import Paying
from tests.payments.world import OVER_HTTP, address
from tests.stripe_sandbox.running import KEY

pytestmark = OVER_HTTP


def settings_at(api_base: str, database: Database) -> Settings:
    return Settings.model_validate(
        {
            "database_url": database.url,
            "redis_url": "redis://localhost:6379/0",
            "secret_key": "x" * 32,
            "stripe_api_key": KEY,
            "stripe_api_base": api_base,
            "stripe_webhook_secret": "whsec_1",
            "smtp_url": "smtp://localhost:25",
        }
    )


@pytest.mark.parametrize("times", [1, 2])
async def test_each_demo_vendor_has_an_account_that_can_be_paid(
    shop: Paying, committed_db: Database, times: int
) -> None:
    now = shop.world.now
    await planting.plant(now=now)
    settings = settings_at(address(shop.world.sandbox), committed_db)

    for _ in range(times):
        assert await enrolling.enroll(settings, now=now) == len(demo.VENDORS)

    async with transaction(SYSTEM):
        accounts = await ConnectedAccount.all()
    assert {account.state for account in accounts} == {AccountState.ENABLED}
    assert len({account.provider_account_id for account in accounts}) == len(demo.VENDORS)


async def test_without_a_sandbox_nobody_is_enrolled(shop: Paying, committed_db: Database) -> None:
    await planting.plant(now=shop.world.now)

    settings = settings_at("http://127.0.0.1:9", committed_db)

    assert await enrolling.enroll(settings, now=shop.world.now) == 0
    async with transaction(SYSTEM):
        assert await ConnectedAccount.all().count() == 0
