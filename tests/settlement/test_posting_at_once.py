"""Races: many at once end as if one had come after the other."""

import asyncio
from datetime import date
from uuid import UUID, uuid4

import asyncpg
import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from settlement import chart, ledger
from settlement.errors import PostingKeyReused
from settlement.ledger import Entry, Kind, Purpose
from settlement.models import AccountingPeriod, LedgerAccount, LedgerTransaction
from tests.conftest import Database
from tests.settlement.rows import NOW

pytestmark = [pytest.mark.anyio]

SOURCE = uuid4()


async def book(
    *, key: str, amount: int, vendor_id: UUID, day: date = date(2026, 3, 2)
) -> UUID | None:
    async with transaction(SYSTEM):
        return await ledger.post(
            kind=Kind.EARNING,
            key=key,
            effective_date=day,
            source_type="sub_order",
            source_id=SOURCE,
            entries=[
                Entry(
                    account=chart.CUSTOMER_PREPAYMENTS, amount_minor=amount, currency="USD",
                    purpose=Purpose.SALE,
                ),
                Entry(
                    account=chart.vendor_pending(vendor_id), amount_minor=-amount, currency="USD",
                    purpose=Purpose.SALE,
                ),
            ],
            now=NOW,
        )  # fmt: skip


async def balance(vendor_id: UUID) -> tuple[int, int]:
    """Debits and credits as kept."""
    async with transaction(SYSTEM, read_only=True):
        row = await connection().fetchrow(
            "SELECT debits_minor, credits_minor FROM ledger_balance JOIN ledger_account"
            " ON id = account_id WHERE vendor_id = $1",
            vendor_id,
        )
    return row["debits_minor"], row["credits_minor"]


async def test_one_key_books_once_however_many_come(committed_db: Database) -> None:
    vendor_id = uuid4()

    answers = await asyncio.gather(
        *(book(key="earning:1", amount=500, vendor_id=vendor_id) for _ in range(16))
    )

    assert len(set(answers)) == 1
    assert await balance(vendor_id) == (0, 500)


async def test_a_key_used_for_another_posting_is_refused(committed_db: Database) -> None:
    vendor_id = uuid4()
    await book(key="earning:1", amount=500, vendor_id=vendor_id)

    with pytest.raises(PostingKeyReused):
        await book(key="earning:1", amount=501, vendor_id=vendor_id)

    assert await balance(vendor_id) == (0, 500)


async def test_a_repetition_is_answered_although_its_month_is_closed(
    committed_db: Database,
) -> None:
    vendor_id = uuid4()
    first = await book(key="earning:1", amount=500, vendor_id=vendor_id)
    owner = await asyncpg.connect(committed_db.owner_url)
    await owner.execute("UPDATE accounting_period SET status = 'closed'")
    await owner.close()

    assert await book(key="earning:1", amount=500, vendor_id=vendor_id) == first


async def test_accounts_and_months_are_made_once(committed_db: Database) -> None:
    vendor_id = uuid4()

    await asyncio.gather(
        *(
            book(key=f"earning:{n}", amount=1, vendor_id=vendor_id, day=date(2016, 1 + n % 3, 9))
            for n in range(30)
        )
    )

    assert await balance(vendor_id) == (0, 30)
    async with transaction(SYSTEM):
        periods = await AccountingPeriod.all().order_by("starts")
        assert [(period.starts, period.ends) for period in periods] == [
            (date(2016, 1, 1), date(2016, 1, 31)),
            (date(2016, 2, 1), date(2016, 2, 29)),
            (date(2016, 3, 1), date(2016, 3, 31)),
        ]
        assert await LedgerAccount.all().count() == 2


async def test_vendors_booked_in_any_order_never_deadlock(committed_db: Database) -> None:
    mine, theirs = uuid4(), uuid4()

    async def both(number: int) -> None:
        vendors = (mine, theirs) if number % 2 else (theirs, mine)
        async with transaction(SYSTEM):
            await ledger.post(
                kind=Kind.REFUND,
                key=f"refund:{number}",
                effective_date=date(2026, 3, 2),
                source_type="refund",
                source_id=SOURCE,
                entries=[
                    Entry(
                        account=chart.vendor_pending(vendor_id), amount_minor=sign * 10,
                        currency="USD", purpose=Purpose.SALE,
                    )
                    for sign, vendor_id in zip((1, -1), vendors, strict=True)
                ],
                now=NOW,
            )  # fmt: skip

    await asyncio.gather(*(both(number) for number in range(24)))

    assert await balance(mine) == (120, 120)


async def test_eight_draws_of_sixty_from_a_hundred_leave_one_drawn(
    committed_db: Database,
) -> None:
    vendor_id = uuid4()
    async with transaction(SYSTEM) as inside:
        await inside.execute(
            "INSERT INTO ledger_account (code, kind, currency, vendor_id, floor_minor)"
            " VALUES ('2110', 'liability', 'USD', $1, 0)",
            vendor_id,
        )
    await book(key="earning:1", amount=100, vendor_id=vendor_id)

    answers = await asyncio.gather(
        *(book(key=f"draw:{n}", amount=-60, vendor_id=vendor_id) for n in range(8)),
        return_exceptions=True,
    )

    refused = [answer for answer in answers if isinstance(answer, asyncpg.CheckViolationError)]
    assert len(refused) == 7
    assert all("its floor is 0" in str(refusal) for refusal in refused)
    assert await balance(vendor_id) == (60, 100)
    async with transaction(SYSTEM):
        assert await LedgerTransaction.all().count() == 2
