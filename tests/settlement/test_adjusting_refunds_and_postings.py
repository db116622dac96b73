"""Refunds paid otherwise, postings that are reversed, and the day corrections count for."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from marketplace.kit.errors import IllegalMove, NotFound
from marketplace.kit.transactions import connection
from marketplace.payments.models import Refund, RefundState
from settlement import chart
from settlement.adjustments import deciding
from settlement.adjustments.errors import NotReversible
from settlement.adjustments.models import AdjustmentKind
from settlement.ledger import Kind
from tests.settlement.adjusted import adjust, booked, propose, put
from tests.settlement.books import posted
from tests.settlement.people import APPROVER
from tests.settlement.rows import NOW
from tests.settlement.worked import place, refund

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def test_a_failed_refund_that_was_paid_otherwise_is_over_and_counted() -> None:
    order = await place()
    heard = await refund(order, {"B": 1}, state="failed")
    refund_id = UUID(str(heard.payload["refund_id"]))
    paid: dict[str, Any] = {"currency": None, "refund_id": refund_id, "reference": "SEPA 7"}

    assert await adjust(AdjustmentKind.REFUND_PAID_OTHERWISE, **paid) == {
        "2020": 19_33, "1010": -19_33,
    }  # fmt: skip

    assert (await Refund.get(id=refund_id)).state is RefundState.SETTLED
    assert await connection().fetchval("SELECT refunded_minor FROM payment") == 19_33
    with pytest.raises(IllegalMove):
        await propose(AdjustmentKind.REFUND_PAID_OTHERWISE, **paid)


async def test_a_refund_that_did_not_fail_is_not_paid_otherwise() -> None:
    order = await place()
    heard = await refund(order, {"B": 1})

    with pytest.raises(IllegalMove):
        await propose(
            AdjustmentKind.REFUND_PAID_OTHERWISE, currency=None, reference="SEPA 7",
            refund_id=UUID(str(heard.payload["refund_id"])),
        )  # fmt: skip
    with pytest.raises(NotFound):
        await propose(
            AdjustmentKind.REFUND_PAID_OTHERWISE, currency=None, reference="x", refund_id=uuid4()
        )


async def test_a_posting_is_reversed_exactly_and_once() -> None:
    wrong = await put(chart.SUSPENSE, 40_00)
    twice = [await propose(AdjustmentKind.REVERSAL, currency=None, reverses_id=wrong)
        for _ in range(2)]  # fmt: skip

    await deciding.approve(principal=APPROVER, adjustment_id=twice[0], now=NOW)

    assert await booked(twice[0]) == {"1010": 40_00, "1990": -40_00}
    assert await posted() == {}
    with pytest.raises(NotReversible):
        await deciding.approve(principal=APPROVER, adjustment_id=twice[1], now=NOW)


async def test_what_operations_booked_is_not_reversed_by_hand() -> None:
    earned = await put(chart.SUSPENSE, 40_00, kind=Kind.CAPTURE)

    with pytest.raises(NotReversible):
        await propose(AdjustmentKind.REVERSAL, currency=None, reverses_id=earned)
    with pytest.raises(NotFound):
        await propose(AdjustmentKind.REVERSAL, currency=None, reverses_id=uuid4())


async def test_an_adjustment_counts_for_the_day_it_is_proposed_for() -> None:
    day = date(2026, 2, 27)

    adjustment_id = await propose(
        AdjustmentKind.PROVIDER_RESERVE, amount_minor=1, effective_date=day
    )
    await deciding.approve(principal=APPROVER, adjustment_id=adjustment_id, now=NOW)

    assert await connection().fetchval("SELECT effective_date FROM ledger_transaction") == day
