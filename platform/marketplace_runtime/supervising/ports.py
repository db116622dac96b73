"""Ports: the one that was asked for or none; otherwise the next free one after the usual.

The supervisor itself listens, and hands the socket down to the part that answers. So a port that
was chosen is not lost to another program before the part has started, and a request that comes
while the part is between two lives waits instead of being refused.
"""

import socket as sockets
from dataclasses import dataclass, field

from marketplace_runtime.errors import PortTaken

TRIED = 200
BACKLOG = 512


@dataclass(frozen=True, slots=True)
class Listening:
    socket: sockets.socket = field(repr=False)
    usual: int

    @property
    def port(self) -> int:
        number: int = self.socket.getsockname()[1]
        return number

    @property
    def moved(self) -> bool:
        return self.port != self.usual


def listen(what: str, *, host: str, usual: int, asked: int | None = None) -> Listening:
    """Listen on a free port; refuses when the one asked for is taken. The caller closes it."""
    if asked is not None:
        found = _listening(host, asked)
        if found is None:
            raise PortTaken(
                f"Port {asked} on {host} is taken, so {what} cannot use it; "
                "stop the other program, or name another with --port."
            )
        return Listening(found, asked)
    for port in range(usual, min(usual + TRIED, 65536)):
        found = _listening(host, port)
        if found is not None:
            return Listening(found, usual)
    raise PortTaken(f"No port from {usual} to {usual + TRIED} on {host} is free for {what}.")


def is_free(host: str, port: int) -> bool:
    found = _listening(host, port)
    if found is not None:
        found.close()
    return found is not None


def _listening(host: str, port: int) -> sockets.socket | None:
    listener = sockets.socket(sockets.AF_INET6 if ":" in host else sockets.AF_INET)
    # As servers do: a connection that lingers after a stop does not make a port taken.
    listener.setsockopt(sockets.SOL_SOCKET, sockets.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # Two may have bound at once; only one of them gets to listen.
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        return None
    return listener
