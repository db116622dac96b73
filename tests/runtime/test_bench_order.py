"""`souk bench` of orders, sizes and deadlines works; how fast is no test's affair."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from marketplace_runtime.embedded import databases
from marketplace_runtime.embedded.services import RunningServices
from tests.runtime.processes import PYTHONPATH


def bench(services: RunningServices, *asked: str) -> Any:
    done = subprocess.run(
        [
            sys.executable, "-m", "marketplace_runtime", "bench", *asked, "--json",
            f"--home={services.home.path}",
        ],
        env=os.environ | {"PYTHONPATH": PYTHONPATH}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "souk_bench" not in databases.database_names(services.postgres)
    return json.loads(done.stdout)


def test_orders_are_measured_beside_the_floor_and_nothing_is_sold_twice(
    services: RunningServices,
) -> None:
    figures = bench(services, "order", "--clients=2", "--seconds=1", "--web=1")

    assert figures["statements_by_lines"] == {"1": 2, "5": 2, "40": 2}
    assert figures["place_order"]["2"]["outcomes"].keys() == {"placed"}
    assert figures["place_order"]["2"]["ratio_to_floor"] > 0
    assert figures["place_order"]["2"]["p99_to_p50"] >= 1
    assert figures["cart_to_paid"]["2"]["outcomes"].keys() == {"paid"}
    assert figures["cart_to_paid"]["2"]["cpu_ms"].keys() == {"web", "postgres", "sandbox"}
    assert figures["hot_product"]["ratio_to_spread"] > 0
    assert figures["caught_up"]["events"] > figures["caught_up"]["orders"] > 0
    assert figures["hot_product"]["sold"] <= figures["hot_product"]["pieces"]


def test_the_same_calls_are_timed_on_a_small_and_a_large_marketplace(
    services: RunningServices,
) -> None:
    figures = bench(services, "scale", "--orders=100", "--orders=300")

    small, large = figures["sizes"]
    assert (small["orders"], large["orders"]) == (100, 300)
    assert large["rows_written"] > small["rows_written"] > 100 * 20
    assert small["paths"].keys() == large["paths"].keys()
    assert all(path["ms"] > 0 for path in large["paths"].values())
    assert small["above_bound"] == {"ms": [], "cpu_ms": [], "buffers": []}
    ratios = {"ms": "ratio_to", "cpu_ms": "cpu_to", "buffers": "buffers_to"}
    for kind, ratio in ((kind, f"{of}_smallest") for kind, of in ratios.items()):
        named = {name for name, path in large["paths"].items() if path[ratio] > figures["bound"]}
        assert named <= set(large["above_bound"][kind])


def test_missed_deadlines_act_once_although_a_worker_dies_and_orders_come_in_meanwhile(
    services: RunningServices,
) -> None:
    figures = bench(services, "deadlines", "--deadlines=60", "--kill")

    assert (figures["deadlines"], figures["left"], figures["told_twice"]) == (60, 0, 0)
    assert figures["actions"] == figures["actions_wanted"] == 180
    assert figures["place_order"]["meanwhile"]["orders"] > 0


@pytest.mark.parametrize(
    "asked", [["order", "--clients=0"], ["scale", "--orders=5"], ["deadlines", "--workers=0"]]
)
def test_a_senseless_size_is_refused(asked: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "marketplace_runtime", "bench", *asked],
        env=os.environ | {"PYTHONPATH": PYTHONPATH}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert asked[1].split("=")[0] in done.stderr
