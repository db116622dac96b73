"""What was given up and exists at the provider after all is matched, and never paid twice."""

from datetime import timedelta

import pytest

from marketplace.kit.errors import Forbidden, IllegalMove
from marketplace.kit.principal import StaffRole
from marketplace.payments.gateway import UnexpectedAnswer
from settlement.payouts import cancelling, matching, retrying
from settlement.payouts.errors import ExistsAtProvider
from settlement.payouts.models import Payout, PayoutState
from tests.paying.world import Paying
from tests.payments.world import OVER_HTTP
from tests.payouts.money import staff
from tests.stripe_sandbox.connected import door

pytestmark = OVER_HTTP

SENDING = "POST /v1/payouts"
ACCOUNTANT = staff(StaffRole.ACCOUNTANT)
APPROVER = staff(StaffRole.APPROVER)


async def given_up(shop: Paying) -> Payout:
    """Asked for in vain for a day, so that nobody thinks any more that it arrived."""
    vendor = await shop.vendor()
    await shop.earn([vendor])
    batch = await shop.batch()
    await shop.world.sandbox.fault("error_500_before_work", path=SENDING, count=3)
    await shop.pay(batch)
    await shop.tick(hours=24)
    payout = await shop.payout(vendor)
    assert (payout.state, payout.failure_code) == (PayoutState.FAILED, "never_arrived")
    return payout


async def arrives_late(shop: Paying, payout: Payout, *, less: int = 0) -> str:
    """The provider makes it all the same."""
    made = await shop.world.sandbox.client.v1.payouts.create_async(
        {
            "amount": payout.amount_minor - less,
            "currency": "eur",
            "metadata": {
                "attempt": "1", "payout_id": str(payout.id), "souk": f"payout:{payout.id}",
            },
        },
        {"stripe_account": payout.provider_account_id},
    )  # fmt: skip
    return made.id


async def retry(shop: Paying, payout: Payout) -> None:
    await retrying.retry(
        principal=ACCOUNTANT, payout_id=payout.id, gateway=shop.world.connect, now=shop.world.now
    )


async def match(shop: Paying, payout: Payout) -> None:
    await matching.match(
        principal=ACCOUNTANT, payout_id=payout.id, gateway=shop.world.connect, now=shop.world.now
    )


async def test_a_retry_by_hand_looks_first_and_is_refused_until_it_is_matched(
    shop: Paying,
) -> None:
    payout = await given_up(shop)
    late = await arrives_late(shop, payout)  # and its news is lost

    with pytest.raises(ExistsAtProvider) as refused:
        await retry(shop, payout)
    with pytest.raises(ExistsAtProvider):
        await cancelling.cancel(
            principal=APPROVER, payout_id=payout.id, reason="Not wanted", now=shop.world.now
        )
    with pytest.raises(UnexpectedAnswer):  # its news is set aside
        await shop.hear()
    with pytest.raises(ExistsAtProvider):
        await retry(shop, payout)

    assert refused.value.message == f"It exists at the provider as {late}. Match it first."
    assert await shop.sent_to_bank(payout.vendor_id) == [("pending", payout.amount_minor)]

    await match(shop, payout)

    matched = await shop.payout(payout.vendor_id)
    assert (matched.state, matched.provider_payout_id) == (PayoutState.SENT, late)
    await shop.hear()
    await shop.world.pass_time(days=4)
    await shop.hear()
    assert (await shop.payout(payout.vendor_id)).state is PayoutState.PAID
    assert (await shop.events(payout.vendor_id))[-3:] == ["fail", "match", "pay"]
    assert len(await shop.sent_to_bank(payout.vendor_id)) == 1
    await shop.agree([payout.vendor_id])


async def test_the_clock_looks_before_it_tries_again(shop: Paying) -> None:
    payout = await given_up(shop)
    late = await arrives_late(shop, payout)

    await shop.tick(days=1, hours=1)
    await shop.tick(days=3)

    found = await shop.payout(payout.vendor_id)
    assert (found.state, found.found_payout_id) == (PayoutState.FAILED, late)
    assert len(await shop.sent_to_bank(payout.vendor_id)) == 1


async def test_only_what_was_found_is_matched_with_its_amount_by_an_accountant(
    shop: Paying,
) -> None:
    payout = await given_up(shop)
    with pytest.raises(IllegalMove):
        await match(shop, payout)
    await arrives_late(shop, payout, less=1_00)
    with pytest.raises(ExistsAtProvider):
        await retry(shop, payout)

    with pytest.raises(UnexpectedAnswer):
        await match(shop, payout)
    with pytest.raises(Forbidden):
        await matching.match(
            principal=APPROVER, payout_id=payout.id, gateway=shop.world.connect,
            now=shop.world.now,
        )  # fmt: skip

    assert (await shop.payout(payout.vendor_id)).state is PayoutState.FAILED


async def test_what_was_given_up_and_does_not_exist_is_tried_again(shop: Paying) -> None:
    payout = await given_up(shop)

    await retry(shop, payout)
    await shop.tick(seconds=1)

    assert await shop.sent_to_bank(payout.vendor_id) == [("pending", payout.amount_minor)]
    assert (await shop.payout(payout.vendor_id)).attempt == 2


async def wish_away(shop: Paying, payout: Payout) -> None:
    await cancelling.cancel(
        principal=APPROVER, payout_id=payout.id, reason="Not wanted", now=shop.world.now
    )


async def reversed_at_provider(shop: Paying, payout: Payout) -> int:
    assert payout.transfer_id is not None
    transfer = await shop.world.sandbox.client.v1.transfers.retrieve_async(payout.transfer_id)
    return transfer.amount_reversed


async def test_a_wish_to_cancel_looks_first_and_takes_nothing_back_from_what_has_left(
    shop: Paying,
) -> None:
    payout = await given_up(shop)
    late = await arrives_late(shop, payout)  # and its news is lost

    await wish_away(shop, payout)
    await shop.tick(minutes=1)
    await shop.tick(days=2)

    found = await shop.payout(payout.vendor_id)
    assert (found.state, found.found_payout_id) == (PayoutState.FAILED, late)
    assert await reversed_at_provider(shop, found) == 0
    await match(shop, found)
    await shop.tick(days=1)
    assert await reversed_at_provider(shop, found) == 0
    assert (await shop.payout(payout.vendor_id)).state is PayoutState.SENT


async def test_where_nobody_may_look_nothing_is_taken_back_and_the_reason_is_kept(
    shop: Paying,
) -> None:
    payout = await given_up(shop)
    await door(shop.world.sandbox, f"accounts/{payout.provider_account_id}/deauthorize")

    await wish_away(shop, payout)
    await shop.tick(minutes=1)

    kept = await shop.payout(payout.vendor_id)
    assert (kept.state, kept.failure_code) == (PayoutState.FAILED, "cannot_look")
    assert "does not have access" in kept.failure_message
    assert await reversed_at_provider(shop, kept) == 0


async def test_what_is_being_taken_back_is_matched_only_once_that_is_known_not_to_have_happened(
    shop: Paying,
) -> None:
    payout = await given_up(shop)
    await wish_away(shop, payout)
    await shop.world.sandbox.fault(
        "error_500_before_work", path=f"POST /v1/transfers/{payout.transfer_id}/reversals", count=3
    )
    await shop.tick(minutes=1)
    await arrives_late(shop, payout)
    with pytest.raises(UnexpectedAnswer):
        await shop.hear()

    with pytest.raises(IllegalMove, match="being taken back"):
        await match(shop, payout)
    await shop.tick(hours=1)
    await shop.tick(hours=30)
    await match(shop, payout)

    assert (await shop.payout(payout.vendor_id)).state is PayoutState.SENT
    assert await reversed_at_provider(shop, payout) == 0


async def test_a_person_ends_the_rest_of_what_broke(shop: Paying) -> None:
    payout = await given_up(shop)
    await shop.world.rows(
        "UPDATE payout SET failures = 9, rests_until = $2 WHERE id = $1",
        payout.id, shop.world.now + timedelta(hours=5),
    )  # fmt: skip

    await retry(shop, payout)
    await shop.tick(seconds=1)

    assert (await shop.payout(payout.vendor_id)).state is PayoutState.SENT


async def test_what_was_refused_at_once_is_cancelled_without_looking(shop: Paying) -> None:
    vendor = await shop.vendor()
    await shop.earn([vendor])
    account = (await shop.account(vendor)).provider_account_id
    await door(shop.world.sandbox, f"accounts/{account}/payouts", {"enabled": False})
    await shop.pay(await shop.batch())
    refused = await shop.payout(vendor)
    assert refused.state is PayoutState.FAILED
    await door(shop.world.sandbox, f"accounts/{account}/deauthorize")

    await wish_away(shop, refused)
    await shop.tick(minutes=1)

    assert (await shop.payout(vendor)).state is PayoutState.CANCELLED
    assert await reversed_at_provider(shop, refused) == refused.amount_minor
