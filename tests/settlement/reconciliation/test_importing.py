"""A bank file is kept as it came and counted once."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from marketplace.kit.errors import Forbidden, NotFound
from marketplace.kit.transactions import connection
from settlement.bank_files.csv_map import CsvMap
from settlement.bank_files.errors import UnknownBankFile
from settlement.reconciliation import bank_accounts, importing, queries
from settlement.reconciliation.errors import ImportedElsewhere, WrongBankAccount
from settlement.reconciliation.importing import Imported
from tests.settlement.people import ACCOUNTANT, VIEWER

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
IBAN = "DE89370400440532013000"
MAP = CsvMap(
    date="day", amount="amount", reference="reference", text=("text",), account=IBAN, currency="EUR"
)
HEAD = "day,amount,reference,text\n"
FIRST = "2026-03-02,40.00,B1,STRIPE po_1\n"
SECOND = "2026-03-03,-2.50,B2,FEE\n"


@pytest.fixture
async def account_id(db: None) -> UUID:
    return await bank_accounts.open_account(
        principal=ACCOUNTANT, code="main", name="Main", identification=IBAN, currency="EUR",
        now=NOW,
    )  # fmt: skip


async def import_(account_id: UUID, text: str, *, csv_map: CsvMap | None = MAP) -> Imported:
    return await importing.import_bank_file(
        principal=ACCOUNTANT, bank_account_id=account_id, data=text.encode(), filename="march.csv",
        csv_map=csv_map, now=NOW,
    )  # fmt: skip


async def kept(account_id: UUID) -> list[tuple[str, int, int]]:
    rows = await connection().fetch(
        "SELECT reference, amount_minor, running FROM bank_line WHERE bank_account_id = $1"
        " ORDER BY reference, running",
        account_id,
    )
    return [tuple(row) for row in rows]


async def test_a_file_and_its_lines_are_kept(account_id: UUID) -> None:
    done = await import_(account_id, HEAD + FIRST + SECOND)

    assert (done.is_new, done.lines, done.new_lines) == (True, 2, 2)
    assert await kept(account_id) == [("B1", 40_00, 0), ("B2", -2_50, 0)]
    data = await connection().fetchval("SELECT data FROM bank_file")
    assert data == (HEAD + FIRST + SECOND).encode()
    [file] = await queries.bank_files(principal=VIEWER)
    assert (file.format, file.filename, file.bank_account) == ("csv", "march.csv", "main")


async def test_the_same_bytes_again_change_nothing_and_say_so(account_id: UUID) -> None:
    first = await import_(account_id, HEAD + FIRST)

    again = await import_(account_id, HEAD + FIRST)

    assert again == Imported(first.file_id, False, 1, 0)
    assert len(await kept(account_id)) == 1


async def test_a_file_that_overlaps_brings_what_is_new(account_id: UUID) -> None:
    await import_(account_id, HEAD + FIRST)

    done = await import_(account_id, HEAD + FIRST + SECOND)

    assert (done.lines, done.new_lines) == (2, 1)
    assert len(await kept(account_id)) == 2


async def test_equal_bookings_of_one_file_are_counted_apart(account_id: UUID) -> None:
    await import_(account_id, HEAD + FIRST + FIRST)
    await import_(account_id, HEAD + FIRST + FIRST + SECOND)

    assert await kept(account_id) == [("B1", 40_00, 0), ("B1", 40_00, 1), ("B2", -2_50, 0)]


async def test_a_saved_map_reads_the_next_file(account_id: UUID) -> None:
    with pytest.raises(UnknownBankFile):
        await import_(account_id, HEAD + FIRST, csv_map=None)
    await bank_accounts.save_csv_map(principal=ACCOUNTANT, bank_account_id=account_id, csv_map=MAP)

    assert (await import_(account_id, HEAD + FIRST, csv_map=None)).new_lines == 1


async def test_a_file_about_another_account_is_refused_whole(account_id: UUID) -> None:
    with pytest.raises(WrongBankAccount):
        await import_(
            account_id, HEAD + FIRST,
            csv_map=CsvMap(date="day", amount="amount", account="DE00", currency="EUR"),
        )  # fmt: skip

    assert await kept(account_id) == []


async def test_an_unknown_account_and_a_viewer_are_refused(account_id: UUID) -> None:
    with pytest.raises(NotFound):
        await import_(uuid4(), HEAD + FIRST)
    with pytest.raises(Forbidden):
        await importing.import_bank_file(
            principal=VIEWER, bank_account_id=account_id, data=b"", filename="", now=NOW
        )


def statement(number: str, opening: int, *amounts: int) -> str:
    """MT940 of one afternoon: bookings of a day without any reference of the bank's."""
    closing = opening + sum(amounts)
    marked = [("D" if amount < 0 else "C", abs(amount)) for amount in amounts]
    lines = "".join(f":61:2603020302{mark}{much},00NMSCNONREF\n:86:GIFT\n" for mark, much in marked)
    return (
        f":20:X\n:25:{IBAN}\n:28C:{number}\n:60F:C260302EUR{opening},00\n{lines}"
        f":62F:C260302EUR{closing},00\n"
    )


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
async def test_equal_bookings_of_statements_that_follow_each_other_are_all_kept(
    account_id: UUID, order: tuple[int, ...]
) -> None:
    files = [statement("1", 100, 40), statement("2", 140, 40, 7), statement("3", 187, 40)]

    for at in order:
        await import_(account_id, files[at], csv_map=None)

    assert [amount for _, amount, _ in await kept(account_id)].count(40_00) == 3


async def test_equal_bookings_stay_as_many_whatever_overlaps(account_id: UUID) -> None:
    for text in (
        statement("1", 100, 40),
        statement("2", 140, 40),
        statement("1-2", 100, 40, 40),  # the whole day again
        statement("2b", 140, 40),  # the second one alone
        statement("2", 140, 40) + statement("3", 180, 40),
        statement("1-3", 100, 40, 40, 40),
    ):
        await import_(account_id, text, csv_map=None)

    assert await kept(account_id) == [("", 40_00, 0), ("", 40_00, 1), ("", 40_00, 2)]


async def test_statements_of_a_day_that_ends_as_it_began_are_told_apart_and_counted_once(
    account_id: UUID,
) -> None:
    came, went = (40, 40, 7), (40, -40, -87)
    for text in (
        statement("1", 100, *came),
        statement("2", 187, *went),  # back to 100: each leads to the other
        statement("1 again", 100, *came),
        statement("2 again", 187, *went),
        statement("1a", 100, 40, 40) + statement("1b", 180, 7),
    ):
        await import_(account_id, text, csv_map=None)

    assert sorted(amount for _, amount, _ in await kept(account_id)) == [
        -87_00, -40_00, 7_00, 40_00, 40_00, 40_00,
    ]  # fmt: skip


async def test_bytes_of_another_account_are_refused_with_its_name(account_id: UUID) -> None:
    await import_(account_id, HEAD + FIRST)
    other = await bank_accounts.open_account(
        principal=ACCOUNTANT, code="other", name="Other", identification="DE00", currency="EUR",
        now=NOW,
    )  # fmt: skip

    with pytest.raises(ImportedElsewhere) as refused:
        await import_(other, HEAD + FIRST)

    assert "“Main”" in refused.value.message
    assert await kept(other) == []
