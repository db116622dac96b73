"""A marketplace where much has happened to the money, with people who look at it.

Kiln & Co was paid twice, its third payout found a closed bank account; Étoile lost a dispute.
"""

from dataclasses import dataclass
from datetime import timedelta

from marketplace.accounts.models import Vendor
from marketplace.kit.principal import SYSTEM, StaffRole, VendorRole
from marketplace.kit.transactions import transaction
from settlement.connected.gateway import PayoutSnapshot, TransferSnapshot
from settlement.connected.models import ConnectedAccount
from settlement.earnings import maturing
from settlement.payouts import approving, drafting, following, reserving, transferring
from settlement.payouts.models import Payout
from tests.factories import NOON, make_offer
from tests.payouts.money import staff
from tests.settlement.reports.mixed import THIRD_CYCLE, Mixed, order_of, paid
from tests.settlement.test_journeys import hear_all
from tests.vendor_portal.desks import seat

FOURTH_CYCLE = THIRD_CYCLE + timedelta(days=28)
TODAY = FOURTH_CYCLE + timedelta(days=2)


@dataclass(frozen=True, slots=True)
class PaidShop:
    kiln: Vendor
    etoile: Vendor
    failed: Payout


async def paid_shop() -> PaidShop:
    """In the caller's transaction."""
    found = await paid()
    await ConnectedAccount.filter(vendor_id=found.kiln.id).update(
        bank_name="Sparkasse Berlin", bank_last4="3000"
    )
    await maturing.mature_due(now=FOURTH_CYCLE)
    batch_id = await drafting.draft_cycle(
        day=FOURTH_CYCLE.date(), principal=SYSTEM, now=FOURTH_CYCLE
    )
    assert batch_id is not None
    await approving.approve(
        principal=staff(StaffRole.APPROVER), batch_id=batch_id, now=FOURTH_CYCLE,
        expected_totals=await approving.totals_of(batch_id),
    )  # fmt: skip
    failed = await Payout.get(batch_id=batch_id, vendor_id=found.kiln.id)
    await fail(failed)
    teapot = await make_offer(vendor=found.kiln, sku="teapot", price=48_50)
    await order_of({teapot.id: 1}, channel="eu", fee=None)
    await hear_all()
    await people(found)
    return PaidShop(found.kiln, found.etoile, failed)


async def fail(payout: Payout) -> None:
    """The bank account is closed, which the provider says a day later."""
    tail = payout.id.hex[-16:]
    assert await reserving.reserve(payout_id=payout.id, now=FOURTH_CYCLE) == "reserved"
    transfer = TransferSnapshot(
        transfer_id=f"tr_{tail}", amount_minor=payout.amount_minor, reversed_minor=0,
        currency=payout.currency, destination=payout.provider_account_id,
    )  # fmt: skip
    await transferring.apply_transfer(
        payout_id=payout.id, snapshot=transfer, now=FOURTH_CYCLE + timedelta(minutes=1)
    )
    for status, later in (("in_transit", timedelta(minutes=2)), ("failed", timedelta(days=1))):
        sent = PayoutSnapshot(
            payout_id=f"po_{tail}", status=status, amount_minor=payout.amount_minor,
            currency=payout.currency, arrival_date=(FOURTH_CYCLE + timedelta(days=2)).date(),
            created_at=FOURTH_CYCLE, metadata={"attempt": "1"},
            failure_code="account_closed" if status == "failed" else None,
            failure_message="The bank account has been closed" if status == "failed" else None,
        )  # fmt: skip
        await following.apply_payout(payout_id=payout.id, snapshot=sent, now=FOURTH_CYCLE + later)


async def people(found: Mixed) -> None:
    async with transaction(SYSTEM):
        await seat(found.kiln, "mara@kiln.test", "Mara Vogt", VendorRole.OWNER, NOON)
        await seat(found.kiln, "fern@kiln.test", "Fern Adler", VendorRole.FINANCE, NOON)
        await seat(found.kiln, "tomas@kiln.test", "Tomas Roth", VendorRole.FULFILMENT, NOON)
        await seat(found.etoile, "elin@norra.test", "Elin Berg", VendorRole.OWNER, NOON)
