"""Servers, a migrated database and a stage, for a command or a test."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from marketplace_runtime.embedded.databases import APP, OWNER
from marketplace_runtime.embedded.services import RunningServices
from marketplace_runtime.migrating import migrate
from tests.settlement.simulation.stage import Stage, a_stage

TEMPLATE = "souk_template"


@asynccontextmanager
async def staged(services: RunningServices) -> AsyncIterator[Stage]:
    """A stage on servers that run; the folder is gone afterwards."""
    services.ensure_database(TEMPLATE)
    await migrate(services.database_url(TEMPLATE, role=OWNER), APP)
    with tempfile.TemporaryDirectory() as folder:
        async with a_stage(services, TEMPLATE, Path(folder)) as stage:
            yield stage
