"""Each check of the way from earning to payout finds what breaks it, and nothing else."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from marketplace.kit.money import Money
from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.transactions import connection, transaction
from marketplace_runtime.orm import connected
from settlement.earnings import holding, maturing
from settlement.invariants.checking import check_all
from settlement.payouts import approving, drafting, reserving
from settlement.payouts.models import Payout
from settlement.totals import totals
from tests.conftest import Database
from tests.earnings.selling import LONG_AGO
from tests.payouts.money import connect, staff
from tests.payouts.terms import agree
from tests.settlement.books import hear
from tests.settlement.difference import Difference
from tests.settlement.rows import NOW
from tests.settlement.settled import SETTLED
from tests.settlement.unruled import allow_anything, violated
from tests.settlement.worked import place, refund, ship
from tests.settlement.worked_parts import Worked

pytestmark = [pytest.mark.anyio]

LATER = NOW + timedelta(days=35)  # a Monday; what was shipped has matured


class _Undo(Exception):
    pass


@pytest.fixture
async def order(shared_database: Database) -> AsyncIterator[Worked]:
    """A's money is on its way to it, but for a reserve and a hold; B's waits, less a refund."""
    async with connected(shared_database.owner_url):
        try:
            async with transaction(SYSTEM):
                yield await _story()
                raise _Undo
        except _Undo:
            pass


async def _story() -> Worked:
    order = await place()
    mine = order.parts["A"].vendor_id
    for part in order.parts.values():
        await agree(part.vendor_id, at=LONG_AGO, reserve_bps=10_00)
    await ship(order, "A")
    await hear(order.captured(), order.fee_known(), order.shipped("A"))
    await maturing.mature_due(now=LATER)
    await ship(order, "B")
    await hear(order.shipped("B"), await refund(order, {"A": 1, "B": 2}))
    await holding.place(
        principal=staff(StaffRole.ACCOUNTANT), vendor_id=mine, amount=Money(1_00, "USD"),
        reason="Is this theirs?", now=LATER,
    )  # fmt: skip
    await connect([mine])
    batch_id = await drafting.draft_cycle(day=LATER.date(), principal=SYSTEM, now=LATER)
    assert batch_id is not None
    [payout] = await Payout.all()
    await approving.approve(
        principal=staff(StaffRole.APPROVER), batch_id=batch_id,
        expected_totals={"USD": payout.amount_minor}, now=LATER,
    )  # fmt: skip
    await reserving.reserve(payout_id=payout.id, now=LATER)
    await allow_anything()
    return order


async def test_money_on_its_way_violates_nothing(order: Worked) -> None:
    report = await check_all(connection())

    assert report.violations == (), str(report)
    assert all(
        sums.unexplained == 0 and sums.difference == 0 for sums in await totals(connection())
    )


@pytest.mark.parametrize("difference", SETTLED, ids=lambda difference: difference.check)
async def test_a_difference_is_found(order: Worked, difference: Difference) -> None:
    await connection().execute(difference.sql)

    found = await violated()

    assert set(found) == {difference.check, *difference.also}, found
