"""A home of its own for each test; short, so that sockets fit into it."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime import processes


@pytest.fixture
def home() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="souk-"))
    yield path / "home"
    assert processes.eventually(lambda: processes.of_home(path / "home") == {})
    shutil.rmtree(path)
