"""What the parts say: each line to the console with the part's name, and to a file of its own."""

import contextlib
import queue
import sys
import threading
from collections import deque
from pathlib import Path

from rich.console import Console
from rich.text import Text

LARGEST_FILE_BYTES = 10_000_000
LINES_REMEMBERED = 8
LINES_WAITING = 5_000
LAST_LINES_WITHIN_SECONDS = 2.0
COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "bright_cyan", "bright_magenta")


class LogConsole(Console):
    """A console whose reader may go away: rich would end the program then, and we must not."""

    def on_broken_pipe(self) -> None:
        self.quiet = True


class Logs:
    """A file for each part; past ten megabytes a fresh one begins, the one before it is kept."""

    def __init__(self, directory: Path, *, console: LogConsole | None = None) -> None:
        self._directory = directory
        self._teller = _Teller(console or _standard_output())
        self._last: dict[str, deque[str]] = {}

    def path(self, name: str) -> Path:
        return self._directory / f"{name}.log"

    def last(self, name: str) -> list[str]:
        """The latest lines of a part, for the sentence that says why it does not run."""
        return list(self._last.get(name, ()))

    def write(self, name: str, line: str, *, on_console: bool = True) -> None:
        remembered = self._last.setdefault(name, deque(maxlen=LINES_REMEMBERED))
        remembered.append(line)
        path = self.path(name)
        if path.exists() and path.stat().st_size > LARGEST_FILE_BYTES:
            path.rename(path.with_suffix(".log.old"))
        with path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        if not on_console:
            return
        colour = COLOURS[list(self._last).index(name) % len(COLOURS)]
        self.say(Text.assemble((f"{name:<9}│ ", colour), line))

    def say(self, text: Text | str = "") -> None:
        """To the console alone."""
        self._teller.tell(text)

    def close(self) -> None:
        """Wait a moment for the last lines to be out."""
        self._teller.close()


class _Teller(threading.Thread):
    """Writes to the console from a thread of its own.

    A console that is stopped (Ctrl-S, a pipe nobody reads) would else stop the supervisor, and
    what dies then would stay dead. Lines that find no room are dropped; the files have them.
    """

    def __init__(self, console: LogConsole) -> None:
        super().__init__(name="console", daemon=True)
        self._console = console
        self._lines: queue.Queue[Text | str | None] = queue.Queue(LINES_WAITING)
        self.start()

    def tell(self, text: Text | str) -> None:
        try:
            self._lines.put_nowait(text)
        except queue.Full:
            return

    def run(self) -> None:
        while (text := self._lines.get()) is not None:
            self._console.print(text)

    def close(self) -> None:
        with contextlib.suppress(queue.Full):
            self._lines.put(None, timeout=LAST_LINES_WITHIN_SECONDS)
            self.join(LAST_LINES_WITHIN_SECONDS)


def _standard_output() -> LogConsole:
    return LogConsole(file=sys.stdout, soft_wrap=True, highlight=False, markup=False, emoji=False)
