"""A whole marketplace on one machine: which parts, in which order, and where to find them."""

import asyncio
import signal
import sys

from marketplace_runtime.embedded import databases
from marketplace_runtime.errors import RuntimeRefusal
from marketplace_runtime.supervising.logs import Logs
from marketplace_runtime.supervising.parts import (
    Part,
    ReadyCheck,
    Step,
    answers_at,
    at_once,
    greets_at,
    serving_data,
)
from marketplace_runtime.supervising.planning import DATABASE, Plan, local, remember
from marketplace_runtime.supervising.ports import Listening
from marketplace_runtime.supervising.supervisor import Supervisor

HEALTH_PATH = "/health"
# The worker has no door to knock at; a broken one ends while it starts.
WORKER_SETTLES_SECONDS = 1.0


async def run(plan: Plan, logs: Logs, *, has_history: bool = False) -> None:
    """Bring everything up, say so, and keep it up until a signal asks for the end.

    `has_history` gives a demo marketplace that is planted now a past.

    Refuses when a part cannot be started; by then all others are ended again.
    """
    supervisor = Supervisor(logs)
    asked_to_end = _end_on_signals(supervisor)
    working = asyncio.create_task(_bring_up_and_watch(plan, supervisor, logs, has_history))
    ending = asyncio.create_task(asked_to_end.wait())
    try:
        await asyncio.wait([working, ending], return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
        logs.say("\nending")
    finally:
        ending.cancel()
        working.cancel()
        await asyncio.wait([working])
        await supervisor.stop()
        logs.close()


async def _bring_up_and_watch(
    plan: Plan, supervisor: Supervisor, logs: Logs, has_history: bool
) -> None:
    sign_ins = await bring_up(plan, supervisor, has_history=has_history)
    remember(plan)
    for line in [*sign_ins, *_ports_that_moved(plan)]:
        logs.say(line)
    logs.say(f"ready: {' · '.join(f'{name} {url}' for name, url in addresses(plan).items())}")
    await supervisor.watch()


async def bring_up(plan: Plan, supervisor: Supervisor, *, has_history: bool = False) -> list[str]:
    """Servers, then migrations, then all that needs the tables side by side.

    A history comes before them: while it is lived through, nobody else may look at the clock.
    Gives what the seed said: how to sign in.
    """
    servers = [server for server in (plan.postgres, plan.valkey) if server is not None]
    await supervisor.start(*map(serving_data, servers))
    if plan.postgres is not None:
        await asyncio.to_thread(databases.ensure_roles, plan.postgres)
        await asyncio.to_thread(databases.ensure_database, plan.postgres, DATABASE)
    await supervisor.run(_step(plan, "migrate"))
    if has_history and plan.postgres is not None and plan.ports.sandbox is not None:
        await supervisor.run(Step("seed", souk("seed", "--history", "--quiet"), plan.environment))
    try:
        async with asyncio.TaskGroup() as beside:
            beside.create_task(supervisor.start(*stand_ins(plan), *our_own(plan)))
            seeding = beside.create_task(_seeded(plan, supervisor))
    except* RuntimeRefusal as refusals:
        refusal = refusals
    else:
        return seeding.result()
    raise refusal.exceptions[0]


async def _seeded(plan: Plan, supervisor: Supervisor) -> list[str]:
    if plan.postgres is None:
        return []  # a database that somebody else keeps is theirs to fill
    # Said when all is ready, where it is not lost between the lines of the others.
    return await supervisor.run(_step(plan, "seed", on_console=False))


def our_own(plan: Plan) -> list[Part]:
    """The web and the worker."""
    web = plan.ports.web
    worker = Part(
        "worker",
        lambda: souk("worker"),
        at_once,
        plan.environment,
        settle_seconds=WORKER_SETTLES_SECONDS,
    )
    health = f"http://{local(plan.settings.host)}:{web.port}{HEALTH_PATH}"
    return [_listening(plan, "web", web, answers_at(health)), worker]


def stand_ins(plan: Plan) -> list[Part]:
    """What plays Stripe and the mail server here, unless the environment names real ones."""
    here, parts = local(plan.settings.host), []
    if plan.ports.sandbox is not None:
        ready = answers_at(f"http://{here}:{plan.ports.sandbox.port}/_sandbox/")
        parts.append(_listening(plan, "sandbox", plan.ports.sandbox, ready))
    if plan.ports.mailbox is not None:
        ready = greets_at(here, plan.ports.mailbox.port)
        parts.append(_listening(plan, "mailbox", plan.ports.mailbox, ready))
    return parts


def _listening(plan: Plan, command: str, on: Listening, is_ready: ReadyCheck) -> Part:
    descriptor = on.socket.fileno()
    return Part(
        command,
        lambda: souk(command, "--descriptor", str(descriptor)),
        is_ready,
        plan.environment,
        sockets=(descriptor,),
    )


def addresses(plan: Plan) -> dict[str, str]:
    base = plan.settings.base_url
    found = {
        "storefront API": f"{base}/graphql",
        "vendor portal": f"{base}/portal/",
        "back office": f"{base}/back-office/",
    }
    if plan.ports.mailbox is not None:
        found["mail"] = f"{base}/dev/mail"
    if plan.ports.sandbox is not None:
        found["Stripe sandbox"] = f"{plan.settings.stripe_api_base}/_sandbox/"
    return found


def souk(*arguments: str) -> list[str]:
    """This very program again, whichever way it was installed."""
    return [sys.executable, "-m", "marketplace_runtime", *arguments]


def _step(plan: Plan, command: str, *, on_console: bool = True) -> Step:
    return Step(command, souk(command), plan.environment, on_console)


def _ports_that_moved(plan: Plan) -> list[str]:
    ports = plan.ports
    named = {"web": ports.web, "Stripe sandbox": ports.sandbox, "mailbox": ports.mailbox}
    return [
        f"port {listening.usual} is taken: {name} uses {listening.port}"
        for name, listening in named.items()
        if listening is not None and listening.moved
    ]


def _end_on_signals(supervisor: Supervisor) -> asyncio.Event:
    """The first request ends everything in order, a second one at once."""
    asked = asyncio.Event()

    def ask() -> None:
        if asked.is_set():
            supervisor.kill()
        asked.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, ask)
    return asked
