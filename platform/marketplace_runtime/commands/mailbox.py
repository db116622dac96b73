"""`souk mailbox`"""

from pathlib import Path
from typing import Annotated

import typer


def mailbox(
    port: Annotated[int, typer.Option(min=1, max=65535, help="The SMTP port.")] = 8025,
    host: Annotated[
        str, typer.Option(envvar="SOUK_HOST", help="The address to listen on.")
    ] = "127.0.0.1",
    home: Annotated[
        Path, typer.Option(envvar="SOUK_HOME", help="Messages go into its folder mail/.")
    ] = Path(".souk"),
    descriptor: Annotated[
        int | None, typer.Option(hidden=True, help="A listening socket that was handed down.")
    ] = None,
) -> None:
    """Catch mail: an SMTP server that keeps each message and sends nothing on.

    `souk up` runs one. In development the web shows what it caught at /dev/mail.

    **Examples**

    * `souk mailbox`
    * `souk mailbox --port 2525`
    """
    import asyncio
    from socket import socket

    from marketplace_runtime.embedded.home import open_home
    from marketplace_runtime.mailbox.catching import catch
    from marketplace_runtime.supervising.ports import listen

    directory = open_home(home).mail
    if descriptor is None:
        listener = listen("the mailbox", host=host, usual=port, asked=port).socket
        typer.echo(f"catching mail on smtp://{host}:{port} into {directory}")
    else:
        listener = socket(fileno=descriptor)

    async def forever() -> None:
        async with await catch(directory, listener=listener) as server:
            await server.serve_forever()

    asyncio.run(forever())
