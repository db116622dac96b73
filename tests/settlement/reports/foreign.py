"""hledger and beancount, which share no code with us."""

import os
import shutil
import subprocess

import pytest
from beancount import loader
from beancount.core.data import Directive


def hledger(journal: str, *question: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("hledger")
    if program is None:
        assert os.environ.get("SOUK_REQUIRE_ALL") != "1", "hledger is missing"
        pytest.skip("hledger is missing, so the foreign audit did not run")
    return subprocess.run(
        [program, "-f", "-", *question], input=journal, capture_output=True, text=True, check=False
    )


def beancount(journal: str) -> tuple[list[Directive], list[str]]:
    """What it read, and what it objects to."""
    entries, errors, _ = loader.load_string(journal)
    return entries, [error.message for error in errors]
