"""A replay from its files to its figures."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx
import uvloop
from rich.console import Console
from tortoise.exceptions import DBConnectionError

from marketplace.payments.gateway import ProviderError
from marketplace.payments.stripe_gateway import StripeGateway
from marketplace_runtime.migrating import migrate
from marketplace_runtime.orm import connected
from marketplace_runtime.replaying import figures, preparing, progress, telling, varying
from marketplace_runtime.replaying.databases import Target, replay_database
from marketplace_runtime.replaying.driving import Driver
from marketplace_runtime.replaying.errors import ReplayRefused
from marketplace_runtime.replaying.exclusive import alone
from marketplace_runtime.replaying.figures import Figures
from marketplace_runtime.replaying.planning import Entry, Plan, make_plan
from marketplace_runtime.replaying.reading import read_history
from marketplace_runtime.replaying.reconciling import Auditor
from marketplace_runtime.replaying.steps import Steps
from marketplace_runtime.replaying.stripe_process import KEY, StripeProcess, stripe_process
from marketplace_runtime.replaying.treasury import Treasury
from marketplace_runtime.replaying.varying import Variation
from settlement.connected.stripe_connect import StripeConnect
from settlement.reconciliation.stripe_books import StripeBooks

POOL_SIZE = 4
# What a server's end looks like from here: refused, reset, shut down, its socket away.
_GONE = (
    ConnectionError,
    FileNotFoundError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InterfaceError,
    # The server's last words, between two statements, leave the driver in a state of its own.
    asyncpg.InternalClientError,
    DBConnectionError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person asked for on the command line."""

    directory: Path
    home: Path
    limit: int | None = None
    varied: Variation = field(default_factory=Variation)
    bent_file: Path | None = None
    is_dry: bool = False
    is_fresh: bool = False
    database_url: str | None = None
    owner_database_url: str | None = None


def replay(asked: Asked, console: Console) -> Figures | None:
    """Replay a history, or go on with it; a dry run reads and checks all and answers nothing.

    Refuses broken rows with all their places (BrokenHistory) before anything is written.
    """
    asked.varied.check()
    plan = make_plan(read_history(asked.directory), limit=asked.limit)
    if not plan.orders:
        raise ReplayRefused(f"{asked.directory} has no orders; nothing to replay.")
    console.print(telling.summary(plan), highlight=False)
    if plan.bent:
        console.print(telling.table_of(plan.bent))
    if asked.is_dry:
        if asked.bent_file is not None:
            telling.write_bent(plan.bent, asked.bent_file)
        return None
    with replay_database(
        asked.home,
        url=asked.database_url,
        owner_url=asked.owner_database_url,
        is_fresh=asked.is_fresh,
    ) as target:
        bent_file = asked.bent_file or target.bent_file
        telling.write_bent(plan.bent, bent_file)
        if plan.bent:
            console.print(f"each of them: {bent_file}", highlight=False, soft_wrap=True)
        try:
            asyncio.run(migrate(target.owner_url, target.role))
            log = target.home.logs / f"{target.name}-stripe.log"
            with stripe_process(target.url, data_file=target.stripe_file, log=log) as stripe:
                return uvloop.run(_run(plan, asked.varied, target, stripe, console))
        # A lost database shows itself by many types; anything else goes on as it was raised.
        except Exception as error:
            gone = _gone(error)
            if isinstance(error, ReplayRefused) or gone is None:
                raise
            raise ReplayRefused(
                f"the database is gone ({type(gone).__name__}: {gone}). What was done is kept: "
                "run the same command again to go on."
            ) from error


def _gone(error: BaseException | None) -> BaseException | None:
    """What lies below: undoing a transaction on a lost connection fails in ways of its own."""
    while error is not None and not isinstance(error, _GONE):
        error = error.__cause__ or error.__context__
    return error


async def _run(
    plan: Plan, varied: Variation, target: Target, stripe: StripeProcess, console: Console
) -> Figures:
    try:
        async with alone(target.url), connected(target.url, pool_size=POOL_SIZE):
            await preparing.prepare(plan, varied)
            entries = plan.timeline()
            done = await progress.load_done()
            left = [entry for entry in entries if not done.is_done(entry, plan)]
            behind = len(entries) - len(left)
            total = len(entries) + len(plan.sellers)
            with telling.progress(console, total=total, done=behind) as advance:
                await _drive(plan, left, done.order_ids, stripe, advance)
            if (agreed := await varying.agreement()) is not None:
                console.print(agreed, highlight=False)
            return await figures.compute()
    except (ReplayRefused, ProviderError, httpx.HTTPError) as refused:
        if stripe.is_running:
            raise
        raise ReplayRefused(
            f"the replay's Stripe sandbox has ended, its log is {stripe.log}. "
            "Run the same command again to go on."
        ) from refused


async def _drive(
    plan: Plan,
    entries: list[Entry],
    order_ids: dict[str, UUID],
    stripe: StripeProcess,
    advance: Callable[[int], None],
) -> None:
    gateway = StripeGateway(api_key=KEY, api_base=stripe.url)
    connect = StripeConnect(api_key=KEY, api_base=stripe.url)
    books = StripeBooks(api_key=KEY, api_base=stripe.url)
    try:
        steps = Steps(plan, await progress.load_shop(plan), order_ids, gateway)
        async with httpx.AsyncClient(base_url=stripe.url) as sandbox:
            treasury = Treasury(connect, sandbox)
            await treasury.connect(now=preparing.opens_at(plan), advance=advance)
            settled_at = await Driver(plan, steps, treasury).drive(entries, advance=advance)
            await Auditor(treasury, books).close_the_books(ended_at=settled_at)
    finally:
        await books.close()
        await connect.close()
        await gateway.close()
