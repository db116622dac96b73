"""A run: collect, compare, keep what was found, do what needs no person."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from marketplace.kit.errors import InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.locks import hold
from marketplace.kit.principal import SYSTEM, Principal
from marketplace.kit.transactions import connection, transaction
from settlement import access
from settlement.reconciliation import (
    automatic,
    booking,
    collecting,
    comparing,
    facts,
    keeping_runs,
    rules,
)
from settlement.reconciliation.facts import Inputs
from settlement.reconciliation.keeping_runs import Compared
from settlement.reconciliation.outcomes import Link, Results

logger = logging.getLogger(__name__)

Tell = Callable[[str, int], Awaitable[None]]

STEPS = (
    "platform payouts booked", "lines to compare", "matches", "differences", "settled by rule",
)  # fmt: skip

TRIES = 3  # against other runs beside this one
_LAST = "SELECT coalesce(max(number), 0) FROM reconciliation_run"
_KEPT = "SELECT inputs, rules, results_hash FROM reconciliation_run WHERE id = $1"
# A later run that was acted on has found again all that an earlier one had left to do.
_UNFINISHED = """
    SELECT id, inputs FROM reconciliation_run run WHERE rules = $1
        AND NOT EXISTS (SELECT 1 FROM reconciliation_act WHERE run_id = run.id)
        AND NOT EXISTS (SELECT 1 FROM reconciliation_run later
            JOIN reconciliation_act ON run_id = later.id
            WHERE later.number > run.number AND later.until >= run.until)
    ORDER BY number
"""
_ACTED = """
    INSERT INTO reconciliation_act (run_id, done, acted_at) VALUES ($1, $2, $3)
    ON CONFLICT DO NOTHING
"""


class RunsCollide(Exception):
    """Other runs finished while this one looked, again and again."""


@dataclass(frozen=True, slots=True)
class Rerun:
    """The hash that was kept and the one that came out now; equal, or something is wrong."""

    kept: str
    found: str

    @property
    def is_same(self) -> bool:
        return self.kept == self.found


async def run(
    *,
    principal: Principal,
    until: date,
    now: datetime,
    asked_by: str | None = None,
    tell: Tell | None = None,
) -> UUID:
    """Compare the books up to the end of a day, UTC; the id of the run. For accountants.

    Keeps its inputs, matches, breaks and proofs in one transaction, then does what needs no
    person. A run beside another one looks again. `tell` hears each of STEPS and how much it was;
    `asked_by` is who asked, where the principal does it for somebody. Refuses a day that has not
    come: by then everything on its way would be late.
    """
    check(principal, until, now)
    say = tell or _nobody
    platform, lines, matches, differences, settled = STEPS
    async with transaction(SYSTEM):
        await hold("platform payouts")
        await say(platform, await booking.book_platform_payouts(now=now))
    for _ in range(TRIES):
        seen, inputs = await _collect(until)
        await say(lines, len(inputs.items))
        # Nothing but arithmetic: in a thread, so that a worker's other work goes on.
        compared = await asyncio.to_thread(Compared.of, inputs)
        await say(matches, len(compared.results.matches))
        run_id = await _keep(compared, seen, asked_by or principal.key, now)
        if run_id is not None:
            await say(differences, len(compared.results.findings))
            await say(settled, await _act(run_id, compared.results.links, now))
            return run_id
    raise RunsCollide


def check(principal: Principal, until: date, now: datetime) -> None:
    """Refuses who may not reconcile, and a day that has not come."""
    access.check_accountant(principal, "reconcile")
    if until > now.astimezone(UTC).date():
        raise InvalidInput("until", "it has not come yet", "today or earlier")


async def carry_on(*, now: datetime) -> int:
    """Do what needs no person for runs that stopped before it; how many. Safe beside itself.

    One that breaks again does not keep the next day from being reconciled.
    """
    async with transaction(SYSTEM, read_only=True) as inside:
        rows = await inside.fetch(_UNFINISHED, rules.VERSION)
    done = 0
    for row in rows:
        try:
            results = await asyncio.to_thread(_compared, row["inputs"])
            await _act(row["id"], results.links, now)
        except Exception:
            logger.exception("reconciliation run %s could not be carried on", row["id"])
        else:
            done += 1
    return done


async def rerun(*, principal: Principal, run_id: UUID) -> Rerun:
    """Do a run again from the inputs it kept, changing nothing.

    Refuses NotFound, and a run by earlier rules: today's would find other things.
    """
    access.check_viewer(principal, "see reconciliation")
    async with transaction(principal, read_only=True) as inside:
        row = await inside.fetchrow(_KEPT, run_id)
    if row is None:
        raise NotFound("run")
    if row["rules"] != rules.VERSION:
        raise InvalidInput(
            "run", f"it went by rules {row['rules']}", f"a run by today's rules, {rules.VERSION}"
        )
    results = comparing.compare(facts.unpack(row["inputs"]))
    return Rerun(kept=row["results_hash"], found=facts.hash_of(results))


def _compared(inputs: bytes) -> Results:
    return comparing.compare(facts.unpack(inputs))


async def _act(run_id: UUID, links: Sequence[Link], now: datetime) -> int:
    """All of it with its mark, in one transaction: a run that stops here is carried on."""
    async with transaction(SYSTEM):
        done = await automatic.act(run_id=run_id, links=links, now=now)
        await connection().execute(_ACTED, run_id, done, now)
    return done


async def _collect(until: date) -> tuple[int, Inputs]:
    """What is there at one moment, and the last run that it knows of."""
    async with transaction(SYSTEM, isolation="REPEATABLE READ", read_only=True) as inside:
        last: int = await inside.fetchval(_LAST)
        # Row security hides from the planner that all rows will be read; it would loop over them.
        await inside.execute("SET LOCAL enable_nestloop = off")
        return last, await collecting.collect(until)


async def _keep(compared: Compared, seen: int, started_by: str, now: datetime) -> UUID | None:
    """The run's id, or None where another one was kept meanwhile."""
    async with transaction(SYSTEM):
        await hold("reconciliation run")
        if await connection().fetchval(_LAST) != seen:
            return None
        run_id = new_id(now)
        await keeping_runs.keep(compared, run_id=run_id, started_by=started_by, now=now)
        return run_id


async def _nobody(step: str, count: int) -> None:
    """Heard by nobody."""
