"""A month is closed when nothing stands against it."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from asyncpg import PostgresError

from marketplace.kit.errors import IllegalMove, NotFound
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from settlement import chart
from settlement.adjustments import closing, deciding
from settlement.adjustments.errors import PeriodClosed, PeriodNotReady
from settlement.adjustments.models import PeriodChange
from settlement.models import PeriodStatus
from tests.settlement.months import (
    APRIL,
    LAST_DAY,
    MARCH,
    close,
    post,
    propose,
    shut,
    soft_close,
    status,
)
from tests.settlement.people import ACCOUNTANT, APPROVER
from tests.settlement.proven import prove
from tests.settlement.rows import insert, update

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def test_a_month_closes_softly_then_for_good_with_the_hash_of_its_books() -> None:
    await post()

    await soft_close()
    hashed = await close()

    assert await status() is PeriodStatus.CLOSED
    assert hashed == await closing.trial_balance_hash(date(2026, 3, 31))
    changes = await PeriodChange.all().order_by("id")
    assert {change.trial_balance_hash for change in changes} == {hashed}
    await post(day=APRIL.date())
    assert hashed == await closing.trial_balance_hash(date(2026, 3, 31))


async def test_while_a_month_is_softly_closed_two_people_still_book_in_it() -> None:
    await post()
    await soft_close()

    await deciding.approve(principal=APPROVER, adjustment_id=await propose(), now=APRIL)

    booked = await connection().fetchval("SELECT count(*) FROM ledger_transaction")
    assert booked == 2
    with pytest.raises(PostgresError, match="soft_closed"):
        async with transaction(SYSTEM):
            await post()


async def test_nothing_is_proposed_for_a_month_that_is_closed() -> None:
    await post()
    await soft_close()
    await close()

    with pytest.raises(PeriodClosed):
        await propose()


async def test_a_month_that_is_not_over_or_not_there_is_not_closed() -> None:
    await post(day=APRIL.date())

    with pytest.raises(PeriodNotReady, match="not over"):
        await closing.soft_close(principal=ACCOUNTANT, month=APRIL.date(), note="Early", now=APRIL)
    with pytest.raises(NotFound):
        await soft_close()
    await post()
    with pytest.raises(IllegalMove):
        await close()


async def test_suspense_unheard_news_and_open_proposals_stand_against_closing() -> None:
    await post(chart.SUSPENSE)
    await soft_close()
    await propose()
    event = await insert(
        "outbox_event", name="payment.captured", payload="{}", happened_at=datetime(
            2026, 3, 31, 23, tzinfo=UTC), routed_at=APRIL,
    )  # fmt: skip
    await insert("delivery", event_id=event, consumer="ledger", attempts=0, next_at=APRIL)

    with pytest.raises(PeriodNotReady) as refusal:
        await close()

    assert refusal.value.why == (
        "suspense holds USD 100; the books have yet to hear of 1 events;"
        " 1 adjustments wait for a decision"
    )
    assert await status() is PeriodStatus.SOFT_CLOSED


async def test_a_month_whose_news_is_unheard_is_not_even_closed_softly() -> None:
    await post()
    await insert("outbox_event", name="refund.failed", payload="{}", happened_at=datetime(
        2026, 3, 31, 23, tzinfo=UTC))  # fmt: skip

    with pytest.raises(PeriodNotReady, match="yet to hear"):
        await soft_close()


async def test_an_earlier_month_is_closed_first() -> None:
    await post()
    await post(day=date(2026, 2, 3))
    await soft_close()

    with pytest.raises(PeriodNotReady, match="February 2026 is not closed"):
        await close()


async def test_a_serious_break_stands_against_closing() -> None:
    await post()
    await soft_close()
    await insert(
        "reconciliation_break", key="po_1", code="M3", severity="high", state="open",
        account="transit", amount_minor=-100, currency="USD", detail="Missing", items="[]",
        happened_on=MARCH, first_run_id=uuid4(), last_run_id=uuid4(), first_seen_at=APRIL,
    )  # fmt: skip

    with pytest.raises(PeriodNotReady, match=r"open breaks: M3 .*\(po_1\)"):
        await close()


async def test_a_break_above_tolerance_stands_against_closing_and_a_small_one_does_not() -> None:
    await post()
    await soft_close()
    small = await insert(
        "reconciliation_break", key="ch_1", code="A2", severity="low", state="open",
        account="platform", amount_minor=5, currency="USD", detail="Fee", items="[]",
        happened_on=MARCH, first_run_id=uuid4(), last_run_id=uuid4(), first_seen_at=APRIL,
    )  # fmt: skip
    await update("reconciliation_break", small, amount_minor=6)
    with pytest.raises(PeriodNotReady, match=r"A2 .*\(ch_1\)"):
        await close()

    await update("reconciliation_break", small, amount_minor=5)
    await close()

    assert await status() is PeriodStatus.CLOSED


async def test_every_account_has_its_proof_of_cash_for_the_last_day() -> None:
    await post()
    await soft_close()
    with pytest.raises(PeriodNotReady, match="no proof of cash on 31 March for 1010 USD"):
        await shut()
    with pytest.raises(PeriodNotReady, match="1010 USD"):
        await close(is_proven=False)
    assert "1010 USD" in (await closing.readiness(principal=ACCOUNTANT, month=MARCH)).why

    await close()

    assert await status() is PeriodStatus.CLOSED


async def test_what_is_booked_behind_its_proof_is_proven_again() -> None:
    await post()
    await soft_close()
    await prove(LAST_DAY)
    await deciding.approve(principal=APPROVER, adjustment_id=await propose(), now=APRIL)

    with pytest.raises(PeriodNotReady, match="1120 USD, 1130 USD"):
        await shut()
