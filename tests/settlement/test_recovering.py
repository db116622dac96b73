"""A vendor below zero pays out of its reserve first, and never more than it owes."""

from datetime import timedelta
from uuid import uuid4

import pytest

from marketplace.kit.errors import Forbidden
from marketplace.kit.principal import SYSTEM
from settlement import recovering
from settlement.adjustments import deciding, proposing
from settlement.adjustments.models import AdjustmentKind
from settlement.earnings import maturing
from settlement.earnings.models import ReserveHold
from tests.earnings.selling import sold
from tests.settlement.books import posted
from tests.settlement.people import ACCOUNTANT, APPROVER, SUPPORT, VIEWER
from tests.settlement.rows import NOW
from tests.settlement.worked_parts import Part, Worked

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]
LATE = NOW + timedelta(days=60)


async def matured() -> Worked:
    """A's earning of 52.75 is available, less its reserve of 5.28."""
    order = await sold("A")
    await maturing.mature_due(now=LATE)
    return order


async def charge(part: Part, minor: int) -> None:
    """A penalty of this much."""
    adjustment_id = await proposing.propose(
        principal=ACCOUNTANT, kind=AdjustmentKind.PENALTY, vendor_id=part.vendor_id,
        currency="USD", amount_minor=minor, note="Late", key=str(uuid4()), now=NOW,
    )  # fmt: skip
    await deciding.approve(principal=APPROVER, adjustment_id=adjustment_id, now=NOW)


async def test_the_reserve_pays_what_is_owed_and_no_more() -> None:
    order = await matured()
    await charge(order.parts["A"], 50_00)  # 47.47 is available, 5.28 is held back

    assert await recovering.recover_due(now=LATE) == 1
    assert await recovering.recover_due(now=LATE) == 0

    books = await posted()
    assert "2120 A" not in books
    assert books["2130 A"] == -(5_28 - 2_53)
    assert (await ReserveHold.get()).used_minor == 2_53


async def test_what_the_reserve_cannot_pay_waits_for_earnings_and_people() -> None:
    order = await matured()
    await charge(order.parts["A"], 60_00)

    await recovering.recover_due(now=LATE)

    [debtor] = await recovering.debtors(principal=VIEWER)
    assert debtor.vendor_id == order.parts["A"].vendor_id
    assert (debtor.owed.minor, debtor.reserve.minor) == (60_00 - 52_75, 0)
    assert await recovering.recover_due(now=LATE) == 0


async def test_whoever_owes_nothing_keeps_the_reserve() -> None:
    await matured()

    assert await recovering.recover_due(now=LATE) == 0
    assert await recovering.debtors(principal=SYSTEM) == []
    assert (await ReserveHold.get()).used_minor == 0


async def test_what_vendors_owe_is_for_finance_to_see() -> None:
    with pytest.raises(Forbidden):
        await recovering.debtors(principal=SUPPORT)
