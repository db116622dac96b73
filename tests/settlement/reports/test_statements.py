"""A vendor's statement: it chains, it adds up, and as PDF it says so."""

import asyncio
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from pypdf import PdfReader

from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money
from marketplace.kit.principal import SYSTEM
from settlement.reports.statements import typesetting
from settlement.reports.statements.reading import (
    Section,
    StatementLine,
    VendorStatement,
    statement,
)
from tests.factories import euros, member
from tests.settlement.reports.mixed import FIRST_CYCLE, Mixed

pytestmark = pytest.mark.anyio


async def kilns(books: Mixed, number: int) -> VendorStatement:
    return await statement(principal=SYSTEM, vendor_id=books.kiln.id, number=number)


async def read(found: VendorStatement) -> PdfReader:
    return PdfReader(io.BytesIO(await typesetting.pdf(found, marketplace="Souk")))


def words(pages: PdfReader) -> str:
    return "\n".join(page.extract_text() for page in pages.pages)


async def test_each_opens_where_the_last_closed_and_adds_up(books: Mixed) -> None:
    chain = [await kilns(books, number) for number in (1, 2, 3)]

    assert chain[0].opening == euros(0)
    for before, after in pairwise(chain):
        assert after.opening == before.closing
    for one in chain:
        total = sum(section.total.minor for section in one.sections)
        assert one.opening.minor + total == one.closing.minor
        for section in one.sections:
            assert section.total.minor == sum(line.amount.minor for line in section.lines)
    assert [section.title for section in chain[0].sections] == [
        "Sales", "Commission", "VAT on commission", "Refunds", "Reserve",
    ]  # fmt: skip
    assert [section.title for section in chain[1].sections] == ["Refunds", "Payouts"]


async def test_the_pdf_says_who_what_when_and_every_amount(books: Mixed) -> None:
    found = await kilns(books, 1)

    pages = await read(found)

    said = words(pages)
    assert (pages.pages[0].mediabox.width, pages.pages[0].mediabox.height) == (
        pytest.approx(595.28, abs=0.1), pytest.approx(841.89, abs=0.1),
    )  # fmt: skip
    for expected in ("Souk", "Kiln & Co", "Statement 1", "EUR", "M-100001", "Page 1 of 2", "17.52"):
        assert expected in said
    for section in found.sections:
        for amount in (section.total, *(line.amount for line in section.lines)):
            assert str(amount.amount).replace("-", typesetting.MINUS) in said
    assert found.payout is not None
    assert f"{found.payout.provider_payout_id}" in said
    assert f"{found.payout.trace_id}" in said
    assert "2 Mar 2026" in said
    assert f"{FIRST_CYCLE.day} May 2026" in said


async def test_who_was_not_paid_reads_why(books: Mixed) -> None:
    said = words(await read(await kilns(books, 2)))

    assert "No payout this time" in said
    assert "The balance is -8.19 EUR." in said


async def test_currencies_keep_their_digits(books: Mixed) -> None:
    yen = await statement(principal=SYSTEM, vendor_id=books.etoile.id, number=1)
    dinars = await statement(principal=SYSTEM, vendor_id=books.formula.id, number=1)

    assert "3,678" in words(await read(yen))
    assert "6.777" in words(await read(dinars))


async def test_the_same_statement_gives_the_same_bytes(books: Mixed) -> None:
    found = await kilns(books, 1)

    first, second = [await typesetting.pdf(found, marketplace="Souk") for _ in range(2)]

    assert first == second


@pytest.mark.parametrize(
    "name",
    [
        '#panic("here")', '"]; #read("/etc/passwd")', "*bold* _x_ `y` $z$ // @w <l>",
        "\\u{41} \\ line\nnext", "=== heading", "Étoile",
    ],
)  # fmt: skip
async def test_what_a_vendor_is_called_is_never_run(books: Mixed, name: str) -> None:
    found = replace(await kilns(books, 1), vendor_name=name)

    said = words(await read(found))

    assert "".join(name.split()) in "".join(said.split())


def long(found: VendorStatement, lines: int) -> VendorStatement:
    many: Sequence[StatementLine] = [
        StatementLine(
            day=date(2026, 3, 1), sub_order=f"M-{200000 + index}-A", description="Sale",
            amount=euros(1_00), entry_id=index,
        )
        for index in range(lines)
    ]  # fmt: skip
    sales = Section(title="Sales", lines=many, total=euros(lines * 1_00))
    return replace(found, sections=[sales], closing=found.opening + Money(lines * 1_00, "EUR"))


async def test_a_thousand_lines_are_many_pages_and_the_event_loop_lives(books: Mixed) -> None:
    found = long(await kilns(books, 1), 1000)
    turns = 0

    async def tick() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.001)

    ticking = asyncio.create_task(tick())
    pages = await read(found)
    ticking.cancel()

    said = words(pages)
    assert len(pages.pages) > 20
    assert f"Page {len(pages.pages)} of {len(pages.pages)}" in said
    assert all(f"M-{200000 + index}-A" in said for index in range(1000))
    assert "1,000.00" in said
    assert turns > 10


async def test_a_vendor_reads_its_own_and_nobody_elses(books: Mixed) -> None:
    mine = await statement(principal=member(books.kiln.id), vendor_id=books.kiln.id, number=2)

    assert mine == await kilns(books, 2)
    for number in (1, 9):
        with pytest.raises(NotFound):
            await statement(
                principal=member(books.etoile.id), vendor_id=books.kiln.id, number=number
            )
    with pytest.raises(NotFound):
        await kilns(books, 9)
