"""`souk check`"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from settlement.invariants.check import Check, Violation


def check(
    database: Annotated[
        str, typer.Option(help="Another database of the embedded server, such as souk_replay.")
    ] = "souk",
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object instead of lines, for programs.")
    ] = False,
) -> None:
    """Look whether every invariant holds: sums, stock, payments, ledger, histories, promises.

    Reads one moment of the database and changes nothing; it may run beside everything else.
    Prints a line for each check and each violation; ends with 1 when something is violated.

    **Examples**

    * `souk check`
    * `souk check --database souk_replay` after a replay
    * `souk check --json`
    """
    import asyncio
    import json
    from dataclasses import asdict

    from marketplace_runtime import checking
    from marketplace_runtime.borrowing import settings_of_a_command

    with settings_of_a_command(database=database) as settings:
        tell = None if as_json else _say
        report = asyncio.run(checking.check(settings.database_url, tell=tell))
    if as_json:
        typer.echo(json.dumps({**asdict(report), "violated": report.violated}, indent=2))
    else:
        typer.echo(report.summary)
    if report.violated:
        raise typer.Exit(1)


def _say(check: Check, found: Sequence[Violation]) -> None:
    """A line for a check, and one for each thing that is wrong."""
    typer.echo(f"{'✗' if found else '✓'} {check.name}: {check.sentence}")
    for violation in found:
        typer.echo(f"    {violation.subject}: {violation.detail}")
