"""What a server is to whoever runs it: the tests' session, a command, or the supervisor."""

import signal
from pathlib import Path
from typing import Protocol


class Server(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def lock(self) -> Path:
        """Held by the server's processes themselves, for as long as one of them lives."""
        ...

    @property
    def stop_signal(self) -> signal.Signals:
        """Ends it in order; the kernel sends the same when the parent is gone."""
        ...

    def prepare(self) -> None:
        """Make the data directory ready; the lock is held. Refuses in one sentence."""
        ...

    def command(self) -> list[str]: ...

    def is_ready(self) -> bool:
        """Whether it answers; never waits longer than a moment."""
        ...
