"""A payout run killed between any two steps, run twice and by two at once: paid exactly once."""

from collections.abc import Sequence
from uuid import UUID

import pytest

from marketplace.kit import failpoints
from marketplace.kit.principal import SYSTEM
from settlement.payouts import cancelling
from settlement.payouts.models import PayoutState
from tests.conftest import Database
from tests.paying.killing import Runs, failpoints_of_payouts, runs_of
from tests.paying.world import Paying
from tests.payments.world import OVER_HTTP

pytestmark = OVER_HTTP

ON_THE_WAY_OUT = [
    "payouts.reserving",
    "payouts.after_reserve",
    "payouts.before_transfer_call",
    "payouts.after_transfer_call",
    "payouts.transferring",
    "payouts.after_transfer",
    "payouts.before_payout_call",
    "payouts.after_payout_call",
    "payouts.following",
    "payouts.after_send",
]
AFTER_A_FAILURE = ["payouts.after_retry"]
ON_THE_WAY_BACK = [
    "payouts.before_reversal_call",
    "payouts.after_reversal_call",
    "payouts.reversing",
    "payouts.after_reversal",
]
DIED = [failpoints.STATUS]
ALL_WELL = [0]


async def each_is_sent_once(shop: Paying, vendors: Sequence[UUID], times: int) -> None:
    for vendor in vendors:
        sent = await shop.sent_to_bank(vendor)
        assert len(sent) == times, sent
        assert await shop.ledger("1150", vendor) == sum(
            amount for status, amount in sent if status == "pending"
        )
    assert await shop.transferred() == times * len(vendors)
    await shop.agree(vendors)


async def carried_on(shop: Paying, runs: Runs, batch: UUID) -> None:
    """The dead worker's leases pass, and another run takes over; then a third finds nothing."""
    await shop.world.pass_time(minutes=2)
    assert await runs.run(batch) == ALL_WELL
    assert await runs.run(batch) == ALL_WELL


async def test_every_failpoint_of_payouts_is_tried() -> None:
    tried = [*ON_THE_WAY_OUT, *AFTER_A_FAILURE, *ON_THE_WAY_BACK]

    assert sorted(tried) == sorted(failpoints_of_payouts())


async def test_a_run_killed_at_each_step_pays_each_vendor_once(
    shop: Paying, committed_db: Database
) -> None:
    vendors = [await shop.vendor() for _ in range(3)]
    async with runs_of(shop, committed_db) as runs:
        for times, failpoint in enumerate(ON_THE_WAY_OUT, start=1):
            await shop.earn(vendors)
            batch = await shop.batch()

            assert await runs.run(batch, failpoint=failpoint) == DIED, failpoint
            await carried_on(shop, runs, batch)

            await each_is_sent_once(shop, vendors, times)
            await shop.world.pass_time(days=4)
            await shop.hear()
            assert {(await shop.payout(vendor)).state for vendor in vendors} == {PayoutState.PAID}
    await shop.agree(vendors)


async def test_a_retry_and_a_way_back_killed_at_each_step_happen_once(
    shop: Paying, committed_db: Database
) -> None:
    vendor = await shop.vendor()
    async with runs_of(shop, committed_db) as runs:
        for failpoint in (*AFTER_A_FAILURE, *ON_THE_WAY_BACK):
            earned = await shop.earn([vendor])
            batch = await shop.batch()
            await shop.world.sandbox.fault("payout_fails", count=2)
            assert await runs.run(batch) == ALL_WELL
            await shop.world.pass_time(days=4)
            await shop.hear()
            await shop.world.pass_time(days=1, hours=1)
            if failpoint in AFTER_A_FAILURE:
                assert await runs.run(batch, failpoint=failpoint) == DIED, failpoint
                await carried_on(shop, runs, batch)
                assert len(await shop.sent_to_bank(vendor)) == 2
                await shop.world.pass_time(days=4)
                await shop.hear()
            await cancelling.cancel(
                principal=SYSTEM,
                payout_id=(await shop.payout(vendor)).id,
                reason="To be seen on its way back",
                now=shop.world.now,
            )
            if failpoint in ON_THE_WAY_BACK:
                assert await runs.run(batch, failpoint=failpoint) == DIED, failpoint
            await carried_on(shop, runs, batch)

            assert (await shop.payout(vendor)).state is PayoutState.CANCELLED
            assert await shop.at_provider(vendor) == 0
            assert await shop.ledger("2120", vendor) == -earned
            await shop.agree([vendor])
            await shop.world.sandbox.http.delete("/_sandbox/faults")
            await shop.world.pass_time(days=1)


@pytest.mark.parametrize("processes", [2])
async def test_two_runs_at_once_pay_each_vendor_once(
    shop: Paying, committed_db: Database, processes: int
) -> None:
    vendors = [await shop.vendor() for _ in range(3)]
    await shop.earn(vendors)
    batch = await shop.batch()
    async with runs_of(shop, committed_db) as runs:
        assert await runs.run(batch, processes=processes) == ALL_WELL * processes
        await carried_on(shop, runs, batch)

    await each_is_sent_once(shop, vendors, 1)
