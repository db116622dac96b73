"""A process dies where it is told to, at the arrival it is told, and never in production."""

import subprocess
import sys
from pathlib import Path

import pytest

from marketplace.kit import failpoints

ROOT = Path(__file__).resolve().parents[2]
RUN = """
from marketplace.kit import failpoints
failpoints.arm({text!r}, is_production=False)
for name in ("early", "late", "late"):
    failpoints.reach(name)
    print(name)
"""


@pytest.mark.parametrize(
    ("text", "reached", "status"),
    [
        (None, ["early", "late", "late"], 0),
        ("nowhere", ["early", "late", "late"], 0),
        ("late", ["early"], failpoints.STATUS),
        ("late:2", ["early", "late"], failpoints.STATUS),
        ("late:3", ["early", "late", "late"], 0),
    ],
)
def test_a_process_dies_at_the_arrival_that_is_named(
    text: str | None, reached: list[str], status: int
) -> None:
    done = subprocess.run(
        [sys.executable, "-u", "-c", RUN.format(text=text)],
        env={"PYTHONPATH": str(ROOT / "platform")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout.split(), done.returncode) == (reached, status)


def test_a_production_process_refuses_to_be_armed() -> None:
    with pytest.raises(ValueError, match="production"):
        failpoints.arm("late", is_production=True)


def test_a_count_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="many"):
        failpoints.arm("late:many", is_production=False)
