"""Replay a history and compare what came of it with what its files alone say, to every seller
and on its scorecard, and with what foreign auditors make of its books.

    python tests/replay/compare.py DIR [--limit N]

Ends with 1 when a figure differs or an invariant is violated.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

sys.path.insert(0, str(ROOT / "platform"))

from marketplace_runtime.embedded.databases import OWNER  # noqa: E402 - the path comes first
from marketplace_runtime.embedded.services import EmbeddedServices  # noqa: E402
from tests.replay import auditing, scorecards, sellers  # noqa: E402
from tests.replay.expected import expected  # noqa: E402

NAME = "souk_replay"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path, metavar="DIR")
    parser.add_argument("--limit", type=int)
    asked = parser.parse_args()
    directory = asked.directory.absolute()
    limit = [] if asked.limit is None else [f"--limit={asked.limit}"]
    with tempfile.TemporaryDirectory(prefix="souk-replay-") as home:
        found = json.loads(souk(home, "replay", str(directory), *limit), parse_float=Decimal)
        sys.stdout.write(souk(home, "check", "--database", NAME))
        objections = auditing.audit(
            lambda *asked_for: souk(home, "report", *asked_for, "--database", NAME), Path(home)
        )
        with EmbeddedServices(Path(home)).running() as services:
            owner_url = services.database_url(NAME, role=OWNER)
            books = Path(home) / "sandbox" / f"{NAME}.sqlite3"
            unpaid = sellers.compare(directory, asked.limit, owner_url, books)
            misjudged = scorecards.compare(directory, asked.limit, services.database_url(NAME))
    wanted = {**expected(asked.directory, asked.limit), "balances": True, "breaks": 0}
    different = [name for name in wanted if found.get(name) != wanted[name]]
    for name in different:
        sys.stdout.write(f"{name}: {found.get(name)}, the files say {wanted[name]}\n")
    sys.stdout.write(f"{len(wanted)} figures compared, {len(different)} differ\n")
    sys.stdout.write(f"2 foreign auditors, {len(objections)} objections\n")
    sys.stdout.writelines(f"{sentence}\n" for sentence in [*unpaid, *misjudged, *objections])
    return 1 if different or unpaid or misjudged or objections else 0


def souk(home: str, *arguments: str) -> str:
    """The command's output; what it says beside that goes to our own standard error."""
    environment = {name: value for name, value in os.environ.items() if name[:5] != "SOUK_"}
    environment |= {"SOUK_HOME": home, "PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}"}
    command = [sys.executable, "-m", "marketplace_runtime", *arguments]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.stdout.write(done.stdout)
        sys.exit(f"souk {arguments[0]} ended with {done.returncode}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
