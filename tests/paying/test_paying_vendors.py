"""From an approved batch to the vendor's bank, and each way back."""

import pytest

from marketplace.kit.errors import Forbidden, IllegalMove
from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.transactions import transaction
from settlement.connected.models import AccountState
from settlement.payouts import cancelling, finalising, paying, retrying
from settlement.payouts.models import PayoutState
from tests.paying.world import Paying
from tests.payments.world import OVER_HTTP
from tests.payouts.money import credit, staff

pytestmark = OVER_HTTP

SENDING = "POST /v1/payouts"
TRANSFERRING = "POST /v1/transfers"
CLOSED = "DE89370400440532013002"
FIRST = ["draft", "approve", "reserve", "transfer", "send"]


async def test_a_vendor_is_paid_and_both_books_say_so(shop: Paying) -> None:
    vendor = await shop.vendor()
    await shop.earn([vendor], 47_47)

    assert await shop.pay(await shop.batch()) == {"sent": 1}
    under_way = await shop.ledger("1150", vendor)
    await shop.world.pass_time(days=4)
    await shop.hear()

    payout = await shop.payout(vendor)
    assert payout.state is PayoutState.PAID
    assert payout.trace_id
    assert under_way == 47_47
    assert await shop.events(vendor) == [*FIRST, "pay"]
    assert await shop.sent_to_bank(vendor) == [("paid", 47_47)]
    for code in ("1140", "1150", "2120", "2140"):
        assert await shop.ledger(code, vendor) == 0
    await shop.agree([vendor])


async def test_a_paid_payout_is_final_after_five_business_days(shop: Paying) -> None:
    vendor = await shop.vendor()
    await shop.earn([vendor], 47_47)
    await shop.pay(await shop.batch())
    await shop.world.pass_time(days=4)  # Friday
    await shop.hear()

    await shop.world.pass_time(days=6)
    early = await finalising.finalise_due(now=shop.world.now)
    await shop.world.pass_time(days=1)
    late = await finalising.finalise_due(now=shop.world.now)

    assert (early, late) == (0, 1)
    assert (await shop.payout(vendor)).final_at == shop.world.now


async def test_a_payout_that_fails_is_retried_on_its_row_and_paid(shop: Paying) -> None:
    vendor = await shop.vendor()
    await shop.earn([vendor], 47_47)
    await shop.world.sandbox.fault("payout_fails")
    await shop.pay(await shop.batch())
    await shop.world.pass_time(days=4)
    await shop.hear()
    failed = await shop.payout(vendor)
    assert (failed.state, failed.attempt) == (PayoutState.FAILED, 1)
    assert await shop.ledger("1140", vendor) == 47_47
    await shop.agree([vendor])

    assert await shop.tick(hours=2) == 0
    assert await shop.tick(hours=23) == 1
    await shop.world.pass_time(days=4)
    await shop.hear()

    paid = await shop.payout(vendor)
    assert (paid.id, paid.state, paid.attempt) == (failed.id, PayoutState.PAID, 2)
    assert await shop.events(vendor) == [*FIRST, "fail", "retry", "send", "pay"]
    assert await shop.sent_to_bank(vendor) == [("failed", 47_47), ("paid", 47_47)]
    await shop.agree([vendor])


@pytest.mark.parametrize("fault", ["payout_fails_after_paid", "payout_returned"])
async def test_a_paid_payout_that_comes_back_is_owed_again_and_retried(
    shop: Paying, fault: str
) -> None:
    vendor = await shop.vendor()
    await shop.earn([vendor], 47_47)
    await shop.world.sandbox.fault(fault)
    await shop.pay(await shop.batch())
    await shop.world.pass_time(days=2)
    await shop.hear()
    assert (await shop.payout(vendor)).state is PayoutState.PAID

    await shop.world.pass_time(days=4)
    await shop.hear(newest_first=True)

    returned = await shop.payout(vendor)
    assert (returned.state, returned.paid_at) == (PayoutState.RETURNED, None)
    assert await shop.ledger("2140", vendor) == -47_47
    await shop.agree([vendor])
    assert await shop.tick(days=1, hours=1) == 1
    await shop.world.pass_time(days=4)
    await shop.hear()
    assert (await shop.payout(vendor)).state is PayoutState.PAID
    assert await shop.events(vendor) == [*FIRST, "pay", "return", "retry", "send", "pay"]
    await shop.agree([vendor])


async def test_a_closed_bank_account_waits_for_the_vendor_and_for_the_cooling_off(
    shop: Paying,
) -> None:
    vendor = await shop.vendor(bank=CLOSED)
    await shop.earn([vendor], 47_47)
    await shop.pay(await shop.batch())
    await shop.world.pass_time(days=4)
    await shop.hear()
    failed = await shop.payout(vendor)
    assert (failed.failure_code, failed.next_attempt_at) == ("account_closed", None)
    assert (await shop.account(vendor)).state is AccountState.RESTRICTED

    account = (await shop.account(vendor)).provider_account_id
    await shop.world.sandbox.door(
        f"accounts/{account}/bank_account", account_number="DE89370400440532013000"
    )
    await shop.hear()

    assert (await shop.account(vendor)).bank_changed_at == shop.world.now
    assert await shop.tick(days=1) == 0
    assert await shop.tick(days=1, minutes=1) == 1
    assert (await shop.payout(vendor)).state is PayoutState.SENT


async def test_a_transfer_that_lacks_money_stays_reserved_until_there_is_some(
    shop: Paying,
) -> None:
    vendor = await shop.vendor()
    await shop.earn([vendor], 47_47)
    await shop.world.sandbox.client.v1.payouts.create_async(
        {"amount": await shop.at_provider(), "currency": "eur"}
    )
    batch = await shop.batch()

    assert await shop.pay(batch) == {"reserved": 1}

    waiting = await shop.payout(vendor)
    assert (waiting.failure_code, waiting.transfer_generation) == ("balance_insufficient", 2)
    assert await shop.ledger("2140", vendor) == -47_47
    assert await shop.pay(batch) == {"reserved": 1}
    await shop.earn([vendor], 100_00)
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
    await shop.earn([vendor], 47_47)
    batch = await shop.batch()
    await shop.world.sandbox.fault(fault, path=path, count=strokes)
    assert await shop.pay(batch) == {"reserved" if path == TRANSFERRING else "transferred": 1}

    await shop.tick(minutes=2)

    assert (await shop.payout(vendor)).state is PayoutState.SENT
    assert await shop.transferred() == 1
    assert await shop.sent_to_bank(vendor) == [("pending", 47_47)]
    await shop.agree([vendor])


async def test_an_open_call_older_than_its_key_asks_with_another_one(shop: Paying) -> None:
    vendor = await shop.vendor()
    await shop.earn([vendor], 47_47)
    batch = await shop.batch()
    await shop.world.sandbox.fault("error_500_before_work", path=TRANSFERRING, count=3)
    await shop.pay(batch)

    await shop.tick(hours=24)
    asked_anew = await shop.payout(vendor)
    await shop.tick(hours=2)

    assert (asked_anew.transfer_generation, asked_anew.failure_code) == (2, "never_arrived")
    assert (await shop.payout(vendor)).state is PayoutState.SENT
    assert await shop.transferred() == 1


async def test_news_may_come_before_the_answer_and_backwards(shop: Paying) -> None:
    vendor = await shop.vendor()
    await shop.earn([vendor], 47_47)
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
    await shop.earn([vendor], 47_47)
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
    await shop.earn([vendor], 47_47)
    await shop.pay(await shop.batch())
    await shop.world.pass_time(days=2)
    await shop.world.sandbox.do_what_is_due()
    assert await shop.tick() == 0

    assert await shop.tick(days=1) == 1

    assert (await shop.payout(vendor)).state is PayoutState.PAID


async def test_a_payout_is_cancelled_before_its_money_has_moved(shop: Paying) -> None:
    vendor = await shop.vendor()
    await shop.earn([vendor], 47_47)
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
    assert await shop.ledger("2120", vendor) == -47_47
    assert await shop.transferred() == 0


async def test_a_failed_payout_is_cancelled_by_reversing_its_transfer(shop: Paying) -> None:
    vendor = await shop.vendor()
    await shop.earn([vendor], 47_47)
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
    assert await shop.ledger("2120", vendor) == -47_47
    assert await shop.at_provider(vendor) == 0
    await shop.agree([vendor])


async def test_what_is_with_the_bank_is_not_cancelled(shop: Paying) -> None:
    vendor = await shop.vendor()
    await shop.earn([vendor], 47_47)
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
            principal=staff(StaffRole.FINANCE_VIEWER), payout_id=payout.id, now=shop.world.now
        )
    with pytest.raises(IllegalMove):
        await retrying.retry(principal=SYSTEM, payout_id=payout.id, now=shop.world.now)


async def test_less_available_than_drafted_cancels_and_the_next_cycle_pays(shop: Paying) -> None:
    vendor = await shop.vendor()
    await shop.earn([vendor], 47_47)
    batch = await shop.batch()
    async with transaction(SYSTEM):
        await credit([vendor], -10_00, currency="EUR", now=shop.world.now)

    assert await shop.pay(batch) == {"cancelled": 1}

    payout = await shop.payout(vendor)
    assert payout.failure_code == "balance_fell"
    assert await shop.ledger("2140", vendor) == 0
    assert await shop.pay(batch) == {}


async def test_the_tick_pays_what_no_job_came_for(shop: Paying) -> None:
    vendor = await shop.vendor()
    await shop.earn([vendor], 47_47)
    await shop.batch()

    early = await paying.carry_on_due(gateway=shop.world.connect, now=shop.world.now)

    assert early == 0
    assert await shop.tick(seconds=31) == 1
    assert (await shop.payout(vendor)).state is PayoutState.SENT
