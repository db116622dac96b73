"""Ports: the one that was asked for or none; otherwise the next free one after the usual."""

import socket
from dataclasses import dataclass

from marketplace_runtime.errors import PortTaken

TRIED = 200


@dataclass(frozen=True, slots=True)
class Choice:
    port: int
    usual: int

    @property
    def is_another(self) -> bool:
        return self.port != self.usual


def choose(
    what: str, *, host: str, usual: int, asked: int | None = None, but: frozenset[int] = frozenset()
) -> Choice:
    """A port to listen on, none of `but`; refuses when the one asked for is taken."""
    if asked is not None:
        if asked in but or not is_free(host, asked):
            raise PortTaken(
                f"Port {asked} on {host} is taken, so {what} cannot use it; "
                "stop the other program, or name another with --port."
            )
        return Choice(asked, asked)
    for port in range(usual, min(usual + TRIED, 65536)):
        if port not in but and is_free(host, port):
            return Choice(port, usual)
    raise PortTaken(f"No port from {usual} to {usual + TRIED} on {host} is free for {what}.")


def is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as tried:
        # As servers do: a connection that lingers after a stop does not make a port taken.
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except OSError:
            return False
        return True
