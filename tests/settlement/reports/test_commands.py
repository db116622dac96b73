"""`souk report` and `souk explain`, as somebody in finance calls them."""

import csv
import io
import json
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.runtime.test_checking import ENVIRONMENT
from tests.runtime.test_cli import souk
from tests.settlement.reports.conftest import PaidMarketplace
from tests.settlement.reports.foreign import hledger

pytestmark = pytest.mark.anyio


async def test_a_report_is_a_table_a_file_or_a_refusal(
    paid_marketplace: PaidMarketplace, tmp_path: Path
) -> None:
    where = {**ENVIRONMENT, "SOUK_DATABASE_URL": paid_marketplace.database.url}

    table = souk("report", "vendor-tie-out", home=tmp_path, **where)
    lines = souk(
        "report", "settlement", "--vendor", "kiln", "--format", "csv", home=tmp_path, **where
    )
    sheet = souk("report", "payouts", "-o", str(tmp_path / "payouts.xlsx"), home=tmp_path, **where)
    unknown = souk("report", "horoscope", home=tmp_path, **where)
    wrong = souk("report", "settlement", "--from", "March", home=tmp_path, **where)
    nowhere = souk(
        "report", "payouts", "-o", str(tmp_path / "no" / "a.csv"), home=tmp_path, **where
    )

    assert table.returncode == 0, table.stderr
    assert "Vendor subledger tie-out" in table.stdout
    rows = list(csv.DictReader(io.StringIO(lines.stdout.removeprefix("\ufeff"))))
    assert [row["closing"] for row in rows] == ["17.52", "-8.19", "30.44"]
    assert (sheet.returncode, (tmp_path / "payouts.xlsx").read_bytes()[:2]) == (0, b"PK")
    assert "payouts.xlsx: " in sheet.stderr
    assert "bytes written." in sheet.stderr
    assert unknown.returncode == 1
    assert "There is no such report. `souk report --list` says" in unknown.stderr
    assert nowhere.returncode == 1
    assert "a.csv cannot be written: No such file or directory." in nowhere.stderr
    assert wrong.returncode == 1
    assert "'March' is no day. Accepted: a day like 2026-03-31" in wrong.stderr


async def test_a_statement_and_a_journal_are_written(
    paid_marketplace: PaidMarketplace, tmp_path: Path
) -> None:
    where = {**ENVIRONMENT, "SOUK_DATABASE_URL": paid_marketplace.database.url}
    pdf, journal = tmp_path / "statement.pdf", tmp_path / "books.journal"

    typeset = souk(
        "report", "statement", "--vendor", "kiln", "--number", "1", "-o", str(pdf),
        home=tmp_path, **where,
    )  # fmt: skip
    nameless = souk("report", "statement", "--vendor", "kiln", home=tmp_path, **where)
    exported = souk("report", "journal-hledger", "-o", str(journal), home=tmp_path, **where)

    assert (typeset.returncode, exported.returncode) == (0, 0)
    assert "Statement 1" in PdfReader(pdf).pages[0].extract_text()
    assert "--vendor CODE and --number N" in nameless.stderr
    assert hledger(journal.read_text(), "check", "--strict").returncode == 0


async def test_an_amount_is_explained_as_a_tree_and_as_json(
    paid_marketplace: PaidMarketplace, tmp_path: Path
) -> None:
    where = {**ENVIRONMENT, "SOUK_DATABASE_URL": paid_marketplace.database.url}

    tree = souk("explain", "--order", "M-100001", home=tmp_path, **where)
    balance = souk(
        "explain", "--vendor", "kiln", "--account", "pending", "--json", home=tmp_path, **where
    )
    [whole] = json.loads(balance.stdout)
    entry = souk("explain", "--entry", whole["parts"][0]["id"], home=tmp_path, **where)
    nothing = souk("explain", home=tmp_path, **where)
    nobody = souk("explain", "--vendor", "nobody", home=tmp_path, **where)

    assert "Vendors' money of M-100001" in tree.stdout
    assert "by Kiln & Co" in tree.stdout
    assert "charge ch_" in tree.stdout
    total = sum(part["amount"]["minor"] for part in whole["parts"])
    assert total == whole["subject"]["amount"]["minor"] == 18_34
    assert (entry.returncode, "consists of" in entry.stdout) == (0, True)
    assert "Name one thing" in nothing.stderr
    assert "There is no such vendor. Name its code:" in nobody.stderr


def test_what_there_is_is_listed_without_a_database(tmp_path: Path) -> None:
    listed = souk("report", "--list", home=tmp_path / "none")

    assert listed.returncode == 0
    assert all(
        name in listed.stdout for name in ("trial-balance", "journal-beancount", "statement")
    )
