"""`souk states`"""

from pathlib import Path
from typing import Annotated

import typer


def states(
    check: Annotated[
        bool, typer.Option("--check", help="Only compare; exit with 1 when the page is stale.")
    ] = False,
    path: Annotated[Path, typer.Option(help="The page to write.")] = Path("docs/states.md"),
) -> None:
    """Draw every state machine into docs/states.md, from the tables that the code moves by.

    **Examples**

    * `souk states` after a change of states
    * `souk states --check` as part of `make check`
    """
    from marketplace_runtime.drawing import states_document

    drawn = states_document()
    if not check:
        path.write_text(drawn)
        typer.echo(f"{path} is drawn.")
        return
    if not path.exists() or path.read_text() != drawn:
        typer.echo(f"{path} is stale: run `souk states`.", err=True)
        raise typer.Exit(1)
    typer.echo(f"{path} is current.")
