"""`souk sandbox`"""

from typing import Annotated

import typer


def sandbox(
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port of its API.")] = 8001,
    public_url: Annotated[
        str | None, typer.Option(help="The address that shoppers' browsers reach it under.")
    ] = None,
    descriptor: Annotated[
        int | None, typer.Option(hidden=True, help="A listening socket that was handed down.")
    ] = None,
) -> None:
    """Stand in for Stripe: the same HTTP, books of its own, no real money.

    It lives by the marketplace's clock, keeps its books in SOUK_HOME, sends signed webhooks to
    SOUK_BASE_URL, and checks itself against Stripe's own API description. `souk up` runs one.

    **Examples**

    * `souk sandbox`
    * `souk sandbox --port 9001`
    """
    from marketplace_runtime.borrowing import settings_of_a_command
    from marketplace_runtime.reporting import report_to_stderr
    from marketplace_runtime.sandboxing import sandbox_app
    from marketplace_runtime.serving import serve

    report_to_stderr()
    with settings_of_a_command() as settings:
        here = f"http://{settings.host}:{port}"
        reached = here if descriptor is None else settings.stripe_api_base
        app = sandbox_app(settings, public_url=public_url or reached)
        serve(app, host=settings.host, port=port, descriptor=descriptor)
