import asyncio
import contextlib
import io
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from marketplace_runtime.embedded.home import open_home
from marketplace_runtime.supervising.logs import LogConsole, Logs
from marketplace_runtime.supervising.parts import Part, Step, at_once
from marketplace_runtime.supervising.supervisor import PartFailed, Supervisor
from tests.runtime import processes


def shell(name: str, script: str, *, settle_seconds: float = 0.0) -> Part:
    return Part(name, lambda: ["sh", "-c", script], at_once, settle_seconds=settle_seconds)


@asynccontextmanager
async def supervising(home: Path) -> AsyncIterator[tuple[Supervisor, io.StringIO]]:
    seen = io.StringIO()
    logs = Logs(open_home(home).path, console=LogConsole(file=seen, width=200))
    supervisor = Supervisor(logs)
    try:
        yield supervisor, seen
    finally:
        await supervisor.stop()
        logs.close()


async def eventually(holds: Callable[[], Awaitable[bool]]) -> bool:
    for _ in range(400):
        if await holds():
            return True
        await asyncio.sleep(0.05)
    return False


def test_what_a_part_says_is_on_the_console_with_its_name_and_in_its_file(home: Path) -> None:
    async def story() -> str:
        async with supervising(home) as (supervisor, seen):
            await supervisor.start(shell("talker", "echo one; echo two >&2; exec sleep 60"))
            assert await eventually(lambda: said("two"))
        return seen.getvalue()

    async def said(word: str) -> bool:
        path = home / "talker.log"
        return path.exists() and word in path.read_text()

    seen = asyncio.run(story())

    assert "talker   │ one\n" in seen
    assert (home / "talker.log").read_text() == "one\ntwo\n"


def test_a_killed_part_is_started_again_and_said_to_be(home: Path) -> None:
    async def story() -> str:
        async with supervising(home) as (supervisor, seen):
            await supervisor.start(shell("sleeper", "exec sleep 60"))
            first = supervisor.pid("sleeper")
            assert first is not None

            os.kill(first, signal.SIGKILL)

            assert await eventually(lambda: another(supervisor, first))
        return seen.getvalue()

    async def another(supervisor: Supervisor, first: int) -> bool:
        return supervisor.pid("sleeper") not in {None, first}

    assert "souk     │ sleeper was ended by SIGKILL; again in 0.1 s" in asyncio.run(story())


def test_a_part_that_never_comes_up_is_refused_with_its_last_words(home: Path) -> None:
    async def story() -> None:
        async with supervising(home) as (supervisor, _):
            await supervisor.start(
                shell("healthy", "exec sleep 60"),
                shell("broken", "echo no such table; exit 3", settle_seconds=1),
            )

    with pytest.raises(PartFailed) as refusal:
        asyncio.run(story())

    assert str(refusal.value) == (
        f"broken ended with status 3 and does not start; {home}/broken.log ends: "
        "no such table / no such table / no such table"
    )


def test_a_program_that_does_not_exist_ends_the_start_instead_of_hanging_it(home: Path) -> None:
    async def story() -> None:
        async with supervising(home) as (supervisor, _):
            await supervisor.start(Part("ghost", lambda: ["/nowhere/ghost"], at_once))

    with pytest.raises(FileNotFoundError):
        asyncio.run(story())


def test_a_step_gives_what_it_said_and_a_failing_one_is_refused(home: Path) -> None:
    async def story() -> list[str]:
        async with supervising(home) as (supervisor, _):
            said = await supervisor.run(Step("greet", ["echo", "hello"], os.environ))
            with pytest.raises(PartFailed, match=r"fail ended with status 4.*ends: oh no"):
                await supervisor.run(Step("fail", ["sh", "-c", "echo oh no; exit 4"], os.environ))
            return said

    assert asyncio.run(story()) == ["hello"]


def test_stopping_ends_a_part_that_ignores_the_request_and_all_it_started(home: Path) -> None:
    stubborn = f"cd {home}; trap '' TERM; sleep 61 & sleep 62 & echo up; wait; wait"

    async def story() -> None:
        async with supervising(home) as (supervisor, _):
            await supervisor.start(
                Part("stubborn", lambda: ["sh", "-c", stubborn], at_once, stop_seconds=0.2)
            )
            assert await eventually(is_up)

    async def is_up() -> bool:
        return len(processes.of_home(home)) == 3

    asyncio.run(story())

    assert processes.of_home(home) == {}


def test_a_console_nobody_reads_does_not_keep_a_part_from_being_started_again(home: Path) -> None:
    read_end, write_end = os.pipe()
    os.set_inheritable(read_end, False)
    stuck = LogConsole(file=os.fdopen(write_end, "w"), width=200)
    chatter = "while :; do echo 'nobody listens to this long, long line'; done"

    async def story() -> None:
        logs = Logs(open_home(home).path, console=stuck)
        supervisor = Supervisor(logs)
        try:
            await supervisor.start(shell("chatter", f"{chatter} & exec sleep 60"))
            await asyncio.sleep(1)
            first = supervisor.pid("chatter")
            assert first is not None
            os.kill(first, signal.SIGKILL)
            assert await eventually(lambda: another(supervisor, first))
        finally:
            await supervisor.stop()
            os.close(read_end)
            logs.close()

    async def another(supervisor: Supervisor, first: int) -> bool:
        return supervisor.pid("chatter") not in {None, first}

    asyncio.run(story())
    with contextlib.suppress(BrokenPipeError):
        stuck.file.close()


def test_servers_are_stopped_after_the_parts_that_use_them(home: Path) -> None:
    def leaving(name: str, *, lock: Path | None = None) -> Part:
        script = f"trap 'echo {name} >> {home}/order; exit' TERM; echo up; sleep 60 & wait"
        return Part(name, lambda: ["sh", "-c", script], at_once, lock=lock, settle_seconds=0.3)

    async def story() -> None:
        async with supervising(home) as (supervisor, _):
            await supervisor.start(leaving("database", lock=home / "database.lock"))
            await supervisor.start(leaving("web"))

    asyncio.run(story())

    assert (home / "order").read_text().split() == ["web", "database"]
