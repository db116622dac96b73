"""The Stripe sandbox of this installation: which keys, which books, whose clock."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
from starlette.applications import Starlette

from marketplace.kit import clock
from marketplace_runtime.embedded.home import Home, open_home
from marketplace_runtime.settings import Settings
from storefront_api import stripe_webhooks
from stripe_sandbox.app import create_app
from stripe_sandbox.config import SandboxConfig


def sandbox_app(settings: Settings, *, public_url: str) -> Starlette:
    config = SandboxConfig(
        data_file=books_of(open_home(settings.home)),
        secret_key=settings.stripe_api_key.get_secret_value(),
        webhook_url=settings.base_url + stripe_webhooks.PATH,
        webhook_secret=settings.stripe_webhook_secret.get_secret_value(),
        public_url=public_url,
    )
    return create_app(config, clock=DatabaseClock(settings.database_url))


def books_of(home: Home) -> Path:
    """The file with the sandbox's books; its directory is there, the file may not be yet."""
    home.sandbox.mkdir(mode=0o700, exist_ok=True)
    return home.sandbox / "stripe.sqlite3"


@dataclass
class DatabaseClock:
    """The marketplace's time for a process that needs nothing else of its database."""

    database_url: str
    _pool: Any = field(default=None, repr=False)

    async def __call__(self) -> datetime:
        if self._pool is None:
            # Lazily: a pool belongs to the event loop that runs when it is made.
            self._pool = asyncpg.create_pool(self.database_url, min_size=0, max_size=2)
        return await clock.read(await self._pool)
