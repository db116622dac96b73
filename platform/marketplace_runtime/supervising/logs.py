"""What the parts say: each line to the console with the part's name, and to a file of its own."""

import sys
from collections import deque
from pathlib import Path

from rich.console import Console
from rich.text import Text

LARGEST_FILE_BYTES = 10_000_000
LINES_REMEMBERED = 8
COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "bright_cyan", "bright_magenta")


class Logs:
    """A file for each part; past ten megabytes a fresh one begins, the one before it is kept."""

    def __init__(self, directory: Path, *, console: Console | None = None) -> None:
        self._directory = directory
        self._console: Console | None = console or Console(
            file=sys.stdout, soft_wrap=True, highlight=False, markup=False, emoji=False
        )
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
        """To the console alone; a reader who went away does not stop the marketplace."""
        if self._console is None:
            return
        try:
            self._console.print(text)
        except (BrokenPipeError, OSError):
            self._console = None
