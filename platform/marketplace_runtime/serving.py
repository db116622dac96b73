"""An ASGI application on a port, until a signal asks for the end."""

import uvicorn
from starlette.types import ASGIApp

# Requests that are under way when the end is asked for get this long.
GRACE_SECONDS = 3


def serve(app: ASGIApp, *, host: str, port: int) -> None:
    """Serve from this process alone; behind a proxy its forwarded headers are believed."""
    uvicorn.run(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        access_log=False,  # it halves the requests per second; applications log their own
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
