"""Who may ask for which report, and for what."""

from datetime import date
from uuid import UUID

import pytest

from marketplace.kit.errors import DomainError, Forbidden, InvalidInput, NotFound
from marketplace.kit.principal import SYSTEM, Kind, Principal, StaffRole, VendorRole
from marketplace.kit.transactions import transaction
from settlement.reports import asking
from settlement.reports.definitions.settlement import SETTLEMENT
from settlement.reports.definitions.vendors import AGEING
from settlement.reports.registry import REPORTS, report_named
from settlement.reports.report import Parameter, Report, Values
from tests.factories import member
from tests.payouts.money import NOW, staff
from tests.settlement.reports.mixed import Mixed
from tests.settlement.reports.rows import rows_of

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("report", [r for r in REPORTS if r.is_for_vendors], ids=lambda r: r.name)
async def test_a_vendor_reads_exactly_its_own_rows(books: Mixed, report: Report) -> None:
    mine = await rows_of(report, principal=member(books.kiln.id))
    told = await rows_of(report, vendor_id=books.kiln.id)

    unseen = {"charge_id"}  # what a customer paid with is the platform's business
    assert mine
    assert [{**row, "charge_id": None} for row in mine] == [
        {**row, "charge_id": None} for row in told
    ]
    assert all(row.get(name) is None for row in mine for name in unseen)
    with pytest.raises(NotFound):
        await rows_of(report, principal=member(books.kiln.id), vendor_id=books.etoile.id)


@pytest.mark.parametrize("report", REPORTS, ids=lambda r: r.name)
async def test_the_database_itself_keeps_other_vendors_rows_back(
    books: Mixed, report: Report
) -> None:
    if Parameter.VENDOR not in report.parameters:
        return
    asked = Values(vendor_id=books.etoile.id, day=date(2027, 1, 1))
    arguments = [asked.of(parameter) for parameter in report.parameters]

    async with transaction(member(books.kiln.id), read_only=True) as connection:
        assert await connection.fetch(report.query, *arguments) == []


@pytest.mark.parametrize("report", REPORTS, ids=lambda r: r.name)
async def test_who_has_no_business_with_money_reads_nothing(books: Mixed, report: Report) -> None:
    packer = Principal(
        Kind.VENDOR, id=books.kiln.id, vendor_id=books.kiln.id,
        roles=frozenset({VendorRole.FULFILMENT}),
    )  # fmt: skip
    for somebody in (packer, staff(StaffRole.SUPPORT), Principal(Kind.CUSTOMER)):
        with pytest.raises(Forbidden):
            await rows_of(report, principal=somebody)
    if not report.is_for_vendors:
        with pytest.raises(NotFound):
            await rows_of(report, principal=member(books.kiln.id))
    await rows_of(report, principal=staff(StaffRole.FINANCE_VIEWER), day=date(2026, 6, 1))


def test_a_report_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        report_named("horoscope")


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"from": "yesterday"}, InvalidInput),
        ({"from": "2026-03-02", "to": "2026-03-01"}, InvalidInput),
        ({"currency": "XXX"}, InvalidInput),
        ({"vendor": "nobody"}, NotFound),
        ({"batch": "1"}, InvalidInput),
    ],
)
@pytest.mark.usefixtures("db")
async def test_what_cannot_be_asked_is_refused(
    given: dict[str, str], refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal):
        await asking.values_of(
            principal=SYSTEM, parameters=SETTLEMENT.parameters, given=given, today=NOW.date()
        )


async def test_words_become_values(books: Mixed) -> None:
    given = {"day": " ", "vendor": "kiln", "currency": "eur"}

    values = await asking.values_of(
        principal=SYSTEM, parameters=AGEING.parameters, given=given, today=date(2026, 6, 1)
    )

    assert values == Values(day=date(2026, 6, 1), vendor_id=UUID(str(books.kiln.id)),
                            currency="EUR")  # fmt: skip
    with pytest.raises(NotFound):
        await asking.values_of(
            principal=member(books.etoile.id), parameters=AGEING.parameters, given=given,
            today=date(2026, 6, 1),
        )  # fmt: skip
