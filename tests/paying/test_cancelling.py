"""A payout is taken back, before its money moved and after; and what is not taken back."""

import pytest

from marketplace.kit.errors import Forbidden, IllegalMove
from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.transactions import transaction
from settlement.payouts import cancelling, retrying
from settlement.payouts.models import PayoutState
from tests.paying.world import Paying
from tests.payments.world import OVER_HTTP
from tests.payouts.money import credit, staff

pytestmark = OVER_HTTP


async def test_a_payout_is_cancelled_before_its_money_has_moved(shop: Paying) -> None:
    vendor = await shop.vendor()
    earned = await shop.earn([vendor])
    await shop.world.sandbox.client.v1.payouts.create_async(
        {"amount": await shop.at_provider(), "currency": "eur"}
    )
    await shop.pay(await shop.batch())
    payout = await shop.payout(vendor)

    for _ in range(2):
        if (await shop.payout(vendor)).state is not PayoutState.CANCELLED:
            await cancelling.cancel(
                principal=staff(StaffRole.APPROVER),
                payout_id=payout.id,
                reason="The vendor asked",
                now=shop.world.now,
            )

    assert (await shop.payout(vendor)).state is PayoutState.CANCELLED
    assert await shop.ledger("2120", vendor) == -earned
    assert await shop.transferred() == 0


async def test_a_failed_payout_is_cancelled_by_reversing_its_transfer(shop: Paying) -> None:
    vendor = await shop.vendor()
    earned = await shop.earn([vendor])
    await shop.world.sandbox.fault("payout_fails")
    await shop.pay(await shop.batch())
    await shop.world.pass_time(days=4)
    await shop.hear()
    payout = await shop.payout(vendor)
    await shop.world.sandbox.fault(
        "timeout_after_work", path=f"POST /v1/transfers/{payout.transfer_id}/reversals", count=3
    )

    await cancelling.cancel(
        principal=SYSTEM, payout_id=payout.id, reason="Frozen for good", now=shop.world.now
    )
    await shop.tick()
    await shop.tick(minutes=2)

    assert (await shop.payout(vendor)).state is PayoutState.CANCELLED
    assert await shop.ledger("2120", vendor) == -earned
    assert await shop.at_provider(vendor) == 0
    await shop.agree([vendor])


async def test_what_is_with_the_bank_is_not_cancelled(shop: Paying) -> None:
    vendor = await shop.vendor()
    await shop.earn([vendor])
    await shop.pay(await shop.batch())
    payout = await shop.payout(vendor)

    with pytest.raises(IllegalMove):
        await cancelling.cancel(
            principal=SYSTEM, payout_id=payout.id, reason="Too late", now=shop.world.now
        )
    with pytest.raises(Forbidden):
        await cancelling.cancel(
            principal=staff(StaffRole.ACCOUNTANT),
            payout_id=payout.id,
            reason="Not mine to say",
            now=shop.world.now,
        )
    with pytest.raises(Forbidden):
        await retrying.retry(
            principal=staff(StaffRole.FINANCE_VIEWER),
            payout_id=payout.id,
            gateway=shop.world.connect,
            now=shop.world.now,
        )
    with pytest.raises(IllegalMove):
        await retrying.retry(
            principal=SYSTEM, payout_id=payout.id, gateway=shop.world.connect, now=shop.world.now
        )


async def test_less_available_than_drafted_cancels_and_the_next_cycle_pays(shop: Paying) -> None:
    vendor = await shop.vendor()
    await shop.earn([vendor])
    batch = await shop.batch()
    async with transaction(SYSTEM):
        await credit([vendor], -10_00, currency="EUR", now=shop.world.now)

    assert await shop.pay(batch) == {"cancelled": 1}

    payout = await shop.payout(vendor)
    assert payout.failure_code == "balance_fell"
    assert await shop.ledger("2140", vendor) == 0
    assert await shop.pay(batch) == {}


async def test_a_call_that_may_still_arrive_is_waited_for_before_a_payout_is_cancelled(
    shop: Paying,
) -> None:
    vendor = await shop.vendor()
    earned = await shop.earn([vendor])
    batch = await shop.batch()
    await shop.world.sandbox.fault("error_500_before_work", path="POST /v1/payouts", count=3)
    await shop.pay(batch)
    await cancelling.cancel(
        principal=SYSTEM,
        payout_id=(await shop.payout(vendor)).id,
        reason="The vendor asked",
        now=shop.world.now,
    )

    await shop.tick(minutes=9)
    early = await shop.payout(vendor)
    await shop.tick(minutes=2)
    await shop.tick()

    assert early.state is PayoutState.TRANSFERRED
    assert (await shop.payout(vendor)).state is PayoutState.CANCELLED
    assert await shop.sent_to_bank(vendor) == []
    assert await shop.ledger("2120", vendor) == -earned
    await shop.agree([vendor])
