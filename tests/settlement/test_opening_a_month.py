"""A closed month is opened again by two people, the last one first."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from marketplace.kit.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from settlement.adjustments import closing
from settlement.adjustments.errors import NeedsAnother, PeriodClosed
from settlement.models import PeriodStatus
from tests.settlement.months import (
    APRIL,
    MARCH,
    close,
    post,
    propose,
    soft_close,
    status,
)
from tests.settlement.people import ACCOUNTANT, ADMINISTRATOR, APPROVER, VIEWER
from tests.settlement.proven import prove

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def test_opening_again_takes_two_people() -> None:
    await post()
    await soft_close()
    with pytest.raises(IllegalMove):
        await closing.ask_to_reopen(principal=ACCOUNTANT, month=MARCH, note="Wait", now=APRIL)
    await close()
    asked = await closing.ask_to_reopen(
        principal=ADMINISTRATOR, month=MARCH, note="A line is missing", now=APRIL
    )

    with pytest.raises(NeedsAnother):
        await closing.agree_to_reopen(principal=ADMINISTRATOR, change_id=asked, now=APRIL)
    with pytest.raises(InvalidInput):
        await closing.ask_to_reopen(principal=ACCOUNTANT, month=MARCH, note="Me too", now=APRIL)
    assert await status() is PeriodStatus.CLOSED
    await closing.agree_to_reopen(principal=APPROVER, change_id=asked, now=APRIL)
    with pytest.raises(IllegalMove):
        await closing.agree_to_reopen(principal=APPROVER, change_id=asked, now=APRIL)

    assert await status() is PeriodStatus.SOFT_CLOSED


async def test_only_the_last_closed_month_is_opened_again() -> None:
    await post()
    await soft_close()
    await close()
    asked = await closing.ask_to_reopen(
        principal=ADMINISTRATOR, month=MARCH, note="A line is missing", now=APRIL
    )
    may = datetime(2026, 5, 2, 9, tzinfo=UTC)
    await post(day=APRIL.date())
    await prove(date(2026, 4, 30))
    for step, who in ((closing.soft_close, ACCOUNTANT), (closing.close, APPROVER)):
        await step(principal=who, month=APRIL.date(), note="Month end", now=may)

    with pytest.raises(InvalidInput, match="later"):
        await closing.agree_to_reopen(principal=APPROVER, change_id=asked, now=may)

    assert await status() is PeriodStatus.CLOSED


async def test_a_month_without_postings_before_a_closed_one_takes_none() -> None:
    await post()
    await soft_close()
    await close()

    with pytest.raises(PeriodClosed):
        await propose(date(2026, 2, 3))


async def test_only_those_who_may_close_and_open_months() -> None:
    await post()

    with pytest.raises(Forbidden):
        await closing.soft_close(principal=VIEWER, month=MARCH, note="x", now=APRIL)
    with pytest.raises(Forbidden):
        await closing.close(principal=ACCOUNTANT, month=MARCH, note="x", now=APRIL)
    with pytest.raises(Forbidden):
        await closing.ask_to_reopen(principal=APPROVER, month=MARCH, note="x", now=APRIL)
    with pytest.raises(Forbidden):
        await closing.agree_to_reopen(principal=ACCOUNTANT, change_id=uuid4(), now=APRIL)
    with pytest.raises(NotFound):
        await closing.agree_to_reopen(principal=APPROVER, change_id=uuid4(), now=APRIL)
