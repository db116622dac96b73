"""A month and its books, on the way to being closed."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from settlement import chart, ledger
from settlement.adjustments import closing, proposing
from settlement.adjustments.models import AdjustmentKind
from settlement.chart import Account
from settlement.ledger import Entry, Kind, Purpose
from settlement.models import AccountingPeriod, PeriodStatus
from tests.settlement.people import ACCOUNTANT, APPROVER
from tests.settlement.proven import prove

MARCH = date(2026, 3, 2)
LAST_DAY = date(2026, 3, 31)
APRIL = datetime(2026, 4, 2, 9, tzinfo=UTC)


async def post(account: Account = chart.PROVIDER_FEES, *, day: date = MARCH) -> None:
    entries = [
        Entry(account=side, amount_minor=minor, currency="USD", purpose=Purpose.FEE)
        for side, minor in ((account, 100), (chart.BANK, -100))
    ]
    await ledger.post(
        kind=Kind.BANK, key=str(uuid4()), effective_date=day, source_type="bank_line",
        source_id=uuid4(), entries=entries, now=APRIL,
    )  # fmt: skip


async def soft_close() -> None:
    await closing.soft_close(principal=ACCOUNTANT, month=MARCH, note="Month end", now=APRIL)


async def close(*, is_proven: bool = True) -> str:
    await prove(LAST_DAY, holds=is_proven)
    return await shut()


async def shut() -> str:
    return await closing.close(principal=APPROVER, month=MARCH, note="Month end", now=APRIL)


async def status() -> PeriodStatus:
    return (await AccountingPeriod.get(starts=date(2026, 3, 1))).status


async def propose(day: date = MARCH) -> UUID:
    return await proposing.propose(
        principal=ACCOUNTANT, kind=AdjustmentKind.PROVIDER_RESERVE, currency="USD",
        amount_minor=7, note="Found late", key=str(uuid4()), effective_date=day, now=APRIL,
    )  # fmt: skip
