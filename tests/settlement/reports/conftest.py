"""One marketplace where a lot has happened, built once and only read."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace_runtime.embedded.services import RunningServices
from marketplace_runtime.orm import connected
from tests.conftest import Database
from tests.settlement.reports.mixed import Mixed, paid

NAME = "souk_reports"


@dataclass(frozen=True, slots=True)
class PaidMarketplace:
    database: Database
    mixed: Mixed


@pytest.fixture(scope="session")
async def paid_marketplace(services: RunningServices, template: Database) -> PaidMarketplace:
    services.ensure_database(NAME, template=template.name)
    database = Database(
        NAME,
        template.url.replace(template.name, NAME),
        template.owner_url.replace(template.name, NAME),
    )
    async with connected(database.url), transaction(SYSTEM):
        mixed = await paid()
    return PaidMarketplace(database, mixed)


@pytest.fixture
async def books(paid_marketplace: PaidMarketplace) -> AsyncIterator[Mixed]:
    """Read it as often as you like; never write."""
    async with connected(paid_marketplace.database.url):
        yield paid_marketplace.mixed
