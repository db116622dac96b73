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
) -> None:
    """Catch mail: an SMTP server that keeps each message and sends nothing on.

    `souk up` runs one. In development the web shows what it caught at /dev/mail.

    **Examples**

    * `souk mailbox`
    * `souk mailbox --port 2525`
    """
    import asyncio

    from marketplace_runtime.embedded.home import open_home
    from marketplace_runtime.errors import PortTaken
    from marketplace_runtime.mailbox.catching import catch

    async def listen() -> None:
        directory = open_home(home).mail
        try:
            server = await catch(directory, host=host, port=port)
        except OSError as error:
            raise PortTaken(
                f"The mailbox cannot listen on {host}:{port}: {error.strerror}."
            ) from None
        typer.echo(f"catching mail on smtp://{host}:{port} into {directory}")
        async with server:
            await server.serve_forever()

    asyncio.run(listen())
