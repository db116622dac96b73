"""A worker's tick in a process of its own: python -m tests.sla.ticking DATABASE NOW [FAILPOINT]."""

import asyncio
import os
import sys
from datetime import datetime
from pathlib import Path

from marketplace.kit import failpoints
from marketplace.orders import deadlines
from marketplace_runtime.orm import connected

ROOT = Path(__file__).resolve().parents[2]


async def tick(database_url: str, now: datetime) -> None:
    """Until nothing is due any more."""
    async with connected(database_url, pool_size=2):
        while await deadlines.work_off(now=now):
            pass


async def in_a_process(database_url: str, now: datetime, failpoint: str = "") -> int:
    """What it ended with."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.sla.ticking", database_url, now.isoformat(), failpoint,
        cwd=ROOT, env={**os.environ, "PYTHONPATH": os.pathsep.join(["platform", "."])},
    )  # fmt: skip
    return await process.wait()


if __name__ == "__main__":
    failpoints.arm(sys.argv[3], is_production=False)
    asyncio.run(tick(sys.argv[1], datetime.fromisoformat(sys.argv[2])))
