"""`souk doctor`"""

import typer


def doctor() -> None:
    """Look at everything Souk needs, and say what to do about what is not well.

    Python, binaries, the home, the environment, the database with its roles and migrations,
    Valkey, mail, Stripe, and the marketplace's clock. Exits with 1 when something is not well.

    **Examples**

    * `souk doctor` beside a running `souk up`
    * `set -a; . ./.env; set +a; souk doctor` for services of your own
    """
    import asyncio
    import os
    import sys

    from rich.console import Console
    from rich.table import Table

    from marketplace_runtime import diagnosing
    from marketplace_runtime.borrowing import settings_of_a_command

    with settings_of_a_command() as settings:
        found = asyncio.run(diagnosing.findings(settings, os.environ))

    table = Table("", "what", "found", "what to do", box=None, pad_edge=False)
    for finding in found:
        mark = "[green]well[/]" if finding.is_well else "[red]ILL[/]"
        table.add_row(
            mark, finding.subject, finding.said, "" if finding.is_well else finding.remedy
        )
    # A program reads a finding a line; only a person's window has an edge.
    width = None if sys.stdout.isatty() else 10_000
    Console(width=width).print(table)
    raise typer.Exit(code=0 if all(finding.is_well for finding in found) else 1)
