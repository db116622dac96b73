"""What stops a vendor's payouts stops the one under way, before its transfer and after it."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from marketplace.kit.principal import StaffRole
from settlement.connected.models import AccountState
from settlement.payouts import cancelling, freezing, retrying
from settlement.payouts.models import PayoutState
from tests.paying.world import Paying
from tests.payments.world import OVER_HTTP
from tests.payouts.money import staff
from tests.stripe_sandbox.connected import door

pytestmark = OVER_HTTP

SENDING = "POST /v1/payouts"
ANOTHER = "DE89370400440532013000"
ACCOUNTANT = staff(StaffRole.ACCOUNTANT)


async def reserved(shop: Paying) -> UUID:
    """A vendor whose payout waits for money, which is there now."""
    vendor = await shop.vendor()
    await shop.earn([vendor])
    await shop.world.sandbox.client.v1.payouts.create_async(
        {"amount": await shop.at_provider(), "currency": "eur"}
    )
    assert await shop.pay(await shop.batch()) == {"reserved": 1}
    await shop.earn([vendor])
    return vendor


async def transferred(shop: Paying) -> UUID:
    """A vendor whose payout failed at the bank; somebody has said to try it again."""
    vendor = await shop.vendor()
    await shop.earn([vendor])
    await shop.world.sandbox.fault("payout_fails")
    await shop.pay(await shop.batch())
    await shop.world.pass_time(days=4)
    await shop.hear()
    payout = await shop.payout(vendor)
    assert payout.state is PayoutState.FAILED
    await retrying.retry(
        principal=ACCOUNTANT, payout_id=payout.id, gateway=shop.world.connect, now=shop.world.now
    )
    return vendor


async def on_the_way(shop: Paying, vendor: UUID) -> list[int]:
    """What the bank will bring, minor units."""
    return [amount for status, amount in await shop.sent_to_bank(vendor) if status == "pending"]


async def freeze(shop: Paying, vendor: UUID) -> UUID:
    return await freezing.freeze(
        principal=ACCOUNTANT, vendor_id=vendor, reason="A question of ours", now=shop.world.now
    )


async def lift(shop: Paying, freeze_id: UUID) -> None:
    await freezing.lift(
        principal=ACCOUNTANT, freeze_id=freeze_id, reason="It is answered", now=shop.world.now
    )


@pytest.mark.parametrize(
    ("waiting_one", "state"),
    [(reserved, PayoutState.RESERVED), (transferred, PayoutState.TRANSFERRED)],
)
async def test_a_freeze_keeps_the_money_where_it_is_until_it_is_lifted(
    shop: Paying, waiting_one: Callable[[Paying], Awaitable[UUID]], state: PayoutState
) -> None:
    vendor = await waiting_one(shop)
    transfers = await shop.transferred()
    freeze_id = await freeze(shop, vendor)
    await shop.tick(hours=1)
    await shop.tick(minutes=5)

    waiting = await shop.payout(vendor)
    assert (waiting.state, waiting.failure_code) == (state, "frozen")
    assert waiting.failure_message == "Payouts to this vendor are frozen."
    assert await on_the_way(shop, vendor) == []
    assert await shop.transferred() == transfers

    await lift(shop, freeze_id)

    assert await shop.tick(minutes=1) == 1
    sent = await shop.payout(vendor)
    assert (sent.state, sent.attempt, sent.failure_code) == (
        PayoutState.SENT, waiting.attempt, None,
    )  # fmt: skip
    assert await on_the_way(shop, vendor) == [sent.amount_minor]


async def test_a_bank_account_that_changes_before_the_transfer_cools_off_first(
    shop: Paying,
) -> None:
    vendor = await reserved(shop)
    account = (await shop.account(vendor)).provider_account_id
    await door(shop.world.sandbox, f"accounts/{account}/bank_account", {"account_number": ANOTHER})
    await shop.hear()

    await shop.tick(hours=1)
    early = await shop.payout(vendor)
    await shop.tick(days=1)
    still = await shop.payout(vendor)

    assert (early.state, early.failure_code) == (PayoutState.RESERVED, "bank_changed")
    assert still.state is PayoutState.RESERVED
    assert await shop.tick(days=1) == 1
    assert (await shop.payout(vendor)).state is PayoutState.SENT


async def test_payouts_that_are_paused_after_the_transfer_go_on_when_the_account_is_opened_again(
    shop: Paying,
) -> None:
    vendor = await transferred(shop)
    account = (await shop.account(vendor)).provider_account_id
    await door(shop.world.sandbox, f"accounts/{account}/payouts", {"enabled": False})
    await shop.hear()
    await shop.tick(hours=1)
    waiting = await shop.payout(vendor)
    assert (waiting.state, waiting.failure_code) == (PayoutState.TRANSFERRED, "account_not_ready")

    await door(shop.world.sandbox, f"accounts/{account}/payouts", {"enabled": True})
    await shop.hear()

    assert (await shop.account(vendor)).state is AccountState.ENABLED
    assert await shop.tick(minutes=1) == 1
    assert (await shop.payout(vendor)).state is PayoutState.SENT


async def test_a_call_that_may_have_arrived_is_only_looked_up_while_payouts_are_frozen(
    shop: Paying,
) -> None:
    vendor = await shop.vendor()
    earned = await shop.earn([vendor])
    batch = await shop.batch()
    await shop.world.sandbox.fault("error_500_before_work", path=SENDING, count=3)
    await shop.pay(batch)
    freeze_id = await freeze(shop, vendor)

    await shop.tick(minutes=2)
    assert await shop.sent_to_bank(vendor) == []
    await lift(shop, freeze_id)
    await shop.tick(minutes=2)

    assert await shop.sent_to_bank(vendor) == [("pending", earned)]
    assert (await shop.payout(vendor)).state is PayoutState.SENT


async def test_a_frozen_payout_at_the_provider_can_be_cancelled(shop: Paying) -> None:
    vendor = await transferred(shop)
    await freeze(shop, vendor)
    await shop.tick(hours=1)
    waiting = await shop.payout(vendor)

    await cancelling.cancel(
        principal=staff(StaffRole.APPROVER), payout_id=waiting.id, reason="Frozen for good",
        now=shop.world.now,
    )  # fmt: skip
    await shop.tick(minutes=1)

    assert (await shop.payout(vendor)).state is PayoutState.CANCELLED
    assert await on_the_way(shop, vendor) == []
    assert await shop.at_provider(vendor) == 0


async def test_a_transfer_that_may_have_arrived_is_only_looked_up_while_payouts_are_frozen(
    shop: Paying,
) -> None:
    vendor = await shop.vendor()
    earned = await shop.earn([vendor])
    batch = await shop.batch()
    await shop.world.sandbox.fault("error_500_before_work", path="POST /v1/transfers", count=3)
    await shop.pay(batch)
    freeze_id = await freeze(shop, vendor)

    await shop.tick(minutes=2)
    assert await shop.transferred() == 0
    await lift(shop, freeze_id)
    await shop.tick(minutes=2)

    assert await shop.transferred() == 1
    assert await shop.sent_to_bank(vendor) == [("pending", earned)]
