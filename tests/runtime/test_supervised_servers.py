import asyncio
import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from marketplace_runtime.embedded.home import holder, open_home
from marketplace_runtime.embedded.postgres import Postgres
from marketplace_runtime.embedded.servers import Server
from marketplace_runtime.embedded.valkey import Valkey
from marketplace_runtime.errors import RuntimeRefusal
from marketplace_runtime.supervising.logs import LogConsole, Logs
from marketplace_runtime.supervising.parts import serving_data
from marketplace_runtime.supervising.supervisor import Supervisor
from tests.runtime import processes
from tests.runtime.test_supervisor import eventually


@pytest.mark.parametrize("victim", ["postgres", "valkey-server"])
def test_a_killed_server_comes_back_with_its_data(home: Path, victim: str) -> None:
    souk = open_home(home)
    servers: tuple[Server, Server] = (Postgres(souk), Valkey(souk))

    async def story() -> None:
        supervisor = Supervisor(Logs(souk.logs, console=LogConsole(file=io.StringIO())))
        await supervisor.start(*map(serving_data, servers))
        try:
            first = processes.the_one(home, victim)
            os.kill(first, signal.SIGKILL)
            assert await eventually(lambda: back(first))
        finally:
            await supervisor.stop()

    async def back(first: int) -> bool:
        ready = [await asyncio.to_thread(server.is_ready) for server in servers]
        return all(ready) and first not in processes.of_home(home)

    asyncio.run(story())

    assert processes.of_home(home) == {}


SUPERVISED = """
import asyncio, sys
from pathlib import Path
from marketplace_runtime.embedded.home import holding, open_home
from marketplace_runtime.embedded.postgres import Postgres
from marketplace_runtime.embedded.valkey import Valkey
from marketplace_runtime.supervising.logs import Logs
from marketplace_runtime.supervising.parts import Part, at_once, serving_data
from marketplace_runtime.supervising.supervisor import Supervisor

home = open_home(Path(sys.argv[1]))
sleeper = Part("sleeper", lambda: ["sh", "-c", f"cd {home.path}; exec sleep 60"], at_once)

async def main():
    supervisor = Supervisor(Logs(home.logs))
    await supervisor.start(serving_data(Postgres(home)), serving_data(Valkey(home)), sleeper)
    print("all up", flush=True)
    await supervisor.watch()

with holding(home):
    asyncio.run(main())
"""


def test_killing_the_supervisor_leaves_no_process_and_the_home_free(home: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SUPERVISED, str(home)],
        env={**os.environ, "PYTHONPATH": processes.PYTHONPATH},
        stdout=subprocess.PIPE,
        text=True,
    ) as supervisor:
        assert supervisor.stdout is not None
        assert any(line == "all up\n" for line in supervisor.stdout)
        assert len(processes.of_home(home)) > 3
        assert holder(open_home(home)) == supervisor.pid

        supervisor.kill()

    assert processes.eventually(lambda: processes.of_home(home) == {})
    assert holder(open_home(home)) is None


def test_a_server_that_cannot_start_again_ends_the_watch_with_the_reason(home: Path) -> None:
    souk = open_home(home)

    async def story() -> None:
        supervisor = Supervisor(Logs(souk.logs, console=LogConsole(file=io.StringIO())))
        try:
            await supervisor.start(serving_data(Postgres(souk)))
            (souk.postgres / "PG_VERSION").write_text("15\n")
            os.kill(processes.the_one(home, "postgres"), signal.SIGKILL)
            await asyncio.wait_for(supervisor.watch(), 20)
        finally:
            await supervisor.stop()

    with pytest.raises(RuntimeRefusal, match="was made by PostgreSQL 15, and Souk runs 18"):
        asyncio.run(story())
