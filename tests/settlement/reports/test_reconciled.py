"""Breaks as a report, and the other books' lines at the end of an explanation."""

from datetime import date, datetime, timedelta

import pytest

from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection
from settlement import chart, ledger
from settlement.explaining.entries import explain_entry
from settlement.ledger import Entry, Kind, Purpose
from settlement.reconciliation.models import BankAccount, BankFile, BankLine, ProviderTransaction
from settlement.reconciliation.run_models import (
    Break,
    BreakCode,
    BreakState,
    MatchedItem,
    ReconciliationMatch,
    ReconciliationRun,
    Severity,
)
from settlement.reports.definitions.breaks import BREAKS
from tests.factories import euros
from tests.payouts.money import NOW, make_vendor
from tests.settlement.reports.rows import rows_of

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def difference(code: BreakCode, *, seen: datetime, ended: datetime | None = None) -> Break:
    vendor = await make_vendor()
    run_id = new_id(NOW)
    return await Break.create(
        id=new_id(seen), key=f"{code}:{run_id}", code=code, severity=Severity.HIGH,
        state=BreakState.OPEN if ended is None else BreakState.RESOLVED, account="platform",
        amount_minor=-5, currency="EUR", detail="=A1", vendor_id=vendor.id, items=[],
        happened_on=seen.date(), first_run_id=run_id, last_run_id=run_id, first_seen_at=seen,
        ended_at=ended, ended_by=None if ended is None else "system",
        ending=None if ended is None else "It was late.",
    )  # fmt: skip


async def bank_line(minor: int) -> BankLine:
    account = await BankAccount.create(
        id=new_id(NOW), code="main", name="Main", identification="DE1", currency="EUR",
        created_at=NOW,
    )  # fmt: skip
    file = await BankFile.create(
        id=new_id(NOW), bank_account=account, sha256="a" * 64, filename="x.xml", format="camt053",
        importer=1, data=b"", lines=1, new_lines=1, imported_by="system", imported_at=NOW,
    )  # fmt: skip
    return await BankLine.create(
        id=new_id(NOW), bank_account_id=account.id, file=file, reference="NTRF-7",
        booked_on=NOW.date(), amount_minor=minor, currency="EUR", running=0, text="PAYOUT PO",
        counterparty="Provider",
    )  # fmt: skip


async def test_open_breaks_come_first_with_their_age_in_business_days() -> None:
    friday = NOW - timedelta(days=10)
    done = await difference(BreakCode.T1, seen=friday, ended=friday + timedelta(days=4))
    late = await difference(BreakCode.M1, seen=friday)
    fresh = await difference(BreakCode.U1, seen=NOW)

    rows = await rows_of(BREAKS, day=NOW.date())
    of_one = await rows_of(BREAKS, day=NOW.date(), vendor_id=fresh.vendor_id)

    assert friday.date() == date(2026, 11, 13)
    assert [(row["break_id"], row["code"], row["days"], row["bucket"]) for row in rows] == [
        (late.id, "M1", 6, "6-10"), (fresh.id, "U1", 0, "0-1"), (done.id, "T1", 2, "2-5"),
    ]  # fmt: skip
    assert rows[2]["ending"] == "It was late."
    assert [row["break_id"] for row in of_one] == [fresh.id]


async def test_an_entry_leads_to_the_bank_line_and_the_providers_line() -> None:
    line = await bank_line(4_00)
    posting_id = await ledger.post(
        kind=Kind.BANK, key=f"bank:{line.id}", effective_date=NOW.date(), source_type="bank_line",
        source_id=line.id, now=NOW,
        entries=[
            Entry(account=account, amount_minor=minor, currency="EUR", purpose=Purpose.PAYMENT)
            for account, minor in ((chart.BANK, 4_00), (chart.PLATFORM_IN_TRANSIT, -4_00))
        ],
    )  # fmt: skip
    await ProviderTransaction.create(
        id="txn_9", account="platform", type="payout", category="payout", amount_minor=-4_00,
        fee_minor=0, net_minor=-4_00, currency="EUR", source_id="po_9", metadata={},
        available_at=NOW, created_at=NOW, pulled_at=NOW,
    )  # fmt: skip
    run = await ReconciliationRun.create(
        id=new_id(NOW), number=1, until=NOW.date(), rules=1, started_by="system", started_at=NOW,
        inputs=b"", inputs_hash="", results_hash="", cursors={}, files=[], metrics={},
    )  # fmt: skip
    match = await ReconciliationMatch.create(
        id=new_id(NOW), run=run, key="po_9", passed="exact", rule="source", confidence=100,
        matched_by="system", matched_at=NOW,
    )  # fmt: skip
    for item in (f"ledger:{posting_id}:1160:EUR", "provider:txn_9"):
        await MatchedItem.create(item=item, match=match)
    bank, transit = [
        row["id"]
        for row in await connection().fetch(
            "SELECT id FROM ledger_entry WHERE transaction_id = $1 ORDER BY id", posting_id
        )
    ]

    at_the_bank = await explain_entry(principal=SYSTEM, entry_id=bank)
    on_its_way = await explain_entry(principal=SYSTEM, entry_id=transit)

    [booked] = at_the_bank.other_books
    assert (booked.kind, booked.title, booked.amount) == (
        "bank_line", "Bank line NTRF-7", euros(4_00),
    )  # fmt: skip
    assert [node.title for node in on_its_way.other_books] == [
        "Provider's line txn_9", "Bank line NTRF-7",
    ]  # fmt: skip
