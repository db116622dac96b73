"""`souk schema`"""

from pathlib import Path
from typing import Annotated

import typer


def schema(
    check: Annotated[
        bool, typer.Option("--check", help="Only compare; exit with 1 when the file is stale.")
    ] = False,
    path: Annotated[Path, typer.Option(help="The file to write.")] = Path("schema.graphql"),
) -> None:
    """Write the storefront's GraphQL schema, as the code makes it, into schema.graphql.

    **Examples**

    * `souk schema` after a change of the storefront API
    * `souk schema --check` as part of `make check`
    """
    from storefront_api.schema import sdl

    made = sdl()
    if not check:
        path.write_text(made)
        typer.echo(f"{path} is written.")
        return
    if not path.exists() or path.read_text() != made:
        typer.echo(f"{path} is stale: run `souk schema`.", err=True)
        raise typer.Exit(1)
    typer.echo(f"{path} is current.")
