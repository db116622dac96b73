"""Whatever news of a dispute comes, in whatever order: the books end where the provider is."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from marketplace.kit.transactions import connection
from marketplace.payments import operations
from marketplace.payments.gateway import OutcomeUnknown, UnexpectedAnswer
from marketplace.payments.operation import OperationKind
from settlement.disputes.models import Dispute, DisputeState
from tests.settlement.books import posted
from tests.settlement.disputed import an_order, assert_sound, counters, disputed, held, line
from tests.settlement.rows import NOW

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def test_a_banks_question_moves_no_money_until_it_becomes_more() -> None:
    order = await an_order("A")
    before = await posted()
    case = await disputed(order, 59_63, status="warning_needs_response", is_inquiry=True)
    await case.becomes("warning_under_review")
    assert (await posted(), await held()) == (before, [])
    assert await counters() == (0, 0)

    case.now_there = replace(
        case.now_there, evidence_due_at=NOW + timedelta(days=19), status="needs_response"
    )
    await case.becomes("needs_response", line(-59_63, fee_minor=15_00))

    assert (await case.row()).state is DisputeState.NEEDS_RESPONSE
    assert len(await held()) == 1


async def test_a_question_that_led_to_nothing_is_closed() -> None:
    order = await an_order("A")
    before = await posted()
    case = await disputed(order, 59_63, status="warning_needs_response", is_inquiry=True)

    await case.becomes("warning_closed")

    assert (await case.row()).state is DisputeState.CLOSED
    assert await posted() == before


async def test_a_status_nobody_has_heard_of_is_kept_and_harmless() -> None:
    order = await an_order("A")
    case = await disputed(order, 59_63)
    before = await posted()

    await case.becomes("appeal_under_review")

    row = await case.row()
    assert (row.status, row.state) == ("appeal_under_review", DisputeState.NEEDS_RESPONSE)
    assert await posted() == before


@pytest.mark.parametrize("ends", ["won", "lost"])
@pytest.mark.parametrize("seen", ["o", "do", "drdo", "rrood", "odr", "ooo"])
async def test_in_any_order_and_twice_the_books_end_the_same(ends: str, seen: str) -> None:
    """d: as it was opened, r: under review, o: over. Looks from before come late as well."""
    order = await an_order("A", "B")
    before = await posted()
    case = await disputed(order, 50_00, told=False)
    opened = case.now_there
    back = (line(50_00),) if ends == "won" else ()
    lines = (*opened.balance_transactions, *back)
    shown = {
        "d": opened,
        "r": replace(opened, status="under_review"),
        "o": replace(opened, status=ends, balance_transactions=lines),
    }

    for letter in seen:
        case.now_there = shown[letter]
        await case.tell()

    assert (await case.row()).state is DisputeState(ends)
    after, kept = await posted(), 0 if ends == "won" else 50_00
    assert after["1120"] == before["1120"] - 15_00 - kept
    assert "1210" not in after
    assert await counters() == (kept, kept)
    assert {state for *_, state in await held()} <= {"released", "used"}
    await assert_sound()


async def test_a_dispute_of_somebody_elses_charge_is_nothing_to_us() -> None:
    order = await an_order("A")
    case = await disputed(order, 10_00, told=False)

    case.now_there = replace(case.now_there, charge_id="ch_theirs")
    await case.tell()

    assert not await Dispute.exists()


async def test_a_dispute_may_be_of_a_payment_whose_answer_is_still_out() -> None:
    order = await an_order("A")
    case = await disputed(order, 10_00, told=False)
    case.now_there = replace(case.now_there, charge_id="ch_early", intent_id="pi_early")
    await operations.begin(
        kind=OperationKind.INTENT, subject_id=uuid4(), key="intent", params={}, now=NOW
    )

    with pytest.raises(OutcomeUnknown):
        await case.tell()
    await operations.fail("intent", error="It never arrived")
    await case.tell()

    assert not await Dispute.exists()


async def test_a_dispute_that_is_told_before_its_charge_is_told_again_later() -> None:
    order = await an_order("A")
    case = await disputed(order, 10_00, told=False)
    await connection().execute("UPDATE payment_attempt SET intent_id = 'pi_early'")

    case.now_there = replace(case.now_there, charge_id="ch_early", intent_id="pi_early")

    with pytest.raises(OutcomeUnknown):
        await case.tell()


async def test_money_in_another_currency_is_for_a_person_to_look_at() -> None:
    order = await an_order("A")
    case = await disputed(order, 10_00, told=False)
    moved = (line(-10_00, currency="EUR"),)
    case.now_there = replace(case.now_there, balance_transactions=moved)

    with pytest.raises(UnexpectedAnswer):
        await case.tell()
