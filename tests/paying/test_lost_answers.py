"""Silence, lost news and money that is not there yet: paid once, in the end, all the same."""

from datetime import timedelta

import pytest

from marketplace.payments.gateway import UnexpectedAnswer
from settlement.payouts import paying
from settlement.payouts.models import PayoutState
from tests.paying.world import Paying
from tests.payments.world import OVER_HTTP

pytestmark = OVER_HTTP

SENDING = "POST /v1/payouts"
TRANSFERRING = "POST /v1/transfers"
FIRST = ["draft", "approve", "reserve", "transfer", "send"]


async def test_a_transfer_that_lacks_money_stays_reserved_until_there_is_some(
    shop: Paying,
) -> None:
    vendor = await shop.vendor()
    earned = await shop.earn([vendor])
    await shop.world.sandbox.client.v1.payouts.create_async(
        {"amount": await shop.at_provider(), "currency": "eur"}
    )
    batch = await shop.batch()

    assert await shop.pay(batch) == {"reserved": 1}

    waiting = await shop.payout(vendor)
    assert (waiting.failure_code, waiting.transfer_generation) == ("balance_insufficient", 2)
    assert await shop.ledger("2140", vendor) == -earned
    assert await shop.pay(batch) == {"reserved": 1}
    await shop.earn([vendor])
    assert await shop.tick(hours=1) == 1
    assert (await shop.payout(vendor)).state is PayoutState.SENT
    assert await shop.transferred() == 1


@pytest.mark.parametrize("path", [TRANSFERRING, SENDING])
@pytest.mark.parametrize(
    ("fault", "strokes"),
    [("timeout_after_work", 3), ("error_500_before_work", 3), ("error_500_after_work", 1)],
)
async def test_a_call_whose_answer_is_lost_is_looked_up(
    shop: Paying, fault: str, strokes: int, path: str
) -> None:
    vendor = await shop.vendor()
    earned = await shop.earn([vendor])
    batch = await shop.batch()
    await shop.world.sandbox.fault(fault, path=path, count=strokes)
    assert await shop.pay(batch) == {"reserved" if path == TRANSFERRING else "transferred": 1}

    await shop.tick(minutes=2)

    assert (await shop.payout(vendor)).state is PayoutState.SENT
    assert await shop.transferred() == 1
    assert await shop.sent_to_bank(vendor) == [("pending", earned)]
    await shop.agree([vendor])


async def test_an_open_call_older_than_its_key_asks_with_another_one(shop: Paying) -> None:
    vendor = await shop.vendor()
    await shop.earn([vendor])
    batch = await shop.batch()
    await shop.world.sandbox.fault("error_500_before_work", path=TRANSFERRING, count=3)
    await shop.pay(batch)

    await shop.tick(hours=24)
    asked_anew = await shop.payout(vendor)
    await shop.tick(hours=2)

    assert (asked_anew.transfer_generation, asked_anew.failure_code) == (2, "never_arrived")
    assert (await shop.payout(vendor)).state is PayoutState.SENT
    assert await shop.transferred() == 1


async def test_in_the_last_hour_of_its_key_a_call_is_only_looked_up(shop: Paying) -> None:
    vendor = await shop.vendor()
    await shop.earn([vendor])
    batch = await shop.batch()
    await shop.world.sandbox.fault("error_500_before_work", path=TRANSFERRING, count=3)
    await shop.pay(batch)

    await shop.tick(hours=22, minutes=30)
    looked = await shop.payout(vendor)
    await shop.tick(hours=1)
    given_up = await shop.payout(vendor)

    assert (looked.state, looked.transfer_generation) == (PayoutState.RESERVED, 1)
    assert await shop.transferred() == 0
    assert (given_up.transfer_generation, given_up.failure_code) == (2, "never_arrived")


async def test_a_payout_that_shows_up_after_it_was_given_up_is_not_paid_again(
    shop: Paying,
) -> None:
    vendor = await shop.vendor()
    earned = await shop.earn([vendor])
    batch = await shop.batch()
    await shop.world.sandbox.fault("error_500_before_work", path=SENDING, count=3)
    await shop.pay(batch)
    await shop.tick(hours=24)
    given_up = await shop.payout(vendor)
    assert (given_up.state, given_up.failure_code) == (PayoutState.FAILED, "never_arrived")
    assert given_up.next_attempt_at is not None

    await shop.world.sandbox.client.v1.payouts.create_async(
        {
            "amount": earned,
            "currency": "eur",
            "metadata": {
                "attempt": "1", "payout_id": str(given_up.id), "souk": f"payout:{given_up.id}",
            },
        },
        {"stripe_account": given_up.provider_account_id},
    )  # fmt: skip
    with pytest.raises(UnexpectedAnswer):
        await shop.hear()
    await shop.tick(days=2)

    assert (await shop.payout(vendor)).state is PayoutState.FAILED
    assert (await shop.payout(vendor)).next_attempt_at is None
    assert [amount for _, amount in await shop.sent_to_bank(vendor)] == [earned]


async def test_news_may_come_before_the_answer_and_backwards(shop: Paying) -> None:
    vendor = await shop.vendor()
    await shop.earn([vendor])
    batch = await shop.batch()
    await shop.world.sandbox.fault("timeout_after_work", path=TRANSFERRING, count=3)
    await shop.pay(batch)
    await shop.hear()
    assert (await shop.payout(vendor)).state is PayoutState.TRANSFERRED
    await shop.world.sandbox.fault("timeout_after_work", path=SENDING, count=3)
    await shop.pay(batch)
    await shop.world.pass_time(days=4)

    await shop.hear(newest_first=True)

    assert (await shop.payout(vendor)).state is PayoutState.PAID
    assert await shop.events(vendor) == [*FIRST, "pay"]
    await shop.agree([vendor])


async def test_what_no_webhook_brought_the_poll_does(shop: Paying) -> None:
    vendor = await shop.vendor()
    await shop.earn([vendor])
    await shop.pay(await shop.batch())
    await shop.hear()
    await shop.world.sandbox.fault("webhook_lost", count=50)
    await shop.world.pass_time(days=4)
    assert await shop.hear() == 0

    polled = await shop.poll()
    await shop.hear()

    assert polled == 2
    assert (await shop.payout(vendor)).state is PayoutState.PAID
    assert await shop.poll() == 0


async def test_a_payout_nobody_tells_of_is_asked_about_the_day_after_it_was_due(
    shop: Paying,
) -> None:
    vendor = await shop.vendor()
    await shop.earn([vendor])
    await shop.pay(await shop.batch())
    await shop.world.pass_time(days=2)
    await shop.world.sandbox.do_what_is_due()
    assert await shop.tick() == 0

    assert await shop.tick(days=1) == 1

    assert (await shop.payout(vendor)).state is PayoutState.PAID


async def test_the_tick_pays_what_no_job_came_for(shop: Paying) -> None:
    vendor = await shop.vendor()
    await shop.earn([vendor])
    await shop.batch()

    early = await paying.carry_on_due(gateway=shop.world.connect, now=shop.world.now)

    assert early == 0
    assert await shop.tick(seconds=31) == 1
    assert (await shop.payout(vendor)).state is PayoutState.SENT


async def test_one_that_always_breaks_rests_while_the_others_move(shop: Paying) -> None:
    broken, waiting = await shop.vendor(), await shop.vendor()
    await shop.earn([broken, waiting])
    await shop.batch()
    await shop.world.pass_time(minutes=1)
    payout = await shop.payout(broken)
    await shop.world.sandbox.client.v1.transfers.create_async(
        {
            "amount": payout.amount_minor - 1, "currency": "eur",
            "destination": payout.provider_account_id, "transfer_group": str(payout.id),
        }
    )  # fmt: skip
    await shop.world.sandbox.fault("error_500_before_work", path=TRANSFERRING, count=6)
    assert await shop.tick_one() == 1  # reserved, and nobody answers
    assert await shop.tick_one() == 1
    await shop.world.pass_time(minutes=2)

    moved = [await shop.tick_one(seconds=1) for _ in range(2)]

    assert sorted(moved) == [0, 1]
    resting = await shop.payout(broken)
    assert (resting.state, resting.failures) == (PayoutState.RESERVED, 1)
    assert resting.rests_until is not None
    assert (await shop.payout(waiting)).state is PayoutState.SENT
    assert await shop.tick_one(seconds=10) == 0
    assert (await shop.payout(broken)).failures == 1
    await shop.tick_one(minutes=2)
    again = await shop.payout(broken)
    assert again.failures == 2
    assert again.rests_until is not None
    assert again.rests_until - shop.world.now == timedelta(minutes=1)
