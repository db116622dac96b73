"""From an approved batch to the vendor's bank, and each way back."""

from uuid import UUID

import pytest

from marketplace.kit.errors import IllegalMove
from marketplace.kit.principal import SYSTEM
from settlement.connected import applying
from settlement.connected.models import AccountState
from settlement.payouts import finalising, retrying
from settlement.payouts.models import PayoutState
from tests.paying.world import Paying
from tests.payments.world import OVER_HTTP

pytestmark = OVER_HTTP

CLOSED = "DE89370400440532013002"
ANOTHER = "DE89370400440532013000"
FIRST = ["draft", "approve", "reserve", "transfer", "send"]


async def test_a_vendor_is_paid_and_both_books_say_so(shop: Paying) -> None:
    vendor = await shop.vendor()
    earned = await shop.earn([vendor])

    assert await shop.pay(await shop.batch()) == {"sent": 1}
    under_way = await shop.ledger("1150", vendor)
    await shop.world.pass_time(days=4)
    await shop.hear()

    payout = await shop.payout(vendor)
    assert payout.state is PayoutState.PAID
    assert payout.trace_id
    assert under_way == earned
    assert await shop.events(vendor) == [*FIRST, "pay"]
    assert await shop.sent_to_bank(vendor) == [("paid", earned)]
    for code in ("1140", "1150", "2120", "2140"):
        assert await shop.ledger(code, vendor) == 0
    await shop.agree([vendor])


async def test_a_paid_payout_is_final_after_five_business_days(shop: Paying) -> None:
    vendor = await shop.vendor()
    await shop.earn([vendor])
    await shop.pay(await shop.batch())
    await shop.world.pass_time(days=4)  # Sunday
    await shop.hear()

    await shop.world.pass_time(days=5)
    early = await finalising.finalise_due(now=shop.world.now)
    await shop.world.pass_time(days=1)
    late = await finalising.finalise_due(now=shop.world.now)

    assert (early, late) == (0, 1)
    assert (await shop.payout(vendor)).final_at == shop.world.now


async def test_a_payout_that_fails_is_retried_on_its_row_and_paid(shop: Paying) -> None:
    vendor = await shop.vendor()
    earned = await shop.earn([vendor])
    await shop.world.sandbox.fault("payout_fails")
    await shop.pay(await shop.batch())
    await shop.world.pass_time(days=4)
    await shop.hear()
    failed = await shop.payout(vendor)
    assert (failed.state, failed.attempt) == (PayoutState.FAILED, 1)
    assert await shop.ledger("1140", vendor) == earned
    await shop.agree([vendor])

    assert await shop.tick(hours=2) == 0
    assert await shop.tick(hours=23) == 1
    await shop.world.pass_time(days=4)
    await shop.hear()

    paid = await shop.payout(vendor)
    assert (paid.id, paid.state, paid.attempt) == (failed.id, PayoutState.PAID, 2)
    assert await shop.events(vendor) == [*FIRST, "fail", "retry", "send", "pay"]
    assert await shop.sent_to_bank(vendor) == [("failed", earned), ("paid", earned)]
    await shop.agree([vendor])


@pytest.mark.parametrize("fault", ["payout_fails_after_paid", "payout_returned"])
async def test_a_paid_payout_that_comes_back_is_owed_again_and_retried(
    shop: Paying, fault: str
) -> None:
    vendor = await shop.vendor()
    earned = await shop.earn([vendor])
    await shop.world.sandbox.fault(fault)
    await shop.pay(await shop.batch())
    await shop.world.pass_time(days=2)
    await shop.hear()
    assert (await shop.payout(vendor)).state is PayoutState.PAID

    await shop.world.pass_time(days=4)
    await shop.hear(newest_first=True)

    returned = await shop.payout(vendor)
    assert (returned.state, returned.paid_at) == (PayoutState.RETURNED, None)
    assert await shop.ledger("2140", vendor) == -earned
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
    await shop.earn([vendor])
    await shop.pay(await shop.batch())
    await shop.world.pass_time(days=4)
    await shop.hear()
    failed = await shop.payout(vendor)
    assert (failed.failure_code, failed.next_attempt_at) == ("account_closed", None)
    assert (await shop.account(vendor)).state is AccountState.RESTRICTED

    await _change_bank(shop, vendor)
    await shop.hear()

    assert (await shop.account(vendor)).bank_changed_at == shop.world.now
    assert await shop.tick(days=1) == 0
    assert await shop.tick(days=1, minutes=1) == 1
    assert (await shop.payout(vendor)).state is PayoutState.SENT


async def test_news_of_another_bank_account_that_was_cut_short_wakes_the_payout_when_heard_again(
    shop: Paying,
) -> None:
    vendor = await shop.vendor(bank=CLOSED)
    await shop.earn([vendor])
    await shop.pay(await shop.batch())
    await shop.world.pass_time(days=4)
    await shop.hear()
    account = await _change_bank(shop, vendor)
    await applying.refresh(
        provider_account_id=account, gateway=shop.world.connect, now=shop.world.now
    )
    assert (await shop.payout(vendor)).next_attempt_at is None

    await shop.world.pass_time(minutes=1)
    await shop.hear()

    assert await shop.tick(days=1, hours=23) == 0
    assert await shop.tick(hours=1) == 1
    assert (await shop.payout(vendor)).state is PayoutState.SENT


async def test_a_bank_account_that_changes_after_drafting_is_not_paid_to(shop: Paying) -> None:
    vendor = await shop.vendor()
    earned = await shop.earn([vendor])
    batch_id = await shop.batch()
    await _change_bank(shop, vendor)
    await shop.hear()

    assert await shop.pay(batch_id) == {"cancelled": 1}

    assert (await shop.payout(vendor)).failure_code == "bank_changed"
    assert await shop.ledger("2120", vendor) == -earned
    assert await shop.sent_to_bank(vendor) == []


async def test_a_retry_waits_until_a_new_bank_account_has_cooled_off(shop: Paying) -> None:
    vendor = await shop.vendor()
    earned = await shop.earn([vendor])
    await shop.world.sandbox.fault("payout_fails")
    await shop.pay(await shop.batch())
    await shop.world.pass_time(days=4)
    await shop.hear()
    await shop.world.pass_time(hours=23)
    await _change_bank(shop, vendor)
    await shop.hear()

    assert await shop.tick(hours=2) == 0
    with pytest.raises(IllegalMove):
        await retrying.retry(
            principal=SYSTEM,
            payout_id=(await shop.payout(vendor)).id,
            gateway=shop.world.connect,
            now=shop.world.now,
        )
    assert await shop.sent_to_bank(vendor) == [("failed", earned)]
    assert await shop.tick(days=2) == 1
    assert (await shop.payout(vendor)).attempt == 2


async def _change_bank(shop: Paying, vendor_id: UUID) -> str:
    account = (await shop.account(vendor_id)).provider_account_id
    assert account is not None
    await shop.world.sandbox.door(f"accounts/{account}/bank_account", account_number=ANOTHER)
    return account
