"""A home of its own for each test; short, so that sockets fit into it."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def home() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="souk-"))
    yield path / "home"
    shutil.rmtree(path)
