"""Valkey in SOUK_HOME: a hint to the workers, kept on disk so that a restart is a short one."""

import signal
import socket
from dataclasses import dataclass
from pathlib import Path

from marketplace_runtime.embedded.binaries import find_valkey
from marketplace_runtime.embedded.home import Home


@dataclass(frozen=True)
class Valkey:
    home: Home
    durable: bool = True

    name = "valkey"
    stop_signal = signal.SIGTERM

    @property
    def socket(self) -> Path:
        return self.home.sockets / "valkey.sock"

    @property
    def lock(self) -> Path:
        return self.home.run / "valkey.lock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def prepare(self) -> None:
        self.home.valkey.mkdir(mode=0o700, exist_ok=True)

    def command(self) -> list[str]:
        return [
            str(find_valkey()),
            *("--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"),
            *("--dir", str(self.home.valkey), "--save", ""),
            *("--appendonly", "yes" if self.durable else "no", "--appendfsync", "everysec"),
            *("--daemonize", "no", "--databases", "64", "--loglevel", "warning"),
        ]

    def is_ready(self) -> bool:
        """It answers PING; while it reads its log back it answers LOADING instead."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(2)
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False
