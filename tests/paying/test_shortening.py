"""A part of a payout is taken back while its money waits at the provider; the rest is paid."""

from uuid import UUID, uuid4

import pytest

from marketplace.kit.errors import Forbidden, IllegalMove, InvalidInput
from marketplace.kit.principal import SYSTEM, Principal, StaffRole
from settlement.payouts import cancelling, retrying
from settlement.payouts.models import Payout, PayoutState
from tests.paying.world import Paying
from tests.payments.world import OVER_HTTP
from tests.payouts.money import staff
from tests.stripe_sandbox.connected import acting_as

pytestmark = OVER_HTTP

APPROVER = staff(StaffRole.APPROVER)
PART = 10_00


async def failed(shop: Paying) -> tuple[UUID, Payout]:
    """A vendor whose bank would not take its payout: the money is back at the provider."""
    vendor = await shop.vendor()
    await shop.earn([vendor])
    await shop.world.sandbox.fault("payout_fails")
    await shop.pay(await shop.batch())
    await shop.world.pass_time(days=4)
    await shop.hear()
    payout = await shop.payout(vendor)
    assert payout.state is PayoutState.FAILED
    return vendor, payout


async def shorten(
    shop: Paying,
    payout: Payout,
    minor: int = PART,
    *,
    by: Principal = APPROVER,
    key: str | None = None,
) -> None:
    await cancelling.shorten(
        principal=by, payout_id=payout.id, amount_minor=minor, reason="Sent too much",
        key=key or str(uuid4()), now=shop.world.now,
    )  # fmt: skip


async def test_a_part_is_taken_back_once_and_the_rest_is_paid(shop: Paying) -> None:
    vendor, payout = await failed(shop)
    whole = payout.amount_minor
    reversals = f"POST /v1/transfers/{payout.transfer_id}/reversals"
    await shop.world.sandbox.fault("timeout_after_work", path=reversals, count=3)

    await shorten(shop, payout)
    with pytest.raises(IllegalMove):
        await shorten(shop, payout)
    for minutes in (0, 2):
        await shop.tick(minutes=minutes)
    assert await shop.ledger("1140", vendor) == whole - PART
    await shop.agree([vendor])
    await shop.tick(days=2)
    await shop.world.pass_time(days=4)
    await shop.hear()

    paid = await shop.payout(vendor)
    assert (paid.state, paid.taken_back_minor, paid.left_minor) == ("paid", PART, whole - PART)
    assert await shop.sent_to_bank(vendor) == [("failed", whole), ("paid", whole - PART)]
    assert await shop.ledger("2120", vendor) == -PART
    await shop.agree([vendor])


async def test_what_is_about_to_be_sent_is_sent_without_the_part(shop: Paying) -> None:
    vendor, payout = await failed(shop)
    whole = payout.amount_minor
    await shop.world.pass_time(minutes=1)
    await retrying.retry(
        principal=SYSTEM, payout_id=payout.id, gateway=shop.world.connect, now=shop.world.now
    )

    await shorten(shop, payout)
    await shop.tick()

    sent = await shop.payout(vendor)
    assert (sent.state, sent.taking_back_minor) == (PayoutState.SENT, None)
    assert [amount for _, amount in await shop.sent_to_bank(vendor)] == [whole, whole - PART]
    await shop.agree([vendor])
    with pytest.raises(IllegalMove):
        await shorten(shop, payout)


async def test_part_after_part_and_then_all_of_it_comes_back(shop: Paying) -> None:
    vendor, payout = await failed(shop)
    for _ in range(2):
        await shorten(shop, payout)
        await shop.tick()
    assert await shop.ledger("2120", vendor) == -2 * PART

    await shorten(shop, payout)
    await cancelling.cancel(
        principal=APPROVER, payout_id=payout.id, reason="All of it", now=shop.world.now
    )
    for _ in range(2):
        await shop.tick()

    assert (await shop.payout(vendor)).state is PayoutState.CANCELLED
    assert await shop.ledger("2120", vendor) == -payout.amount_minor
    assert await shop.at_provider(vendor) == 0
    await shop.agree([vendor])


async def test_a_part_that_the_provider_does_not_give_back_stays_a_part_of_it(
    shop: Paying,
) -> None:
    vendor, payout = await failed(shop)
    account = (await shop.account(vendor)).provider_account_id
    assert account is not None
    gone = await shop.world.sandbox.client.v1.payouts.create_async(
        {"amount": payout.amount_minor, "currency": "eur"}, acting_as(account)
    )

    await shorten(shop, payout)
    await shop.tick(minutes=1)

    kept = await shop.payout(vendor)
    assert (kept.state, kept.taking_back_minor, kept.taken_back_minor) == ("failed", None, 0)
    assert (kept.next_attempt_at, kept.failure_code) == (None, "balance_insufficient")
    told = await shop.world.rows(
        "SELECT reason FROM settlement_change WHERE subject_id = $1 AND move = 'shorten'"
        " ORDER BY id", payout.id,
    )  # fmt: skip
    assert [row["reason"].partition(":")[0] for row in told] == [
        "Sent too much", "The provider did not give the part back",
    ]  # fmt: skip
    assert gone.amount == payout.amount_minor


async def test_asked_twice_with_one_key_one_part_is_taken(shop: Paying) -> None:
    vendor, payout = await failed(shop)
    for _ in range(2):
        await shorten(shop, payout, key="one form")
        await shop.tick()

    assert (await shop.payout(vendor)).taken_back_minor == PART
    assert await shop.ledger("2120", vendor) == -PART


async def test_where_the_part_is_refused_before_it_was_sent_nothing_is_sent(shop: Paying) -> None:
    vendor, payout = await failed(shop)
    await shop.world.pass_time(minutes=1)
    await retrying.retry(
        principal=SYSTEM, payout_id=payout.id, gateway=shop.world.connect, now=shop.world.now
    )
    account = (await shop.account(vendor)).provider_account_id
    assert account is not None
    await shop.world.sandbox.client.v1.payouts.create_async(
        {"amount": payout.amount_minor, "currency": "eur"}, acting_as(account)
    )

    await shorten(shop, payout)
    await shop.tick()
    await shop.tick(days=9)

    kept = await shop.payout(vendor)
    assert (kept.state, kept.taking_back_minor) == (PayoutState.FAILED, None)
    assert len(await shop.sent_to_bank(vendor)) == 2  # the one that failed, and the one above


async def test_what_may_be_found_at_the_provider_is_not_taken_back(shop: Paying) -> None:
    vendor = await shop.vendor()
    await shop.earn([vendor])
    account = (await shop.account(vendor)).provider_account_id
    await shop.world.sandbox.door(f"accounts/{account}/payouts", enabled=False)
    await shop.pay(await shop.batch())
    given_up = await shop.payout(vendor)

    with pytest.raises(IllegalMove):
        await shorten(shop, given_up)

    assert (given_up.state, given_up.provider_payout_id) == (PayoutState.FAILED, None)
    await shop.agree([vendor])


async def test_only_an_approver_takes_back_and_only_a_part(shop: Paying) -> None:
    _, payout = await failed(shop)

    with pytest.raises(Forbidden):
        await shorten(shop, payout, by=staff(StaffRole.ACCOUNTANT))
    for minor in (0, -1, payout.amount_minor, payout.amount_minor + 1):
        with pytest.raises(InvalidInput):
            await shorten(shop, payout, minor)
