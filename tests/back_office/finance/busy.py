"""A marketplace where finance has work: paid, failed, disputed, refused, waiting for somebody."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

from marketplace.accounts.models import Vendor
from marketplace.kit.money import Money
from marketplace.kit.principal import SYSTEM, Principal, StaffRole
from marketplace.kit.transactions import transaction
from marketplace.orders import refunding
from marketplace.payments.states import RefundMove
from settlement.adjustments import proposing
from settlement.adjustments.models import AdjustmentKind
from settlement.connected.gateway import (
    BalanceTransactionSnapshot,
    DisputeSnapshot,
    PayoutSnapshot,
    TransferSnapshot,
)
from settlement.disputes import following as disputes
from settlement.disputes.models import Dispute
from settlement.earnings import holding
from settlement.payouts import (
    approving,
    booking,
    drafting,
    following,
    freezing,
    moving,
    transferring,
)
from settlement.payouts.models import Payout
from settlement.payouts.states import PayoutMove
from tests.back_office.stories import TwoVendors, finish_refund, send, two_vendors
from tests.factories import NOON
from tests.payouts.money import credit, make_vendors, staff
from tests.settlement.test_journeys import hear_all

ACCOUNTANT = staff(StaffRole.ACCOUNTANT)
APPROVER = staff(StaffRole.APPROVER)
_numbers = count(1)


@dataclass(frozen=True)
class Busy:
    batch_id: UUID
    failed: UUID
    vendor_id: UUID
    order: TwoVendors
    dispute_id: UUID
    adjustment_id: UUID


async def named(name: str, minor: int, *, connected: bool = True, now: datetime = NOON) -> UUID:
    """A vendor of this name with so much available."""
    async with transaction(SYSTEM):
        [vendor_id] = await make_vendors(1, connected=connected)
        code = "-".join(name.lower().replace("&", "").split())
        await Vendor.filter(id=vendor_id).update(name=name, code=code)
        if minor:
            await credit([vendor_id], minor, currency="EUR", now=now)
    return vendor_id


async def drafted(*, by: Principal = SYSTEM, now: datetime = NOON) -> UUID:
    batch_id = await drafting.draft_cycle(day=now.date(), principal=by, now=now)
    assert batch_id is not None
    return batch_id


async def approved(batch_id: UUID, *, now: datetime = NOON) -> None:
    async with transaction(SYSTEM):
        totals = await approving.totals_of(batch_id)
        needed = await approving.needed(totals)
    for _ in range(needed):
        await approving.approve(
            principal=staff(StaffRole.APPROVER), batch_id=batch_id, expected_totals=totals, now=now
        )


async def ended(payout: Payout, *statuses: str, now: datetime = NOON) -> None:
    """Approved, moved to the provider, and there it became this, one after the other."""
    tail = payout.id.hex[-16:]
    async with transaction(SYSTEM):
        payout = await moving.locked(payout.id)
        await booking.book(payout, booking.RESERVED, now=now)
        await moving.move(payout, PayoutMove.RESERVE, actor=SYSTEM.key, now=now)
        now += timedelta(seconds=1)
        await transferring.plan(payout, now=now)
        transfer = TransferSnapshot(
            transfer_id=f"tr_{tail}", amount_minor=payout.amount_minor, reversed_minor=0,
            currency=payout.currency, destination=payout.provider_account_id,
        )  # fmt: skip
        await transferring.apply_transfer(payout_id=payout.id, snapshot=transfer, now=now)
        for status in ("in_transit", *statuses):
            now += timedelta(seconds=1)
            sent = PayoutSnapshot(
                payout_id=f"po_{tail}", status=status, amount_minor=payout.amount_minor,
                currency=payout.currency, arrival_date=now.date() + timedelta(days=2),
                created_at=now, trace_id=f"0100{tail}" if status == "paid" else None,
                failure_code="account_closed" if status == "failed" else None,
                failure_message="The bank account has been closed." if status == "failed" else None,
                metadata={"attempt": "1"},
            )  # fmt: skip
            await following.apply_payout(payout_id=payout.id, snapshot=sent, now=now)


async def payout_to(vendor_id: UUID) -> Payout:
    async with transaction(SYSTEM, read_only=True):
        return await Payout.get(vendor_id=vendor_id)


async def disputed(order: TwoVendors, *, amount_minor: int = 30_00, now: datetime = NOON) -> UUID:
    """The customer's bank took it back and wants an answer in nine days."""
    number = next(_numbers)
    line = BalanceTransactionSnapshot(
        balance_transaction_id=f"txn_d{number}", type="adjustment", reporting_category="dispute",
        amount_minor=-amount_minor, fee_minor=15_00, net_minor=-amount_minor - 15_00,
        currency="EUR", source=f"du_{number}", description=None, created_at=now,
        available_on=now, status="available",
    )  # fmt: skip
    snapshot = DisputeSnapshot(
        dispute_id=f"du_{number}", charge_id=f"ch_{order.order_id.hex[-20:]}", intent_id=None,
        status="needs_response", reason="product_not_received", amount_minor=amount_minor,
        currency="EUR", created_at=now, evidence_due_at=now + timedelta(days=9),
        balance_transactions=(line,),
    )  # fmt: skip
    await disputes.apply_dispute(snapshot=snapshot, now=now)
    async with transaction(SYSTEM, read_only=True):
        return (await Dispute.get(provider_dispute_id=snapshot.dispute_id)).id


async def refused_refund(order: TwoVendors, *, now: datetime = NOON) -> UUID:
    """One mug's refund that the provider could not pay."""
    refund_id = await refunding.request(
        principal=SYSTEM, order_id=order.order_id, units={order.mug.id: 1}, shipping_of=[],
        reason="Chipped", key=str(uuid4()), now=now,
    )  # fmt: skip
    await finish_refund(
        order.order_id, RefundMove.SUBMIT, RefundMove.FAIL, failure="The card was closed.", now=now
    )
    await hear_all()
    return refund_id


async def proposed(
    vendor_id: UUID, *, by: Principal = ACCOUNTANT, minor: int = 25_00, day: date | None = None
) -> UUID:
    return await proposing.propose(
        principal=by, kind=AdjustmentKind.PENALTY, vendor_id=vendor_id, currency="EUR",
        amount_minor=minor, note="Three parcels went out late in February", key=str(uuid4()),
        now=NOON,
        effective_date=day,
    )  # fmt: skip


async def sold() -> TwoVendors:
    """Both vendors shipped, and the books have heard of it."""
    order = await two_vendors(fee=2_45, loom="Loom & Daughters Handweaving of Inverness")
    await send(order.mugs)
    await send(order.bowl, number="JD014600004RT")
    await hear_all()
    return order


async def busy() -> Busy:
    order = await sold()
    norra = await named("Norra Textil", 1_284_50)
    lumen = await named("Lumen Works", 312_00)
    oliveira = await named("Oliveira & Filhos", 96_20, connected=False)
    await named("Atelier Nord", -42_10)
    earlier = NOON - timedelta(days=7)
    batch_id = await drafted(now=NOON)
    await approved(batch_id)
    await ended(await payout_to(norra), "paid")
    await ended(await payout_to(lumen), "failed", now=NOON + timedelta(minutes=4))
    async with transaction(SYSTEM):
        await credit([norra, oliveira], 210_00, currency="EUR", now=NOON)
    await drafting.draft_on_demand(
        vendor_id=norra, principal=ACCOUNTANT, now=NOON + timedelta(hours=1)
    )
    await holding.place(
        principal=ACCOUNTANT, vendor_id=norra, amount=Money(40_00, "EUR"),
        reason="A customer says the throws are not wool", now=NOON,
    )  # fmt: skip
    await freezing.freeze(
        principal=ACCOUNTANT, vendor_id=lumen, reason="The bank account is closed", now=earlier
    )
    await refused_refund(order)
    return Busy(
        batch_id=batch_id, failed=(await payout_to(lumen)).id, vendor_id=norra,
        order=order, dispute_id=await disputed(order), adjustment_id=await proposed(norra),
    )  # fmt: skip
