"""Who agrees to a batch, how many, and what they saw."""

import asyncio
from uuid import UUID, uuid4

import pytest

from marketplace.kit.errors import Forbidden, IllegalMove, NotFound
from marketplace.kit.principal import SYSTEM, Principal, StaffRole
from marketplace.kit.transactions import connection, transaction
from settlement.history.models import SettlementChange
from settlement.payouts import approving, drafting
from settlement.payouts.approving import Approval
from settlement.payouts.errors import ApprovedBefore, ApproverDrafted, StaleBatch
from settlement.payouts.models import BatchState, Payout, PayoutApproval, PayoutBatch
from settlement.terms import changing
from tests.conftest import Database
from tests.payouts.money import NOW, credit, make_vendors, staff

pytestmark = [pytest.mark.anyio]

APPROVER = StaffRole.APPROVER


async def drafted(minor: int, *, by: Principal = SYSTEM, vendors: int = 1) -> UUID:
    """A batch of so much for each vendor; two people agree above 100.00 USD."""
    await changing.change_policy(
        principal=SYSTEM, currency="USD", auto_approve_minor=1_00, second_approval_minor=100_00
    )
    await credit(await make_vendors(vendors), minor)
    batch_id = await drafting.draft_cycle(day=NOW.date(), principal=by, now=NOW)
    assert batch_id is not None
    return batch_id


async def approve(batch_id: UUID, minor: int, *, by: Principal | None = None) -> Approval:
    return await approving.approve(
        principal=by or staff(APPROVER), batch_id=batch_id, expected_totals={"USD": minor}, now=NOW
    )


async def test_one_person_approves_and_every_payout_with_it(db: None) -> None:
    batch_id = await drafted(20_00, vendors=2)

    answer = await approve(batch_id, 40_00)

    assert answer == Approval(BatchState.APPROVED, 0)
    assert {payout.state for payout in await Payout.all()} == {"approved"}
    assert (await PayoutBatch.get(id=batch_id)).approved_at == NOW
    changes = await SettlementChange.filter(move="approve").order_by("subject")
    assert [change.subject for change in changes] == ["batch", "payout", "payout"]
    names = await connection().fetch("SELECT name FROM outbox_event WHERE name LIKE '%.approved'")
    assert sorted(row["name"] for row in names) == ["batch.approved"] + 2 * ["payout.approved"]


async def test_a_small_batch_asks_nobody(db: None) -> None:
    batch_id = await drafted(1_00)

    assert (await PayoutBatch.get(id=batch_id)).state == "approved"
    assert [row.approved_by for row in await PayoutApproval.all()] == ["system"]


async def test_a_large_batch_needs_two_people(db: None) -> None:
    batch_id = await drafted(100_01)

    assert await approve(batch_id, 100_01) == Approval(BatchState.DRAFT, 1)
    assert {payout.state for payout in await Payout.all()} == {"draft"}
    assert await approve(batch_id, 100_01) == Approval(BatchState.APPROVED, 0)


async def test_the_same_person_is_not_two(db: None) -> None:
    batch_id = await drafted(100_01)
    twice = staff(APPROVER)
    await approve(batch_id, 100_01, by=twice)

    with pytest.raises(ApprovedBefore, match="somebody else's"):
        await approve(batch_id, 100_01, by=twice)


async def test_who_drafted_it_may_be_first_and_never_second(db: None) -> None:
    drafter = staff(StaffRole.ADMINISTRATOR)
    batch_id = await drafted(100_01, by=drafter)
    await approve(batch_id, 100_01)

    with pytest.raises(ApproverDrafted):
        await approve(batch_id, 100_01, by=drafter)
    assert {payout.state for payout in await Payout.all()} == {"draft"}


async def test_who_drafted_it_gives_the_first_of_two(db: None) -> None:
    drafter = staff(StaffRole.ADMINISTRATOR)
    batch_id = await drafted(100_01, by=drafter)

    assert await approve(batch_id, 100_01, by=drafter) == Approval(BatchState.DRAFT, 1)
    assert await approve(batch_id, 100_01) == Approval(BatchState.APPROVED, 0)


async def test_a_batch_that_is_not_what_they_saw_is_refused(db: None) -> None:
    batch_id = await drafted(20_00)

    with pytest.raises(StaleBatch, match=r"now comes to 20.00 USD"):
        await approve(batch_id, 19_99)
    assert await PayoutApproval.all().count() == 0


@pytest.mark.parametrize("role", [StaffRole.ACCOUNTANT, StaffRole.FINANCE_VIEWER])
async def test_others_approve_nothing(db: None, role: StaffRole) -> None:
    batch_id = await drafted(20_00)

    with pytest.raises(Forbidden):
        await approve(batch_id, 20_00, by=staff(role))


async def test_a_batch_is_decided_once(db: None) -> None:
    batch_id = await drafted(20_00)
    await approve(batch_id, 20_00)

    with pytest.raises(IllegalMove):
        await approve(batch_id, 20_00)
    with pytest.raises(IllegalMove):
        await approving.cancel(principal=staff(APPROVER), batch_id=batch_id, reason="no", now=NOW)


async def test_there_is_no_such_batch(db: None) -> None:
    with pytest.raises(NotFound):
        await approve(uuid4(), 1)


async def test_two_people_at_once_are_two_approvals_and_one_decision(
    committed_db: Database,
) -> None:
    async with transaction(SYSTEM):
        batch_id = await drafted(100_01)

    answers = await asyncio.gather(*(approve(batch_id, 100_01) for _ in range(2)))

    assert {answer.missing for answer in answers} == {0, 1}
    async with transaction(SYSTEM):
        assert await PayoutApproval.all().count() == 2
        assert await SettlementChange.filter(move="approve", subject="batch").count() == 1


async def test_an_approval_and_a_cancellation_at_once_leave_one_of_them(
    committed_db: Database,
) -> None:
    async with transaction(SYSTEM):
        batch_id = await drafted(20_00)

    answers = await asyncio.gather(
        approve(batch_id, 20_00),
        approving.cancel(principal=staff(APPROVER), batch_id=batch_id, reason="no", now=NOW),
        return_exceptions=True,
    )

    assert sum(isinstance(answer, IllegalMove) for answer in answers) == 1
    async with transaction(SYSTEM):
        [payout] = await Payout.all()
        assert payout.state.value == (await PayoutBatch.get(id=batch_id)).state.value


async def test_a_cancelled_batch_pays_nobody_and_says_why(db: None) -> None:
    batch_id = await drafted(20_00)

    await approving.cancel(
        principal=staff(StaffRole.ACCOUNTANT), batch_id=batch_id, reason="Wrong day", now=NOW
    )

    assert {payout.state for payout in await Payout.all()} == {"cancelled"}
    assert (await PayoutBatch.get(id=batch_id)).cancelled_at == NOW
    changes = await SettlementChange.filter(move="cancel")
    assert {change.reason for change in changes} == {"Wrong day"}


async def test_a_viewer_cancels_nothing(db: None) -> None:
    batch_id = await drafted(20_00)

    with pytest.raises(Forbidden):
        await approving.cancel(
            principal=staff(StaffRole.FINANCE_VIEWER), batch_id=batch_id, reason="no", now=NOW
        )
