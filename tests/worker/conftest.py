import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import pytest

from marketplace_runtime.embedded.services import RunningServices
from tests.conftest import Database

ROOT = Path(__file__).resolve().parents[2]
_databases = count(20)


@dataclass(frozen=True)
class Surroundings:
    """What a worker process works on, and where it writes its log."""

    database_url: str
    redis_url: str
    log: Path

    @contextmanager
    def worker(
        self,
        module: str = "tests.worker.bells",
        *,
        settings: Mapping[str, str] | None = None,
    ) -> Iterator[subprocess.Popen[bytes]]:
        environment = os.environ | {
            "PYTHONPATH": f"{ROOT / 'platform'}{os.pathsep}{ROOT}",
            "BELLS_DATABASE_URL": self.database_url,
            "BELLS_REDIS_URL": self.redis_url,
            **(settings or {}),
        }
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module], env=environment, cwd=ROOT, stdout=log, stderr=log
            )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()


@pytest.fixture
def around(
    services: RunningServices, committed_db: Database, tmp_path: Path
) -> Callable[..., Surroundings]:
    """Surroundings with a database of their own in both servers; named ones can be replaced."""
    redis_url = services.redis_url.replace("db=0", f"db={next(_databases)}")
    usual = Surroundings(committed_db.url, redis_url, tmp_path / "worker.log")
    return lambda **other: replace(usual, **other)
