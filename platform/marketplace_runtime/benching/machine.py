"""What a figure was measured on: without it, it says nothing."""

import os
import platform
from dataclasses import dataclass

from marketplace_runtime.embedded.binaries import postgres_version
from marketplace_runtime.embedded.postgres import Postgres


@dataclass(frozen=True, slots=True)
class Machine:
    """`load` is the system's load average over the last minute: work that waits for `cores`."""

    cores: int
    load: float
    python: str
    postgres: str

    def told(self, *, load_after: float) -> dict[str, object]:
        """For programs, with the load that the bench left behind."""
        return {
            "cores": self.cores,
            "load_before": self.load,
            "load_after": load_after,
            "python": self.python,
            "postgres": self.postgres,
        }


def look(postgres: Postgres) -> Machine:
    return Machine(
        cores=len(os.sched_getaffinity(0)),
        load=load(),
        python=platform.python_version(),
        postgres=postgres_version(postgres.binaries),
    )


def load() -> float:
    return round(os.getloadavg()[0], 2)
