"""`python -m tests.orders.life 500`: other lives each time, on a database of their own."""

import asyncio
import sys
import tempfile
from pathlib import Path

from marketplace_runtime.embedded.databases import APP, OWNER
from marketplace_runtime.embedded.services import EmbeddedServices
from marketplace_runtime.migrating import migrate
from tests.orders.life.playing import play

NAME = "souk_lives"


def main(lives: int) -> None:
    with (
        tempfile.TemporaryDirectory() as home,
        EmbeddedServices(Path(home), durable=False).running() as services,
    ):
        services.ensure_database(NAME)
        asyncio.run(migrate(services.database_url(NAME, role=OWNER), APP))
        play(services.database_url(NAME, role=APP), lives=lives, is_random=True)
    sys.stdout.write(f"{lives} lives, every rule held\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
