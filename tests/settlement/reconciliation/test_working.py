"""People work breaks: each with the right to it, much of it by two."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from marketplace.kit.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from marketplace.kit.principal import Principal
from settlement.adjustments.errors import NeedsAnother
from settlement.reconciliation import break_queries, breaks, queries, running
from settlement.reconciliation.break_queries import BreakFilter, BreakStory
from settlement.reconciliation.errors import RemedyDoesNotFit
from settlement.reconciliation.run_models import BreakState, Remedy
from tests.payments.world import OVER_HTTP
from tests.settlement.people import ACCOUNTANT, ADMINISTRATOR, APPROVER, SUPPORT, VIEWER
from tests.settlement.reconciliation import happenings, settlings
from tests.settlement.reconciliation.desk import Desk

pytestmark = OVER_HTTP
FROZEN = "SELECT count(*) FROM payout_freeze WHERE lifted_at IS NULL"


async def a_break(desk: Desk, *, minor: int = 500_00) -> BreakStory:
    """Money of unknown origin, more than one person may decide on."""
    await desk.world.sandbox.door("bank/lines", amount=minor, text="FROM AUNT MABEL")
    await desk.statement()
    assert len(await desk.reconcile()) == 1
    return await story(desk)


async def story(desk: Desk) -> BreakStory:
    [found] = await desk.breaks(is_live=None)
    return await break_queries.find_break(principal=VIEWER, break_id=found.id, now=desk.world.now)


async def propose(desk: Desk, of: BreakStory, by: Principal = ACCOUNTANT) -> bool:
    return await breaks.propose(
        principal=by, break_id=of.head.id, remedy=Remedy.BOOK, against="1990", note="look later",
        now=desk.world.now,
    )  # fmt: skip


async def test_a_break_is_taken_up_talked_about_proposed_and_agreed_to(desk: Desk) -> None:
    found = await a_break(desk)
    now = desk.world.now

    await breaks.assign(principal=ACCOUNTANT, break_id=found.head.id, owner=ACCOUNTANT.key, now=now)
    await breaks.comment(principal=ACCOUNTANT, break_id=found.head.id, text=" Whose? ", now=now)
    assert not await propose(desk, found)
    await breaks.approve(principal=APPROVER, break_id=found.head.id, now=now)

    told = await story(desk)
    assert told.head.state is BreakState.RESOLVED
    assert told.head.owner == ACCOUNTANT.key
    assert [said.text for said in told.comments] == ["Whose?"]
    assert {change.to_state for change in told.history} == {
        "open", "investigating", "proposed", "resolved",
    }  # fmt: skip
    [proposal] = told.proposals
    assert (proposal.is_approved, proposal.decided_by) == (True, APPROVER.key)
    assert proposal.posting_id is not None
    assert [line.side for line in told.lines] == ["bank"]


async def test_a_small_one_is_settled_at_once(desk: Desk) -> None:
    assert await propose(desk, await a_break(desk, minor=12_00))

    assert (await story(desk)).head.state is BreakState.RESOLVED


async def test_nobody_agrees_to_what_they_proposed(desk: Desk) -> None:
    found = await a_break(desk)
    await propose(desk, found, by=ADMINISTRATOR)

    with pytest.raises(NeedsAnother):
        await breaks.approve(principal=ADMINISTRATOR, break_id=found.head.id, now=desk.world.now)

    assert (await story(desk)).head.state is BreakState.PROPOSED


async def test_a_rejected_proposal_makes_room_for_another(desk: Desk) -> None:
    found = await a_break(desk)
    await propose(desk, found)
    with pytest.raises(IllegalMove):
        await propose(desk, found)

    await breaks.reject(
        principal=APPROVER, break_id=found.head.id, note="ask the bank", now=desk.world.now
    )

    assert (await story(desk)).head.state is BreakState.INVESTIGATING
    assert not await propose(desk, found)


async def test_each_role_may_do_its_part_and_no_more(desk: Desk) -> None:
    found = await a_break(desk)
    asked: dict[str, Any] = {"break_id": found.head.id, "now": desk.world.now}

    for nobody in (VIEWER, APPROVER, SUPPORT):
        with pytest.raises(Forbidden):
            await breaks.comment(principal=nobody, text="Hm", **asked)
        with pytest.raises(Forbidden):
            await propose(desk, found, by=nobody)
        with pytest.raises(Forbidden):
            await running.run(principal=nobody, until=desk.world.now.date(), now=desk.world.now)
    for nobody in (VIEWER, ACCOUNTANT, SUPPORT):
        with pytest.raises(Forbidden):
            await breaks.approve(principal=nobody, **asked)
    with pytest.raises(Forbidden):
        await queries.runs(principal=SUPPORT)
    with pytest.raises(Forbidden):
        await break_queries.breaks(principal=SUPPORT, wanted=BreakFilter(), now=desk.world.now)


async def test_a_break_that_is_not_there_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        await breaks.comment(principal=ACCOUNTANT, break_id=uuid4(), text="Hm", now=desk.world.now)


async def test_a_remedy_has_to_fit(desk: Desk) -> None:
    found = await a_break(desk)
    asked: dict[str, Any] = {"break_id": found.head.id, "now": desk.world.now}

    for remedy, against in (
        (Remedy.BOOK, "9999"),
        (Remedy.BOOK, None),
        (Remedy.BOOK, "2120"),  # of which vendor?
        (Remedy.REVERSE, str(uuid4())),
        (Remedy.MATCH, "po_unknown"),
        (Remedy.MATCH, None),
    ):
        with pytest.raises(RemedyDoesNotFit):
            await breaks.propose(
                principal=ACCOUNTANT, remedy=remedy, against=against, note="", **asked
            )
    with pytest.raises(InvalidInput):
        await breaks.comment(principal=ACCOUNTANT, text="  ", **asked)


async def test_a_suggestion_that_a_person_confirms_is_a_match(desk: Desk) -> None:
    await happenings.payout_with("bank_line_missing", days=5)(desk)
    await desk.world.sandbox.door("bank/lines", amount=40_00, text="COLLECTIVE CREDIT")
    await desk.statement()
    [found] = await desk.reconcile()
    assert found.code == "U1"
    row = await desk.world.value("SELECT suggestion FROM reconciliation_break")

    await desk.settle(Remedy.MATCH, against=row)

    await desk.reconcile()
    assert await desk.reconcile() == []
    assert {proof.difference.minor for proof in await desk.proofs()} == {0}


async def test_what_was_dismissed_stays_so_until_it_is_another_difference(desk: Desk) -> None:
    found = await a_break(desk)
    asked: dict[str, Any] = {"break_id": found.head.id, "now": desk.world.now}
    await breaks.propose(
        principal=ACCOUNTANT, remedy=Remedy.FALSE_POSITIVE, note="ours, privately", **asked
    )
    await breaks.approve(principal=APPROVER, **asked)

    assert await desk.reconcile() == []
    assert (await story(desk)).head.state is BreakState.FALSE_POSITIVE
    assert all(proof.is_proven for proof in await desk.proofs())

    await desk.as_owner("UPDATE bank_line SET amount_minor = amount_minor + 1")
    [another] = await desk.reconcile()
    assert another.amount.minor == 500_01


async def test_money_that_may_not_be_there_stops_payouts_until_it_is_explained(desk: Desk) -> None:
    await happenings.a_sale_nobody_made(desk)
    [found] = await desk.reconcile()
    assert (found.code, await desk.world.value(FROZEN)) == ("M2", 1)
    await desk.reconcile()
    assert await desk.world.value(FROZEN) == 1

    await settlings.reverse_the_first(desk)

    assert await desk.world.value(FROZEN) == 0
    told = await desk.world.rows(
        "SELECT name FROM outbox_event WHERE name LIKE 'freeze.%' ORDER BY happened_at, name DESC"
    )
    assert [row[0] for row in told] == ["freeze.placed", "freeze.lifted"]


async def test_the_same_difference_is_one_break_and_grows_older(desk: Desk) -> None:
    await happenings.payout_with("bank_line_missing", days=5)(desk)
    [young] = await desk.reconcile()
    await desk.pass_days(8)

    [old] = await desk.reconcile()

    assert (young.code, old.code) == ("T2", "M3")
    assert (young.id, young.first_seen_at) == (old.id, old.first_seen_at)
    assert (old.age_days, old.age_bucket) == (6, "6-10")


async def test_runs_beside_each_other_find_a_difference_once(desk: Desk) -> None:
    await happenings.unknown_money(desk)
    await desk.pull()
    today = desk.world.now.date()

    await asyncio.gather(
        *(running.run(principal=ACCOUNTANT, until=today, now=desk.world.now) for _ in range(2))
    )

    assert len(await desk.breaks(is_live=None)) == 1
    assert [run.number for run in await queries.runs(principal=VIEWER)] == [2, 1]


async def test_lines_read_behind_a_balance_are_not_in_it(desk: Desk) -> None:
    await happenings.settled_sale(desk)
    yesterday = desk.world.now.date()
    await desk.pass_days(1)
    await desk.pull()
    await desk.pass_days(1)
    await desk.world.sandbox.door("fees", amount=2_00)
    await desk.pull()
    await desk.as_owner("DELETE FROM provider_balance WHERE taken_at = $1", desk.world.now)
    desk.is_offline = True

    await desk.reconcile(until=yesterday)

    assert all(proof.is_proven for proof in await desk.proofs(day=yesterday))


async def test_a_reversal_that_leaves_a_rest_leaves_the_break_open_with_it(desk: Desk) -> None:
    await happenings.another_fee(2_00)(desk)
    [found] = await desk.reconcile()
    assert (found.code, found.amount.minor) == ("A2", 2_00)
    posting_id = await desk.world.value("SELECT id FROM ledger_transaction WHERE kind = 'capture'")

    captured = await desk.world.value("SELECT amount_minor FROM capture")

    await desk.settle(Remedy.REVERSE, against=str(posting_id))

    [still] = await desk.breaks()
    assert (still.id, still.amount.minor) == (found.id, captured + 2_00)
    assert still.state is BreakState.INVESTIGATING
    [again] = await desk.reconcile()
    assert (again.id, again.amount.minor) == (found.id, captured + 2_00)
