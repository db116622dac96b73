"""Start, tell and end the processes of `killed`."""

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from tests.conftest import Database
from tests.paying.world import Paying
from tests.payments.world import address

ROOT = Path(__file__).resolve().parents[2]
_REACHED = re.compile(r'failpoints\.reach\("(payouts\.[a-z_]+)"\)')


def failpoints_of_payouts() -> list[str]:
    """Every place between two steps where a payout run can be killed, as the source has them."""
    sources = sorted((ROOT / "settlement" / "payouts").glob("*.py"))
    return [name for path in sources for name in _REACHED.findall(path.read_text())]


@dataclass
class Runs:
    """Runs of payouts in processes of their own, against a test's database and sandbox."""

    server: asyncio.subprocess.Process
    shop: Paying
    database: Database

    async def run(
        self, batch_id: UUID, *, failpoint: str | None = None, processes: int = 1
    ) -> list[int]:
        """What they ended with."""
        told = {
            "failpoint": failpoint,
            "processes": processes,
            "batch_id": str(batch_id),
            "now": self.shop.world.now.isoformat(),
            "database_url": self.database.url,
            "api_base": address(self.shop.world.sandbox),
        }
        assert self.server.stdin is not None
        assert self.server.stdout is not None
        self.server.stdin.write(json.dumps(told).encode() + b"\n")
        await self.server.stdin.drain()
        answer = await asyncio.wait_for(self.server.stdout.readline(), timeout=30)
        ended: list[int] = json.loads(answer)
        return ended


@asynccontextmanager
async def runs_of(shop: Paying, database: Database) -> AsyncIterator[Runs]:
    server = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.paying.killed",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(["platform", "."])},
    )
    try:
        yield Runs(server, shop, database)
    finally:
        assert server.stdin is not None
        server.stdin.close()
        await server.wait()
