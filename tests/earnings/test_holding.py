"""Money on hold: taken aside once, given back once, for a reason."""

import asyncio
from uuid import UUID, uuid4

import pytest

from marketplace.kit.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from marketplace.kit.money import Money
from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.transactions import connection, transaction
from settlement import chart, ledger
from settlement.earnings import holding, moves
from settlement.earnings.errors import NotAvailable
from settlement.earnings.models import MoneyHold
from settlement.ledger import Kind, Purpose
from tests.conftest import Database
from tests.earnings.selling import vendor_accounts
from tests.payouts.money import NOW, credit, make_vendor, staff
from tests.settlement.rows import insert

pytestmark = [pytest.mark.anyio]

ACCOUNTANT = staff(StaffRole.ACCOUNTANT)


async def place(vendor_id: UUID, minor: int, *, reason: str = "Is this theirs?") -> UUID:
    return await holding.place(
        principal=ACCOUNTANT, vendor_id=vendor_id, amount=Money(minor, "USD"), reason=reason,
        now=NOW,
    )  # fmt: skip


async def release(hold_id: UUID) -> None:
    await holding.release(principal=ACCOUNTANT, hold_id=hold_id, reason="It is", now=NOW)


async def test_what_is_held_is_not_available_until_it_is_released(db: None) -> None:
    vendor = await make_vendor()
    await credit([vendor.id], 10_00)

    hold_id = await place(vendor.id, 4_00)
    assert await vendor_accounts(vendor.id) == {"2120": 6_00, "2150": 4_00}
    await release(hold_id)

    assert await vendor_accounts(vendor.id) == {"2120": 10_00}
    hold = await MoneyHold.get(id=hold_id)
    assert (hold.state, hold.placed_by, hold.ended_by) == (
        "released", ACCOUNTANT.key, ACCOUNTANT.key,
    )  # fmt: skip
    kept = await connection().fetch("SELECT move, reason FROM settlement_change ORDER BY move")
    assert [tuple(row) for row in kept] == [("place", "Is this theirs?"), ("release", "It is")]


async def test_more_than_is_available_is_not_held(db: None) -> None:
    vendor = await make_vendor()
    await credit([vendor.id], 3_99)

    with pytest.raises(NotAvailable, match=r"4.00 USD cannot be held: 3.99 USD is available"):
        await place(vendor.id, 4_00)


async def test_holds_at_once_hold_no_more_than_there_is(committed_db: Database) -> None:
    async with transaction(SYSTEM):
        vendor = await make_vendor()
        await credit([vendor.id], 10_00)

    answers = await asyncio.gather(
        *(place(vendor.id, 4_00) for _ in range(5)), return_exceptions=True
    )

    assert sum(isinstance(answer, NotAvailable) for answer in answers) == 3
    async with transaction(SYSTEM):
        assert await vendor_accounts(vendor.id) == {"2120": 2_00, "2150": 8_00}


async def test_placing_and_releasing_at_once_do_not_wait_for_each_other_in_a_circle(
    committed_db: Database,
) -> None:
    async with transaction(SYSTEM):
        vendor = await make_vendor()
        # A dispute came before anything was available: its account is the older one.
        pending, on_hold = chart.vendor_pending(vendor.id), chart.vendor_on_hold(vendor.id)
        disputed = moves.move(
            kind=Kind.HOLD, key="hold:dispute", source_id=uuid4(), purpose=Purpose.HOLD,
            out_of=pending, into=on_hold, amount_minor=1_00, currency="USD", now=NOW,
        )  # fmt: skip
        await ledger.post_all([disputed], now=NOW)
        await credit([vendor.id], 20_00)
    placed = [await place(vendor.id, 1_00) for _ in range(8)]

    await asyncio.gather(
        *(release(hold_id) for hold_id in placed), *(place(vendor.id, 1_00) for _ in range(8))
    )

    async with transaction(SYSTEM):
        assert await vendor_accounts(vendor.id) == {"2110": -1_00, "2120": 12_00, "2150": 9_00}


async def test_a_hold_ends_once(committed_db: Database) -> None:
    async with transaction(SYSTEM):
        vendor = await make_vendor()
        await credit([vendor.id], 10_00)
    hold_id = await place(vendor.id, 4_00)

    answers = await asyncio.gather(*(release(hold_id) for _ in range(3)), return_exceptions=True)

    assert sum(isinstance(answer, IllegalMove) for answer in answers) == 2
    async with transaction(SYSTEM):
        assert await vendor_accounts(vendor.id) == {"2120": 10_00}


async def test_a_disputes_hold_ends_with_its_dispute(db: None) -> None:
    hold_id = await insert(
        "money_hold", vendor_id=uuid4(), currency="USD", amount_minor=1, taken_from="2110",
        kind="dispute", state="held", reason="Not received", placed_by="system", placed_at=NOW,
    )  # fmt: skip

    with pytest.raises(NotFound):
        await release(hold_id)


@pytest.mark.parametrize(("minor", "reason"), [(0, "why"), (-1, "why"), (1, " "), (1, "x" * 201)])
async def test_a_hold_is_of_something_and_says_why(db: None, minor: int, reason: str) -> None:
    vendor = await make_vendor()

    with pytest.raises(InvalidInput):
        await place(vendor.id, minor, reason=reason)


async def test_others_hold_nothing(db: None) -> None:
    with pytest.raises(Forbidden):
        await holding.place(
            principal=staff(StaffRole.APPROVER), vendor_id=uuid4(), amount=Money(1, "USD"),
            reason="why", now=NOW,
        )  # fmt: skip
    with pytest.raises(Forbidden):
        await holding.release(
            principal=staff(StaffRole.FINANCE_VIEWER), hold_id=uuid4(), reason="why", now=NOW
        )
    with pytest.raises(NotFound):
        await place(uuid4(), 1)
