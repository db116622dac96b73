"""An ASGI application on a port, until a signal asks for the end."""

import socket
import sys

import uvicorn
from starlette.types import ASGIApp

from marketplace_runtime import garbage

# Requests that are under way when the end is asked for get this long.
GRACE_SECONDS = 3


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
    garbage.keep_what_is_there()
    server.run(sockets=sockets)
    if not server.started:
        sys.exit(1)  # it has said why
