"""Processes that run payouts and are killed at a failpoint: python -m tests.paying.killed.

One of them is started, reads what it needs, and forks a process for each line it is told: that
costs milliseconds instead of a second. A line is JSON: where to die, and what to run.
"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.kit import failpoints
from marketplace_runtime.orm import connected
from settlement.connected.stripe_connect import StripeConnect
from settlement.payouts import paying
from tests.stripe_sandbox.running import KEY

FAILED = 1


def main() -> None:
    for line in sys.stdin:
        told = json.loads(line)
        pids = [_fork(told) for _ in range(told["processes"])]
        ended = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
        sys.stdout.write(json.dumps(ended) + "\n")
        sys.stdout.flush()


def _fork(told: Mapping[str, Any]) -> int:
    pid = os.fork()
    if pid == 0:
        status = FAILED
        try:
            failpoints.arm(told["failpoint"], is_production=False)
            asyncio.run(_run(told))
            status = 0
        finally:
            os._exit(status)
    return pid


async def _run(told: Mapping[str, Any]) -> None:
    now = datetime.fromisoformat(told["now"])
    gateway = StripeConnect(api_key=KEY, api_base=told["api_base"], timeout_seconds=5)
    async with connected(told["database_url"], pool_size=4):
        await paying.pay_batch(batch_id=UUID(told["batch_id"]), gateway=gateway, now=now)
        await paying.carry_on_due(gateway=gateway, now=now)
    await gateway.close()


if __name__ == "__main__":
    main()
