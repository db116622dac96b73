"""Books that do not agree: a sale the provider does not know, and money nobody explains."""

from datetime import timedelta
from uuid import UUID

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from settlement import capturing
from settlement.reconciliation import bank_accounts, importing, running
from settlement.reconciliation.run_models import BreakCode
from tests.back_office.stories import TwoVendors, two_vendors
from tests.factories import NOON
from tests.settlement.bank_files import writing
from tests.settlement.bank_files.writing import IBAN, line, statement
from tests.settlement.people import ACCOUNTANT

RECONCILIATION = "/back-office/finance/reconciliation"
LATER = NOON + timedelta(days=10)
CSV_HEADER = "Booking date;Text;Reference;Amount"


def csv_of(*rows: str) -> bytes:
    return "\n".join([CSV_HEADER, *rows]).encode()


def camt053(*, amount_minor: int = 12_34, reference: str = "B1") -> bytes:
    """A statement of one booking to our account that nothing of ours explains."""
    day = NOON.date()
    [booking] = [
        line(amount_minor, bank_reference=reference, booked_on=day, value_on=day, text="Thanks")
    ]
    return writing.camt053(
        statement([booking], opening_date=day, closing_date=day, account=IBAN)
    ).encode()


async def booked() -> TwoVendors:
    """Mugs and a bowl are paid for (74,00), and the ledger has heard of it."""
    order = await two_vendors(fee=2_45)
    async with transaction(SYSTEM) as connection:
        capture_id = await connection.fetchval(
            "SELECT id FROM capture WHERE order_id = $1", order.order_id
        )
        for book in (capturing.book_capture, capturing.book_fee):
            await book(capture_id=capture_id, effective_date=NOON.date(), now=NOON)
    return order


async def our_account(code: str = "main") -> UUID:
    return await bank_accounts.open_account(
        principal=SYSTEM, code=code, name="Main account", identification=IBAN, currency="EUR",
        now=NOON,
    )  # fmt: skip


async def import_from_the_bank(data: bytes) -> None:
    await importing.import_bank_file(
        principal=ACCOUNTANT, bank_account_id=await our_account(), data=data,
        filename="november.xml", now=NOON,
    )  # fmt: skip


async def differences() -> dict[BreakCode, UUID]:
    """The sale is missing at the provider, 12,34 at the bank are unknown; the breaks by code.

    Above 50,00 two people have to agree.
    """
    await booked()
    await import_from_the_bank(camt053())
    await running.run(principal=SYSTEM, until=LATER.date(), now=LATER)
    await two_people_above(50_00)
    async with transaction(SYSTEM, read_only=True) as connection:
        rows = await connection.fetch("SELECT code, id FROM reconciliation_break")
    return {BreakCode(row["code"]): row["id"] for row in rows}


async def two_people_above(minor: int) -> None:
    """One person is enough up to this amount."""
    async with transaction(SYSTEM) as connection:
        await connection.execute("UPDATE reconciliation_policy SET second_person_minor = $1", minor)
