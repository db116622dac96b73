"""`souk check`"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from settlement.invariants.check import Check, Violation


def check(
    database: Annotated[
        str | None,
        typer.Option(help="Only this database of the embedded server, such as souk_replay."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object instead of lines, for programs.")
    ] = False,
) -> None:
    """Look whether every invariant holds: sums, stock, payments, ledger, histories, promises.

    Looks at every marketplace of SOUK_HOME, the replayed ones too, or at the one that
    SOUK_DATABASE_URL names. Reads one moment of each and changes nothing; it may run beside
    everything else. Prints a line for each check and each violation; ends with 1 when something
    is violated.

    **Examples**

    * `souk check`
    * `souk check --database souk_replay`
    * `souk check --json`
    """
    from marketplace_runtime.borrowing import settings_of_a_command, settings_of_every_marketplace

    if database is None:
        with settings_of_every_marketplace() as marketplaces:
            violated = _check(
                {name: one.database_url for name, one in marketplaces.items()}, as_json
            )
    else:
        with settings_of_a_command(database=database) as settings:
            violated = _check({database: settings.database_url}, as_json)
    if violated:
        raise typer.Exit(1)


def _check(urls: Mapping[str, str], as_json: bool) -> int:
    """How many checks found something, over all of these databases."""
    import asyncio
    import json
    from dataclasses import asdict

    from marketplace_runtime import checking

    reports = {}
    for name, url in urls.items():
        if not as_json:
            typer.echo(f"{name}:")
        reports[name] = asyncio.run(checking.check(url, tell=None if as_json else _say))
        if not as_json:
            typer.echo(reports[name].summary)
    if as_json:
        typer.echo(json.dumps({name: asdict(report) for name, report in reports.items()}, indent=2))
    return sum(report.violated for report in reports.values())


def _say(check: Check, found: Sequence[Violation]) -> None:
    """A line for a check, and one for each thing that is wrong."""
    typer.echo(f"{'✗' if found else '✓'} {check.name}: {check.sentence}")
    for violation in found:
        typer.echo(f"    {violation.subject}: {violation.detail}")
