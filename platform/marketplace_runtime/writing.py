"""Bytes into a file or onto standard output as they come, and how far that is."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

from rich.console import Console
from rich.text import Text

from marketplace_runtime.errors import RuntimeRefusal


async def write(chunks: AsyncIterator[bytes], output: Path | None, binary: BinaryIO) -> None:
    """Where `output` is None, into `binary` and without a word.

    Refuses a file that cannot be written.
    """
    if output is None:
        async for chunk in chunks:
            binary.write(chunk)
        binary.flush()
        return
    screen = Console(stderr=True)
    with _opened(output) as file, screen.status(Text(output.name)) as status:
        async for chunk in chunks:
            file.write(chunk)
            status.update(Text(f"{output.name}: {file.tell():,} bytes"))
        written = file.tell()
    screen.print(Text(f"{output.name}: {written:,} bytes written."))


def _opened(output: Path) -> BinaryIO:
    try:
        return output.open("wb")
    except OSError as away:
        raise RuntimeRefusal(
            f"{output} cannot be written: {away.strerror}. Name a file in a directory of yours."
        ) from away


async def whole(data: bytes) -> AsyncIterator[bytes]:
    """What is there at once, as something that comes."""
    yield data
