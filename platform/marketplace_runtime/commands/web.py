"""`souk web`"""

from typing import Annotated

import typer


def web(
    descriptor: Annotated[
        int | None, typer.Option(hidden=True, help="A listening socket that was handed down.")
    ] = None,
) -> None:
    """Serve the storefront API, the vendor portal, the back office and the tracking pages.

    Listens on SOUK_HOST and SOUK_PORT and holds no state of its own: run as many as you like,
    behind a proxy that ends TLS. Without SOUK_DATABASE_URL it works on the embedded database of
    SOUK_HOME.

    **Examples**

    * `souk web`
    * `SOUK_PORT=8100 souk web` for a second one beside it
    """
    from marketplace_runtime.borrowing import settings_of_a_command
    from marketplace_runtime.reporting import report_to_stderr
    from marketplace_runtime.serving import serve
    from marketplace_runtime.web import create_app

    report_to_stderr()
    with settings_of_a_command() as settings:
        app = create_app(settings)
        serve(app, host=settings.host, port=settings.port, descriptor=descriptor)
