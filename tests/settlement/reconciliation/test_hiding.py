"""A difference cannot hide: not behind a run, a decision, another one, or a match."""

from datetime import timedelta

import pytest

from marketplace.kit.errors import InvalidInput
from settlement.adjustments import deciding, proposing
from settlement.adjustments.models import AdjustmentKind
from settlement.reconciliation import breaks, running
from settlement.reconciliation.errors import RemedyDoesNotFit
from settlement.reconciliation.run_models import Remedy
from tests.payments.world import OVER_HTTP
from tests.settlement.people import ACCOUNTANT, APPROVER
from tests.settlement.reconciliation import happenings
from tests.settlement.reconciliation.desk import Desk

pytestmark = OVER_HTTP


async def test_a_run_of_an_earlier_day_ends_no_break_of_a_later_one(desk: Desk) -> None:
    await happenings.settled_sale(desk)
    await desk.pass_days(3)
    await happenings.unknown_money(desk)
    [found] = await desk.reconcile()

    [still] = await desk.reconcile(until=desk.world.now.date() - timedelta(days=2))

    assert (still.id, still.code) == (found.id, "U1")


async def test_a_day_that_has_not_come_is_not_compared(desk: Desk) -> None:
    with pytest.raises(InvalidInput):
        await desk.reconcile(until=desk.world.now.date() + timedelta(days=1))


async def test_what_was_dismissed_as_late_comes_back_as_missing(desk: Desk) -> None:
    await happenings.payout_with("bank_line_missing", days=5)(desk)
    [late] = await desk.reconcile()
    assert late.code == "T2"
    await desk.settle(Remedy.FALSE_POSITIVE)
    assert await desk.reconcile() == []
    await desk.pass_days(8)

    [missing] = await desk.reconcile()

    assert missing.code == "M3"


async def test_what_was_written_off_and_is_back_is_a_new_break(desk: Desk) -> None:
    await happenings.unknown_money(desk)
    [found] = await desk.reconcile()
    await desk.settle(Remedy.WRITE_OFF, against="1990")
    assert await desk.reconcile() == []
    posting_id = await desk.world.value("SELECT posting_id FROM break_proposal")
    adjustment_id = await proposing.propose(
        principal=ACCOUNTANT, kind=AdjustmentKind.REVERSAL, reverses_id=posting_id,
        note="not ours after all", key="back", now=desk.world.now,
    )  # fmt: skip
    await deciding.approve(principal=APPROVER, adjustment_id=adjustment_id, now=desk.world.now)

    [back] = await desk.reconcile()

    assert back.id != found.id
    assert back.amount == found.amount


async def test_a_payout_that_has_arrived_does_not_arrive_again(desk: Desk) -> None:
    await happenings.payout_with(None, days=5)(desk)
    assert await desk.reconcile() == []
    payout_id = await desk.world.value("SELECT id FROM provider_payout")
    await desk.world.sandbox.door("bank/lines", amount=40_00, text="COLLECTIVE CREDIT")
    await desk.statement()
    [found] = await desk.reconcile()
    assert found.code == "U1"

    with pytest.raises(RemedyDoesNotFit):
        await desk.settle(Remedy.MATCH, against=payout_id)

    assert [one.id for one in await desk.breaks()] == [found.id]


async def test_a_payout_of_another_currency_is_no_match(desk: Desk) -> None:
    await happenings.payout_with("bank_line_missing", days=5)(desk)
    await desk.world.sandbox.door("bank/lines", amount=40_00, text="COLLECTIVE CREDIT")
    await desk.statement()
    await desk.reconcile()
    payout_id = await desk.world.value("SELECT id FROM provider_payout")
    await desk.as_owner("UPDATE provider_payout SET currency = 'USD'")

    with pytest.raises(RemedyDoesNotFit):
        await desk.settle(Remedy.MATCH, against=payout_id)


async def test_news_of_much_money_is_not_dismissed_alone(desk: Desk) -> None:
    await happenings.a_payout_that_arrived_unheard(desk)
    await desk.as_owner("UPDATE reconciliation_policy SET second_person_minor = 1000")
    [found] = await desk.reconcile()

    is_done = await breaks.propose(
        principal=ACCOUNTANT, break_id=found.id, remedy=Remedy.FALSE_POSITIVE, note="known",
        now=desk.world.now,
    )  # fmt: skip

    assert (found.code, is_done) == ("S1", False)


async def test_a_run_by_earlier_rules_is_not_compared_by_todays(desk: Desk) -> None:
    await desk.reconcile()
    await desk.as_owner("UPDATE reconciliation_run SET rules = rules - 1")

    with pytest.raises(InvalidInput):
        await running.rerun(principal=ACCOUNTANT, run_id=desk.run_ids[-1])


async def test_a_large_posting_is_not_reversed_alone_for_a_small_difference(desk: Desk) -> None:
    await happenings.another_fee(2_00)(desk)
    await desk.as_owner("UPDATE reconciliation_policy SET second_person_minor = 1000")
    [found] = await desk.reconcile()
    assert found.code == "A2"
    posting_id = await desk.world.value("SELECT id FROM ledger_transaction WHERE kind = 'capture'")

    is_done = await breaks.propose(
        principal=ACCOUNTANT, break_id=found.id, remedy=Remedy.REVERSE, against=str(posting_id),
        note="all of it", now=desk.world.now,
    )  # fmt: skip

    assert not is_done
    [waiting] = await desk.breaks()
    assert waiting.state == "proposed"


async def test_a_difference_that_has_gone_meanwhile_is_not_booked(desk: Desk) -> None:
    await happenings.unknown_money(desk)
    [found] = await desk.reconcile()
    await desk.as_owner("UPDATE bank_line SET amount_minor = amount_minor + 1")

    with pytest.raises(RemedyDoesNotFit):
        await desk.settle(Remedy.BOOK, against="1990")

    assert [one.id for one in await desk.breaks()] == [found.id]
