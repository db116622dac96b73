"""The ledger as foreign programs read it: they come to our balances, or say where they do not."""

import re
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from types import ModuleType
from uuid import UUID

import pytest
from beancount.core import data
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kit.errors import Forbidden
from marketplace.kit.money import Money
from marketplace.kit.principal import SYSTEM, Kind, Principal, StaffRole
from marketplace.kit.transactions import transaction
from settlement.models import AccountKind
from settlement.reports import running
from settlement.reports.definitions.balances import TRIAL_BALANCE
from settlement.reports.journals import beancount as for_beancount
from settlement.reports.journals import hledger as for_hledger
from settlement.reports.journals import reading
from settlement.reports.journals.naming import account_name
from settlement.reports.report import Values
from tests.factories import NOON, member
from tests.settlement.reports.foreign import beancount, hledger
from tests.settlement.reports.mixed import FIRST_CYCLE, Mixed

pytestmark = pytest.mark.anyio

TODAY = NOON.date()


async def exported(
    program: ModuleType, *, from_day: date | None = None, to_day: date | None = None
) -> str:
    async with reading.reading(
        principal=SYSTEM, today=TODAY, from_day=from_day, to_day=to_day
    ) as journal:
        return b"".join([chunk async for chunk in program.chunks(journal)]).decode()


async def trial_balance(to_day: date | None = None) -> dict[tuple[str, str], Decimal]:
    """Ours, by the account's code and currency."""
    values = Values(to_day=to_day)
    async with running.reading(principal=SYSTEM, report=TRIAL_BALANCE, values=values) as rows:
        return {
            (str(row[0]), str(row[3])): Money(int(str(row[7])), str(row[3])).amount
            async for row in rows
        }


def hledgers_balances(journal: str) -> dict[tuple[str, str], Decimal]:
    done = hledger(journal, "balance", "--flat", "-N", "-E", "-O", "csv", "--layout", "bare")
    assert done.returncode == 0, done.stderr
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for line in done.stdout.splitlines()[1:]:
        account, currency, amount = (part.strip('"') for part in line.split(","))
        sums[account.split(":")[1][:4], currency] += Decimal(amount)
    return {key: amount for key, amount in sums.items() if amount}


def beancounts_balances(journal: str) -> dict[tuple[str, str], Decimal]:
    entries, errors = beancount(journal)
    assert errors == []
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for entry in entries:
        for posting in entry.postings if isinstance(entry, data.Transaction) else ():
            assert posting.units is not None
            assert isinstance(posting.units.number, Decimal)
            code = posting.account.split(":")[1][:4]
            sums[code, posting.units.currency] += posting.units.number
    return {key: amount for key, amount in sums.items() if amount}


async def test_hledger_accepts_the_ledger_and_comes_to_our_trial_balance(
    books: Mixed,
) -> None:

    journal = await exported(for_hledger)

    assert hledger(journal, "check", "--strict").returncode == 0
    ours = await trial_balance()
    assert hledgers_balances(journal) == {key: amount for key, amount in ours.items() if amount}
    assert {currency for _, currency in ours} == {"EUR", "JPY", "KWD"}


async def test_beancount_accepts_the_ledger_and_comes_to_our_trial_balance(
    books: Mixed,
) -> None:

    journal = await exported(for_beancount)

    ours = await trial_balance()
    assert beancounts_balances(journal) == {key: amount for key, amount in ours.items() if amount}
    postings = [entry for entry in beancount(journal)[0] if isinstance(entry, data.Transaction)]
    async with transaction(SYSTEM, read_only=True) as connection:
        rows = await connection.fetch("SELECT id, source_type, source_id FROM ledger_transaction")
    assert {(entry.meta["id"], *entry.links) for entry in postings} == {
        (str(row["id"]), f"{row['source_type']}-{row['source_id']}") for row in rows
    }


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
async def test_one_amount_that_was_changed_is_found_by_both(books: Mixed, currency: str) -> None:
    last_digit = re.compile(rf"(\d) {currency}(?=  ; entry|\n    purpose)")

    for program in (for_hledger, for_beancount):
        journal = await exported(program)
        changed = last_digit.sub(
            lambda found: f"{(int(found[1]) + 1) % 10} {currency}", journal, count=1
        )
        assert changed != journal
        if program is for_hledger:
            assert "could not balance" in hledger(changed, "check").stderr
        else:
            assert any("does not balance" in objection for objection in beancount(changed)[1])


async def test_a_balance_we_keep_wrongly_is_found_by_both(
    books: Mixed,
) -> None:
    kept = re.compile(r"(Vendor-pending:Kiln.*-\d+\.\d)(\d)(?=[^;]*EUR$)", re.MULTILINE)

    for program in (for_hledger, for_beancount):
        journal = await exported(program)
        [*_, assertion] = kept.finditer(journal)
        digit = str((int(assertion[2]) + 1) % 10)
        changed = journal[: assertion.start(2)] + digit + journal[assertion.end(2) :]
        if program is for_hledger:
            assert "balance assertion" in hledger(changed, "check").stderr
        else:
            [objection] = beancount(changed)[1]
            assert "Balance failed" in objection


async def test_a_period_begins_with_what_was_before_and_ends_with_our_balances(
    books: Mixed,
) -> None:
    later = FIRST_CYCLE.date() + timedelta(days=1)

    for program, balances in (
        (for_hledger, hledgers_balances),
        (for_beancount, beancounts_balances),
    ):
        before = await exported(program, to_day=later)
        after = await exported(program, from_day=later)
        assert balances(before) == {
            key: amount for key, amount in (await trial_balance(later)).items() if amount
        }
        assert balances(after) == {
            key: amount for key, amount in (await trial_balance()).items() if amount
        }
        assert (after.count("capture:"), before.count("Opening")) == (0, 0)
        assert "Opening balances" in after


@pytest.mark.usefixtures("db")
async def test_an_empty_ledger_is_a_journal_too() -> None:
    assert hledger(await exported(for_hledger), "check").returncode == 0
    assert beancount(await exported(for_beancount))[1] == []


async def test_who_is_not_finance_gets_no_journal(books: Mixed) -> None:
    support = Principal(Kind.STAFF, id=None, roles=frozenset({StaffRole.SUPPORT}))

    for somebody in (support, member(books.kiln.id)):
        with pytest.raises(Forbidden):
            async with reading.reading(principal=somebody, today=TODAY):
                pass


@given(st.text(max_size=40), st.text(max_size=40), st.uuids(), st.uuids())
def test_vendors_names_fit_and_never_meet(mine: str, theirs: str, me: UUID, them: UUID) -> None:
    names = {
        account_name(code="2110", kind=AccountKind.LIABILITY, vendor_id=who, vendor_code=code)
        for who, code in ((me, mine), (them, theirs))
    }

    assert all(
        re.fullmatch(r"Liabilities:2110-Vendor-pending:[A-Z0-9][A-Za-z0-9-]*", name)
        for name in names
    )
    assert len(names) == 2 or mine == theirs or me == them
