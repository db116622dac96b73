"""`souk bench settlement` drives a real cycle; how fast is the machine's affair, not a test's."""

import json
import os
import subprocess
import sys

from marketplace_runtime.embedded import databases
from marketplace_runtime.embedded.services import RunningServices
from tests.runtime.processes import PYTHONPATH

PHASES = ["mature", "draft", "approve", "pay", "arrive", "read the provider's books", "reconcile"]


def test_a_bench_pays_each_vendor_once_and_leaves_nothing_behind(
    services: RunningServices,
) -> None:
    done = subprocess.run(
        [
            sys.executable, "-m", "marketplace_runtime", "bench", "settlement",
            "--vendors=20", "--postings=100", "--json", f"--home={services.home.path}",
        ],
        env=os.environ | {"PYTHONPATH": PYTHONPATH}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    [cycle] = figures["cycles"]
    assert [phase["phase"] for phase in cycle["phases"]] == PHASES
    assert all(phase["seconds"] > 0 and phase["statements"] > 0 for phase in cycle["phases"])
    assert cycle["paid"] == cycle["paid_by_the_provider"] == {"payouts": 20, "vendors": 20}
    assert cycle["differences"] == 0
    assert [found["items"] for found in figures["postings"]] == [100, 100]
    assert all(found["floor_per_second"] > 0 for found in figures["postings"])
    assert figures["machine"]["cores"] > 0
    assert "souk_bench" not in databases.database_names(services.postgres)
