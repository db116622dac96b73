"""A small marketplace with a bit of everything: three currencies, refunds before and after the
money was available, a reserve, odd vendor codes, payouts that arrived and one that did not."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from marketplace.accounts.models import Vendor
from marketplace.checkout import placing
from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.transactions import connection, transaction
from marketplace.orders import accepting, refunding
from marketplace.payments.models import Capture, Payment
from settlement.adjustments import deciding, proposing
from settlement.adjustments.models import AdjustmentKind
from settlement.connected.gateway import DisputeSnapshot, PayoutSnapshot, TransferSnapshot
from settlement.earnings import maturing, reserving
from settlement.payouts import approving, drafting, following, transferring
from settlement.payouts import reserving as payout_reserving
from settlement.payouts.models import Payout
from settlement.reconciliation import fee_rates
from tests.factories import (
    GUEST,
    NOON,
    make_cart,
    make_channel,
    make_offer,
    make_vendor,
    member,
    parts_of,
    pay,
)
from tests.payouts.money import staff
from tests.payouts.terms import agree
from tests.settlement.disputed import Case, line
from tests.settlement.people import ACCOUNTANT, APPROVER
from tests.settlement.test_journeys import hear_all, settle_refunds, ship

FIRST_CYCLE = datetime(2026, 5, 4, 12, tzinfo=UTC)  # Mondays, long after everything shipped
SECOND_CYCLE = FIRST_CYCLE + timedelta(days=7)
THIRD_CYCLE = FIRST_CYCLE + timedelta(days=14)

_ACCOUNTS = """
    INSERT INTO connected_account (vendor_id, provider_account_id, country, state,
        transfers_enabled, payouts_enabled, requirements, created_at, updated_at)
    SELECT id, 'acct_' || right(replace(id::text, '-', ''), 12), 'DE', 'enabled', true, true, '[]',
        $1, $1
    FROM vendor
"""


@dataclass(frozen=True, slots=True)
class Mixed:
    """Kiln sells in euros and was refunded in part, Étoile in yen, `=1+1` in dinars."""

    kiln: Vendor
    etoile: Vendor
    formula: Vendor
    mugs: UUID
    orders: dict[str, UUID]


async def vendor_called(code: str, name: str, currency: str) -> Vendor:
    vendor = await make_vendor(name=name, currency=currency, shipping=4_00)
    async with transaction(SYSTEM):
        await Vendor.filter(id=vendor.id).update(code=code)
        return await Vendor.get(id=vendor.id)


async def order_of(offers: dict[UUID, int], *, channel: str, fee: int | None) -> UUID:
    """Paid, accepted and shipped by everybody in it."""
    token = await make_cart(offers, channel=channel)
    order_id = await placing.place_order(principal=GUEST, token=token, key=token, now=NOON)
    await pay(order_id, fee=fee)
    for part in await parts_of(order_id):
        await accepting.accept(principal=member(part.vendor_id), sub_order_id=part.id, now=NOON)
        await ship(part.id, part.vendor_id)
    return order_id


async def refund_a_mug(mixed: Mixed, key: str, now: datetime) -> None:
    """One of Kiln's, for a reason that a spreadsheet should not run."""
    order_id = mixed.orders["EUR"]
    [line] = [part.lines[0] for part in await parts_of(order_id) if part.vendor_id == mixed.kiln.id]
    await refunding.request(
        principal=SYSTEM, order_id=order_id, units={line.id: 1}, shipping_of=[],
        reason="=cmd|' /C calc'!A0", key=key, now=now,
    )  # fmt: skip
    await settle_refunds()
    await hear_all()


async def mixed() -> Mixed:
    """Sold, shipped, refunded in part, and the ledger has heard of it."""
    for code, currency in (("eu", "EUR"), ("jp", "JPY"), ("kw", "KWD")):
        await make_channel(code=code, currency=currency)
    for days, rate_ppm in ((-9, 14_000), (0, 29_000), (1, 1_000_000)):  # the second one is valid
        await fee_rates.set_rate(
            principal=ACCOUNTANT, currency="EUR", rate_ppm=rate_ppm, fixed_minor=30,
            now=NOON + timedelta(days=days),
        )  # fmt: skip
    kiln = await vendor_called("kiln", "Kiln & Co", "EUR")
    etoile = await vendor_called("Étoile_du Nord", "Étoile", "JPY")
    formula = await vendor_called("=1+1", "=SUM(A1:A9)", "KWD")
    await agree(kiln.id, at=NOON - timedelta(days=99), reserve_bps=1000, reserve_days=65)
    mugs = await make_offer(vendor=kiln, price=9_99, on_hand=9)
    stars = await make_offer(vendor=etoile, price=1_999, on_hand=9, currency="JPY")
    sums = await make_offer(vendor=formula, price=7_777, on_hand=9, currency="KWD")
    lamps = await make_offer(price=80_01)
    orders = {
        "EUR": await order_of({mugs.id: 3, lamps.id: 1}, channel="eu", fee=3_33),
        "JPY": await order_of({stars.id: 2}, channel="jp", fee=110),
        "KWD": await order_of({sums.id: 1}, channel="kw", fee=1_234),
    }
    await hear_all()
    found = Mixed(kiln, etoile, formula, mugs.id, orders)
    await refund_a_mug(found, "before", NOON)
    return found


async def paid() -> Mixed:
    """And everybody was paid. Then Kiln was refunded once more, owed it, sold again, was paid."""
    found = await mixed()
    await connection().execute(_ACCOUNTS, NOON)
    await maturing.mature_due(now=FIRST_CYCLE)
    await pay_all(FIRST_CYCLE)
    await refund_a_mug(found, "after", FIRST_CYCLE)
    await drafting.draft_cycle(day=SECOND_CYCLE.date(), principal=SYSTEM, now=SECOND_CYCLE)
    await order_of({found.mugs: 4}, channel="eu", fee=None)
    await hear_all()
    await fine(found.kiln.id, 1_00)
    await dispute(found.orders["JPY"], "JPY", "lost")
    await dispute(found.orders["EUR"], "EUR", "won")
    await dispute(found.orders["KWD"], "KWD", "needs_response")
    await reserving.release_due(now=THIRD_CYCLE)
    await maturing.mature_due(now=THIRD_CYCLE)
    await pay_all(THIRD_CYCLE)
    await order_of({found.mugs: 2}, channel="eu", fee=None)
    await hear_all()
    return found


async def fine(vendor_id: UUID, minor: int) -> None:
    """A penalty that one person proposed and another agreed to."""
    adjustment_id = await proposing.propose(
        principal=ACCOUNTANT, kind=AdjustmentKind.PENALTY, vendor_id=vendor_id, currency="EUR",
        amount_minor=minor, note="Late three times", key="late", now=SECOND_CYCLE,
    )  # fmt: skip
    await deciding.approve(principal=APPROVER, adjustment_id=adjustment_id, now=SECOND_CYCLE)


async def dispute(order_id: UUID, currency: str, outcome: str) -> None:
    """The customer's bank takes back what was not refunded, and decides."""
    capture = await Capture.get(order_id=order_id)
    payment = await Payment.get(order_id=order_id)
    minor = payment.captured_minor - payment.refunded_minor
    case = Case(DisputeSnapshot(
        dispute_id=f"du_{currency}", charge_id=capture.charge_id, intent_id=None,
        status="needs_response", reason="fraudulent", amount_minor=minor, currency=currency,
        created_at=SECOND_CYCLE, evidence_due_at=SECOND_CYCLE + timedelta(days=9),
        balance_transactions=(line(-minor, fee_minor=15, currency=currency),),
    ), at=SECOND_CYCLE)  # fmt: skip
    await case.tell()
    if outcome != "needs_response":
        back = (line(minor, currency=currency),) if outcome == "won" else ()
        await case.becomes(outcome, *back)


async def pay_all(now: datetime) -> None:
    """A batch of this day, agreed to, and each payout at the bank."""
    batch_id = await drafting.draft_cycle(day=now.date(), principal=SYSTEM, now=now)
    assert batch_id is not None
    await approving.approve(
        principal=staff(StaffRole.APPROVER),
        batch_id=batch_id,
        expected_totals=await approving.totals_of(batch_id),
        now=now,
    )
    for payout in await Payout.filter(batch_id=batch_id):
        await arrive(payout, now)


async def arrive(payout: Payout, now: datetime) -> None:
    """The provider's answers along the way; only it is missing."""
    tail = payout.id.hex[-16:]
    assert await payout_reserving.reserve(payout_id=payout.id, now=now) == "reserved"
    transfer = TransferSnapshot(
        transfer_id=f"tr_{tail}", amount_minor=payout.amount_minor, reversed_minor=0,
        currency=payout.currency, destination=payout.provider_account_id,
    )  # fmt: skip
    await transferring.apply_transfer(payout_id=payout.id, snapshot=transfer, now=now)
    for status in ("in_transit", "paid"):
        sent = PayoutSnapshot(
            payout_id=f"po_{tail}", status=status, amount_minor=payout.amount_minor,
            currency=payout.currency, arrival_date=now.date() + timedelta(days=2), created_at=now,
            trace_id=f"TRACE{tail[-6:]}" if status == "paid" else None, metadata={"attempt": "1"},
        )  # fmt: skip
        await following.apply_payout(payout_id=payout.id, snapshot=sent, now=now)
