"""An ASGI application on a port, until a signal asks for the end."""

import gc
import socket
import sys

import uvicorn
from starlette.types import ASGIApp

# Requests that are under way when the end is asked for get this long.
GRACE_SECONDS = 3
# Objects made before somebody looks for circles among them: a request makes a few thousand, nearly
# all of them gone with it, so looking at 700 was a tenth of its time.
YOUNG_OBJECTS = 10_000


def serve(app: ASGIApp, *, host: str, port: int, descriptor: int | None = None) -> None:
    """Serve from this process alone, on a socket that was handed down where there is one."""
    config = uvicorn.Config(
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
    sockets = None if descriptor is None else [socket.socket(fileno=descriptor)]
    server = uvicorn.Server(config)
    gc.collect()
    gc.freeze()  # the application itself lives as long as its process
    gc.set_threshold(YOUNG_OBJECTS)
    server.run(sockets=sockets)
    if not server.started:
        sys.exit(1)  # it has said why
