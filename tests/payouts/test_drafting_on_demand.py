"""A payout that its vendor, or accounting, asks for."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from marketplace.kit.errors import Forbidden, NotFound
from marketplace.kit.principal import SYSTEM, Kind, Principal, StaffRole
from marketplace.kit.transactions import transaction
from settlement.payouts import drafting
from settlement.payouts.eligibility import Reason
from settlement.payouts.errors import NotPayable, PaidOnSchedule
from settlement.payouts.models import Payout, PayoutBatch, Statement
from settlement.terms.models import Schedule
from tests.conftest import Database
from tests.payouts.money import NOW, credit, make_vendor, make_vendors, staff
from tests.payouts.terms import agree

pytestmark = [pytest.mark.anyio]


def asking(vendor_id: UUID, role: str = "owner") -> Principal:
    return Principal(Kind.VENDOR, id=uuid4(), vendor_id=vendor_id, roles=frozenset({role}))


async def test_a_vendor_asks_for_its_money(committed_db: Database) -> None:
    async with transaction(SYSTEM):
        vendor = await make_vendor()
        await agree(vendor.id, schedule=Schedule.ON_DEMAND, schedule_days=[])
        await credit([vendor.id], 5_00)

    batch_id = await drafting.draft_on_demand(
        vendor_id=vendor.id, principal=asking(vendor.id), now=NOW
    )

    async with transaction(SYSTEM):
        batch = await PayoutBatch.get(id=batch_id)
        assert batch.cycle == f"vendor:{vendor.code}:2026-11-23T09:00:00+00:00"
        assert [row.amount_minor for row in await Payout.all()] == [5_00]
    with pytest.raises(NotPayable) as refused:
        await drafting.draft_on_demand(
            vendor_id=vendor.id, principal=asking(vendor.id), now=NOW + timedelta(seconds=1)
        )
    assert refused.value.reason is Reason.PAYOUT_UNDER_WAY
    async with transaction(SYSTEM):
        assert await PayoutBatch.all().count() == 1
        assert await Statement.all().count() == 1


async def test_a_vendor_paid_on_days_asks_in_vain_and_accounting_does_not(db: None) -> None:
    vendor = await make_vendor()
    await credit([vendor.id], 5_00)

    with pytest.raises(PaidOnSchedule):
        await drafting.draft_on_demand(vendor_id=vendor.id, principal=asking(vendor.id), now=NOW)
    await drafting.draft_on_demand(
        vendor_id=vendor.id, principal=staff(StaffRole.ACCOUNTANT), now=NOW
    )

    assert await Payout.all().count() == 1


async def test_only_owner_and_finance_ask_and_for_their_own(db: None) -> None:
    mine, theirs = await make_vendors(2)

    with pytest.raises(Forbidden):
        await drafting.draft_on_demand(
            vendor_id=mine, principal=asking(mine, "fulfilment"), now=NOW
        )
    with pytest.raises(NotFound):
        await drafting.draft_on_demand(vendor_id=theirs, principal=asking(mine), now=NOW)
    with pytest.raises(NotFound):
        await drafting.draft_on_demand(vendor_id=uuid4(), principal=SYSTEM, now=NOW)


async def test_without_money_on_demand_says_so(db: None) -> None:
    vendor = await make_vendor()

    with pytest.raises(NotPayable) as refused:
        await drafting.draft_on_demand(vendor_id=vendor.id, principal=SYSTEM, now=NOW)

    assert refused.value.reason is Reason.NOTHING_AVAILABLE
    assert refused.value.message == "Nothing is available yet."
