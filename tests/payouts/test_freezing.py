"""A frozen vendor is skipped, by anybody's freeze, until the last is lifted."""

import asyncio
import io
from uuid import UUID, uuid4

import pytest
from pypdf import PdfReader

from marketplace.kit.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.transactions import transaction
from settlement.payouts import drafting, freezing
from settlement.payouts.models import FreezeSource, Payout, PayoutFreeze, SkippedPayout
from settlement.reports.statements import reading, typesetting
from tests.conftest import Database
from tests.factories import member
from tests.payouts.money import NOW, credit, make_vendor, staff

pytestmark = [pytest.mark.anyio]

ACCOUNTANT = staff(StaffRole.ACCOUNTANT)


async def freeze(
    vendor_id: UUID, *, source: FreezeSource = FreezeSource.STAFF, source_id: UUID | None = None
) -> UUID:
    return await freezing.freeze(
        principal=ACCOUNTANT, vendor_id=vendor_id, reason="Fraud?", now=NOW, source=source,
        source_id=source_id,
    )  # fmt: skip


async def lift(freeze_id: UUID) -> None:
    await freezing.lift(principal=ACCOUNTANT, freeze_id=freeze_id, reason="No", now=NOW)


async def test_a_frozen_vendor_is_skipped_until_the_last_freeze_is_lifted(db: None) -> None:
    vendor = await make_vendor()
    await credit([vendor.id], 5_00)
    by_hand = await freeze(vendor.id)
    by_a_break = await freeze(vendor.id, source=FreezeSource.RECONCILIATION, source_id=uuid4())
    await lift(by_hand)

    await drafting.draft_cycle(day=NOW.date(), principal=SYSTEM, now=NOW)
    [skipped] = await SkippedPayout.all()
    assert (skipped.reason, skipped.detail) == ("frozen", "Payouts are stopped: Fraud?")

    await lift(by_a_break)
    await drafting.draft_on_demand(vendor_id=vendor.id, principal=SYSTEM, now=NOW)
    assert await Payout.all().count() == 1


async def test_freezing_twice_at_once_is_one_freeze(committed_db: Database) -> None:
    async with transaction(SYSTEM):
        vendor = await make_vendor()

    answers = await asyncio.gather(*(freeze(vendor.id) for _ in range(4)))

    assert len(set(answers)) == 1
    async with transaction(SYSTEM):
        assert await PayoutFreeze.all().count() == 1


async def test_a_freeze_is_lifted_once(db: None) -> None:
    vendor = await make_vendor()
    freeze_id = await freeze(vendor.id)
    await lift(freeze_id)

    with pytest.raises(IllegalMove):
        await lift(freeze_id)
    with pytest.raises(NotFound):
        await lift(uuid4())
    assert await freeze(vendor.id) != freeze_id


async def test_others_freeze_and_lift_nothing_and_a_reason_is_needed(db: None) -> None:
    vendor = await make_vendor()
    viewer = staff(StaffRole.FINANCE_VIEWER)

    with pytest.raises(Forbidden):
        await freezing.freeze(principal=viewer, vendor_id=vendor.id, reason="Fraud?", now=NOW)
    with pytest.raises(Forbidden):
        await freezing.lift(principal=viewer, freeze_id=uuid4(), reason="No", now=NOW)
    with pytest.raises(InvalidInput):
        await freezing.freeze(principal=ACCOUNTANT, vendor_id=vendor.id, reason=" ", now=NOW)
    with pytest.raises(NotFound):
        await freeze(uuid4())


async def test_the_vendors_statement_says_that_it_is_frozen_and_not_why(db: None) -> None:
    vendor = await make_vendor()
    await credit([vendor.id], 5_00)
    await freeze(vendor.id)
    await drafting.draft_cycle(day=NOW.date(), principal=SYSTEM, now=NOW)

    found = await reading.statement(
        principal=member(vendor.id), vendor_id=vendor.id, number=1, currency="USD"
    )
    pages = PdfReader(io.BytesIO(await typesetting.pdf(found, marketplace="Souk"))).pages

    said = " ".join("\n".join(page.extract_text() for page in pages).split())
    assert "Payouts are paused while we check something." in said
    assert "Fraud" not in said
