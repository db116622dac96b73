"""`souk reconcile`, as somebody in finance calls it."""

import asyncio
import json
import re
from pathlib import Path

from tests.conftest import Database
from tests.payments.world import OVER_HTTP, address
from tests.runtime.test_cli import souk
from tests.settlement.bank_files import writing
from tests.settlement.bank_files.writing import line, statement
from tests.settlement.reconciliation.desk import IBAN, Desk
from tests.settlement.reconciliation.happenings import settled_sale
from tests.stripe_sandbox.running import KEY

pytestmark = OVER_HTTP


async def test_a_file_is_imported_the_books_are_compared_and_again(
    desk: Desk, committed_db: Database, tmp_path: Path
) -> None:
    await settled_sale(desk)
    day = desk.world.now.date()
    unknown = [line(12_34, bank_reference="B1", booked_on=day, value_on=day, text="Thanks")]
    file = tmp_path / "march.xml"
    file.write_text(
        writing.camt053(statement(unknown, opening_date=day, closing_date=day, account=IBAN))
    )
    at = {
        "SOUK_DATABASE_URL": committed_db.url, "SOUK_REDIS_URL": "redis://localhost:6379/0",
        "SOUK_SECRET_KEY": "x" * 32, "SOUK_STRIPE_API_KEY": KEY,
        "SOUK_STRIPE_API_BASE": address(desk.world.sandbox),
        "SOUK_STRIPE_WEBHOOK_SECRET": "whsec_1", "SOUK_SMTP_URL": "smtp://localhost:25",
    }  # fmt: skip

    whose = await run(tmp_path, at, "--bank-file", str(file))
    nobodys = await run(tmp_path, at, "--bank-file", str(file), "--account", "mine")
    early = await run(tmp_path, at, "--until", "2999-01-01")
    found = await run(tmp_path, at, "--bank-file", str(file), "--account", "main")
    again = await run(tmp_path, at, "--no-pull", "--json")

    assert (whose[0], "--account main" in whose[1]) == (1, True)
    assert "There is no such bank account. The back office has their codes" in nobodys[1]
    assert "until: it has not come yet" in early[1]
    assert "platform:" not in early[1]  # refused before anything is read
    assert found[0] == 0, found[1]
    assert "march.xml: 1 bookings, 1 new" in found[1]
    assert "lines to compare:" in found[1]
    assert re.search(r"U1 .*main .*12\.34 EUR", found[1])
    told = json.loads(again[2])
    assert [one["code"] for one in told["breaks"]] == ["U1"]
    assert all(proof["is_proven"] for proof in told["proofs"])
    kept = await run(tmp_path, at, "--rerun", told["run"]["id"])
    assert kept[2] == "The same came out.\n"


async def run(home: Path, environment: dict[str, str], *arguments: str) -> tuple[int, str, str]:
    """The status, all that was said, and what of it was the answer."""
    done = await asyncio.to_thread(lambda: souk("reconcile", *arguments, home=home, **environment))
    return done.returncode, done.stdout + done.stderr, done.stdout
