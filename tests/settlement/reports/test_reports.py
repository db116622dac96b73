"""Reports: every row adds up, and every report agrees with the others."""

from collections import defaultdict
from datetime import date, timedelta

import asyncpg
import pytest

from settlement.reports.definitions.balances import TIE_OUT, TRIAL_BALANCE
from settlement.reports.definitions.customers import FEES, REFUNDS
from settlement.reports.definitions.disputes import DISPUTES
from settlement.reports.definitions.journal import GENERAL_LEDGER
from settlement.reports.definitions.lines import LINES
from settlement.reports.definitions.payouts import PAYOUTS, SKIPPED
from settlement.reports.definitions.revenue import REVENUE
from settlement.reports.definitions.settlement import SETTLEMENT
from settlement.reports.definitions.vendors import AGEING, RESERVE
from settlement.reports.report import Value
from tests.payouts.money import NOW, credit, make_vendor
from tests.settlement.reports.conftest import PaidMarketplace
from tests.settlement.reports.mixed import FIRST_CYCLE, SECOND_CYCLE, Mixed
from tests.settlement.reports.rows import number, rows_of

pytestmark = pytest.mark.anyio

ADDENDS = (
    "gross_sales", "vendor_discounts", "shipping", "tax_passed_on", "commission",
    "commission_vat", "fees", "refunds", "commission_returned", "disputes", "penalties",
    "adjustments", "reserve_held", "reserve_released", "other",
)  # fmt: skip


async def test_every_settlement_row_adds_up_and_opens_where_the_last_one_closed(
    books: Mixed,
) -> None:
    closings: dict[tuple[Value, Value], int] = defaultdict(int)

    rows = await rows_of(SETTLEMENT)

    assert len(rows) == 12
    for row in rows:
        assert number(row, "opening") == closings[row["vendor"], row["currency"]]
        assert number(row, "net") == sum(number(row, name) for name in ADDENDS)
        moved = number(row, "net") + number(row, "paid_out")
        assert number(row, "opening") + moved == number(row, "closing")
        assert (row["difference"], row["other"]) == (0, 0)
        closings[row["vendor"], row["currency"]] = number(row, "closing")


async def test_a_settlement_row_says_what_was_sold_taken_off_and_paid(books: Mixed) -> None:
    rows = await rows_of(SETTLEMENT, vendor_id=books.kiln.id)

    first, owing, last = (
        {name: value for name, value in row.items() if isinstance(value, int) and value}
        for row in rows
    )
    assert first == {
        "statement": 1, "gross_sales": 29_97, "shipping": 4_00, "commission": -4_50,
        "commission_vat": -90, "refunds": -9_99, "commission_returned": 1_80,
        "reserve_held": -2_86, "net": 17_52, "closing": 17_52,
    }  # fmt: skip
    assert owing == {
        "statement": 2, "opening": 17_52, "refunds": -9_99, "commission_returned": 1_80,
        "net": -8_19, "paid_out": -17_52, "closing": -8_19,
    }  # fmt: skip
    assert (last["reserve_released"], last["penalties"], last["closing"]) == (6_54, -1_00, 30_44)


async def test_the_lines_of_a_statement_add_up_to_it(books: Mixed) -> None:
    sums: dict[tuple[Value, ...], int] = defaultdict(int)

    for line in await rows_of(LINES):
        sums[line["vendor"], line["currency"], line["statement"]] += number(line, "amount")

    assert sums == {
        (row["vendor"], row["currency"], row["statement"]): number(row, "closing")
        - number(row, "opening")
        for row in await rows_of(SETTLEMENT)
    }


async def test_a_line_names_order_charge_and_payout(books: Mixed) -> None:
    [sale, *_] = await rows_of(LINES, vendor_id=books.kiln.id)

    assert (sale["type"], sale["amount"], sale["order"]) == ("sales", 33_97, "M-100001")
    assert sale["matured_on"] == FIRST_CYCLE.date()
    assert str(sale["charge_id"]).startswith("ch_")
    assert str(sale["transfer_id"]).startswith("tr_")
    assert str(sale["provider_payout_id"]).startswith("po_")


async def test_payouts_and_who_was_left_out(books: Mixed) -> None:
    payouts = await rows_of(PAYOUTS, batch=1)
    skipped = await rows_of(SKIPPED, vendor_id=books.kiln.id)

    assert {(row["vendor"], row["currency"], row["amount"], row["state"]) for row in payouts} >= {
        ("kiln", "EUR", 17_52, "paid"), ("=1+1", "KWD", 6_777, "paid"),
    }  # fmt: skip
    assert all(str(row["approver_1"]).startswith("staff:") for row in payouts)
    assert all(str(row["trace_id"]).startswith("TRACE") for row in payouts)
    assert [(row["reason"], row["available"], row["since"]) for row in skipped] == [
        ("negative_balance", -8_19, SECOND_CYCLE)
    ]


async def test_the_trial_balance_is_zero_on_any_day(books: Mixed) -> None:
    for day in (FIRST_CYCLE.date() - timedelta(days=1), FIRST_CYCLE.date(), None):
        sums: dict[Value, int] = defaultdict(int)
        for row in await rows_of(TRIAL_BALANCE, to_day=day, from_day=date(2026, 5, 1)):
            sums[row["currency"]] += number(row, "closing")
            turnover = number(row, "debits") - number(row, "credits")
            assert number(row, "opening") + turnover == number(row, "closing")
        assert dict(sums) == {"EUR": 0, "JPY": 0, "KWD": 0}


async def test_the_general_ledger_runs_to_the_trial_balance(books: Mixed) -> None:
    entries = await rows_of(GENERAL_LEDGER, account="1120", currency="EUR")
    later = await rows_of(
        GENERAL_LEDGER, account="1120", currency="EUR", from_day=FIRST_CYCLE.date()
    )
    [kept] = [
        row for row in await rows_of(TRIAL_BALANCE, currency="EUR") if row["account"] == "1120"
    ]

    balance = 0
    for entry in entries:
        balance += number(entry, "debit") - number(entry, "credit")
        assert entry["balance"] == balance
    assert balance == kept["closing"]
    assert 0 < len(later) < len(entries)
    assert later == entries[-len(later) :]


async def test_vendors_tie_out_until_a_kept_balance_is_wrong(
    paid_marketplace: PaidMarketplace, books: Mixed
) -> None:
    sound = await rows_of(TIE_OUT)
    owner = await asyncpg.connect(paid_marketplace.database.owner_url)
    broken = owner.transaction()
    await broken.start()
    await owner.execute("SET LOCAL souk.scope = 'all'")
    await owner.execute(
        "UPDATE ledger_balance SET credits_minor = credits_minor + 1 WHERE account_id ="
        " (SELECT id FROM ledger_account WHERE code = '2110' AND vendor_id = $1)",
        books.kiln.id,
    )
    found = await owner.fetch(TIE_OUT.query, None)
    await broken.rollback()
    await owner.close()

    assert sound
    assert all((row["difference"], row["kept_difference"]) == (0, 0) for row in sound)
    differing = [row for row in found if row["kept_difference"]]
    assert [(row["account"], row["kept_difference"]) for row in differing] == [("2110", 1)]


async def test_the_reserve_rolls_forward(books: Mixed) -> None:
    [row] = await rows_of(RESERVE, from_day=FIRST_CYCLE.date())

    assert (row["opening"], row["held"], row["released"], row["used"]) == (6_54 + 2_04, 0, -6_54, 0)
    assert (row["closing"], row["next_amount"]) == (2_04, 2_04)


async def test_refunds_say_whose_they_were_and_add_up(books: Mixed) -> None:
    before, after = await rows_of(REFUNDS)

    assert (before["taken_from"], after["taken_from"]) == ("pending", "available")
    for row in (before, after):
        shares = number(row, "vendor_share") + number(row, "platform_share") + number(row, "tax")
        assert shares == row["amount"]
    assert (before["commission_returned"], before["commission_vat_returned"]) == (1_50, 30)


async def test_disputes_say_what_is_held_and_who_bears_it(books: Mixed) -> None:
    euro, yen, dinar = sorted(await rows_of(DISPUTES), key=lambda row: str(row["currency"]))

    assert (euro["state"], euro["withdrawn"], euro["on_hold"]) == ("won", 0, 0)
    assert (yen["state"], yen["withdrawn"], yen["on_hold"]) == ("lost", yen["amount"], 0)
    assert (dinar["state"], dinar["vendors"]) == ("needs_response", "=1+1")
    assert dinar["on_hold"] == 6_777
    assert {row["fee"] for row in (euro, yen, dinar)} == {15}
    [lost] = [row for row in await rows_of(SETTLEMENT, vendor_id=books.etoile.id)
              if row["disputes"]]  # fmt: skip
    assert (lost["disputes"], lost["closing"]) == (-3_678, -3_678)


async def test_fees_and_the_bridge_to_revenue_agree(books: Mixed) -> None:
    of_all = await rows_of(FEES)
    fees = {row["currency"]: row for row in of_all if row["type"] == "provider_fee"}
    bridge = [row for row in await rows_of(REVENUE) if row["captured"]]

    euros = fees["EUR"]
    assert (euros["base"], euros["fee"], euros["effective"]) == (140_39, 3_33, 23720)
    assert (euros["expected"], euros["variance"]) == (4_37, -1_04)  # 4.0713, half up, and 0.30
    assert (fees["JPY"]["expected"], fees["JPY"]["variance"]) == (None, None)
    assert [(row["currency"], row["fee"], row["effective"]) for row in of_all
            if row["type"] == "dispute"] == [(currency, 15, None)
                                             for currency in ("EUR", "JPY", "KWD")]  # fmt: skip
    for row in bridge:
        assert -number(row, "provider_fees") == fees[row["currency"]]["fee"]
        parts = [number(row, name) for name in ("shipped", "funded", "to_vendors", "tax")]
        assert sum(parts) == 0
        earned = ("commission", "commission_returned", "other_income")
        assert sum(number(row, name) for name in earned) == row["revenue"]
        kept = ("revenue", "discounts", "provider_fees", "losses")
        assert sum(number(row, name) for name in kept) == row["contribution"]


@pytest.mark.usefixtures("db")
async def test_what_a_vendor_owes_ages_from_the_newest_debt_back() -> None:
    vendor = await make_vendor()
    for days, minor in ((100, -50), (70, -30), (40, 60), (20, -25)):
        await credit([vendor.id], minor, now=NOW - timedelta(days=days))

    [row] = await rows_of(AGEING, day=NOW.date())

    assert (row["balance"], row["days_30"], row["days_60"], row["days_90"], row["older"]) == (
        -45, 25, 0, 20, 0,
    )  # fmt: skip
    assert row["since"] == NOW.date() - timedelta(days=70)
    assert await rows_of(AGEING, day=NOW.date() - timedelta(days=200)) == []
