"""What `souk route` prints: a decision, a simulation, an agreement."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from marketplace.kit import clock
from marketplace.kit.errors import DomainError
from marketplace.kit.principal import SYSTEM
from marketplace.routing import agreement, queries, simulating
from marketplace.routing.models import RoutingSimulation
from marketplace.routing.queries import KeptDecision, ListedRules
from marketplace_runtime.errors import RuntimeRefusal
from marketplace_runtime.orm import connected

VERDICTS = {"won": "won", "lost": "lost", "stands_by": "stands by", "out": "out"}


async def explain(database_url: str, number: str, *, screen: Console) -> None:
    async with connected(database_url):
        try:
            found = await queries.decision(principal=SYSTEM, number=number)
        except DomainError as refused:
            raise RuntimeRefusal(f"{number}: {refused.message}") from refused
    _show(found, screen)


async def explain_drawn(database_url: str, *, wanted: int, seed: str, screen: Console) -> None:
    """Some decisions that the seed draws, each as `explain` tells it."""
    async with connected(database_url):
        found = await queries.drawn(principal=SYSTEM, seed=seed, most=wanted)
    if not found:
        raise RuntimeRefusal("nothing was decided yet")
    for decision in found:
        _show(decision, screen)
        screen.print()


def _show(found: KeptDecision, screen: Console) -> None:
    screen.print(
        f"{found.number}: {found.cause}, by version {found.version} “{found.rules_name}”,"
        f" {found.decided_at:%Y-%m-%d %H:%M} UTC"
    )
    for line in found.lines:
        screen.print(f"\n{line['quantity']} of {line['sku']}")
        taken = found.taken.get(line["line_id"])
        screen.print(_candidates(line, taken, found.sellers))
    if found.shadow_id is not None:
        screen.print(f"\nThe version beside it {_beside(found)}.")


def _beside(found: KeptDecision) -> str:
    """What the version beside it came to."""
    if found.shadow_agrees:
        return "agrees"
    other = []
    for line in found.lines:
        wanted = found.shadow_chosen.get(line["line_id"])
        for one in line["candidates"]:
            if one["stock_id"] == wanted and one["verdict"] != "won":
                other.append(f"{line['sku']} from {one['location_name']}")
    return f"would have sent {' and '.join(other)}" if other else "would have sent nothing"


def _candidates(line: Mapping[str, Any], taken: str | None, sellers: Mapping[str, str]) -> Table:
    table = Table("seller", "location", "verdict", "why", "penalties", box=None)
    for one in line["candidates"]:
        is_taken = ", taken" if one["stock_id"] == taken else ""
        penalties = ", ".join(f"{name} {value}" for name, value in one["penalties"].items())
        table.add_row(
            sellers.get(one["vendor_id"], one["vendor"]), one["location_name"],
            VERDICTS[one["verdict"]] + is_taken, one["detail"], penalties,
        )  # fmt: skip
    return table


async def simulate(
    database_url: str, *, channel: str, version: int | None, wanted: int, screen: Console
) -> None:
    """Start a simulation and work it off here, unless a worker is faster."""
    async with connected(database_url):
        rules = await _found(channel, version)
        try:
            simulation_id = await simulating.start(
                principal=SYSTEM, rule_set_id=rules.id, wanted=wanted, now=await clock.now()
            )
        except DomainError as refused:
            raise RuntimeRefusal(refused.message) from refused
        done = await _worked_off(simulation_id, screen)
    same = agreement.Figures(done.done, done.done - done.differing)
    screen.print(
        f"version {rules.version} “{rules.name}”: {done.differing} of {done.done} decisions"
        f" would be others; {same}"
    )
    for difference in done.differences:
        for line in difference["lines"]:
            screen.print(
                f"  {difference['sub_order']} {line['sku']}: {line['was']} → {line['would_be']}"
            )


async def _worked_off(simulation_id: UUID, screen: Console) -> RoutingSimulation:
    columns = TextColumn("decisions"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=screen, transient=True) as bar:
        task = bar.add_task("", total=None)
        while True:
            found = await queries.simulation(principal=SYSTEM, simulation_id=simulation_id)
            bar.update(task, completed=found.done, total=found.wanted)
            if found.finished_at is not None:
                return found
            await simulating.work_off(now=await clock.now())


async def shadow(database_url: str, *, channel: str, version: int | None, screen: Console) -> None:
    async with connected(database_url):
        rules = await _found(channel, version)
        whole = await queries.rule_set(principal=SYSTEM, rule_set_id=rules.id)
    if whole.figures is None:
        raise RuntimeRefusal(f"version {rules.version} has not run in shadow")
    screen.print(
        f"version {rules.version} “{rules.name}”: {whole.figures};"
        f" {whole.rules.needed_percent} percent are needed before it may decide"
    )
    for number, _ in whole.disagreed:
        screen.print(f"  {number}: otherwise")


async def _found(channel: str, version: int | None) -> ListedRules:
    there = [rules for rules in await queries.rule_sets(principal=SYSTEM) if rules.code == channel]
    if not there:
        raise RuntimeRefusal(f"there is no channel {channel!r}")
    for rules in there:
        if version in (None, rules.version):
            return rules
    raise RuntimeRefusal(f"channel {channel} has no version {version}")
