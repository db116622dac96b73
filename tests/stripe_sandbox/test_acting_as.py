"""What the platform does and hears as one of its connected accounts."""

import pytest
import stripe

from tests.stripe_sandbox.connected import (
    OTHER,
    VENDOR,
    acting_as,
    balance_of,
    code_of,
    enroll,
    events_of,
    fund,
    pay_out,
    transactions_of,
    transfer,
    with_money,
)
from tests.stripe_sandbox.running import (
    OVER_HTTP,
    Sandbox,
)

pytestmark = OVER_HTTP

CONNECT_SECRET = "whsec_another_secret_for_tests"


async def test_each_account_has_a_balance_of_its_own(sandbox: Sandbox) -> None:
    """R101"""
    await with_money(sandbox)
    await enroll(sandbox, OTHER, country="US")

    theirs = await sandbox.client.v1.balance.retrieve_async(None, acting_as(OTHER))

    assert await balance_of(sandbox) == (300_00, 0)
    assert await balance_of(sandbox, OTHER, "usd") == (0, 0)
    assert [one.currency for one in theirs.available] == ["usd"]
    assert await transactions_of(sandbox, OTHER) == []
    assert "transfer.created" not in [one.type for one in await events_of(sandbox, VENDOR)]
    own = await sandbox.client.v1.balance.retrieve_async(None, acting_as(sandbox.config.account))
    assert own.available[0].amount == 670_70


async def test_what_is_another_accounts_is_not_found(sandbox: Sandbox) -> None:
    """R101 and R12"""
    await with_money(sandbox)
    asked = await pay_out(sandbox, 1_00)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sandbox.client.v1.payouts.retrieve_async(asked.id)

    assert (refused.value.code, refused.value.http_status) == ("resource_missing", 404)


async def test_nobody_acts_as_a_strange_account(sandbox: Sandbox) -> None:
    """R2 and R101"""
    with pytest.raises(stripe.PermissionError) as refused:
        await pay_out(sandbox, 1_00, "acct_nobody")

    assert code_of(refused.value) == "account_invalid"


async def test_a_connected_account_takes_no_payments_here(sandbox: Sandbox) -> None:
    """R102"""
    await enroll(sandbox)

    with pytest.raises(stripe.InvalidRequestError, match="connected account"):
        await sandbox.intents.create_async({"amount": 5_00, "currency": "eur"}, acting_as(VENDOR))

    assert (await sandbox.intents.list_async()).data == []


async def test_keys_of_two_accounts_do_not_meet(sandbox: Sandbox) -> None:
    """R103 and R17"""
    await with_money(sandbox)
    asked: stripe.params.PayoutCreateParams = {"amount": 1_00, "currency": "eur"}
    payouts = sandbox.client.v1.payouts

    theirs = await payouts.create_async(asked, acting_as(VENDOR, idempotency_key="k"))
    again = await payouts.create_async(asked, acting_as(VENDOR, idempotency_key="k"))
    own = await payouts.create_async(asked, {"idempotency_key": "k"})

    assert theirs.id == again.id != own.id
    assert await balance_of(sandbox) == (299_00, 0)


async def test_balance_settings_merge(sandbox: Sandbox) -> None:
    """R105"""
    await enroll(sandbox)
    settings = sandbox.client.v1.balance_settings

    fresh = await settings.retrieve_async(None, acting_as(VENDOR))
    await settings.update_async(
        {
            "payments": {
                "payouts": {
                    "schedule": {"interval": "manual"},
                    "minimum_balance_by_currency": {"eur": 50_00},
                }
            }
        },
        acting_as(VENDOR),
    )
    changed = await settings.update_async(
        {"payments": {"debit_negative_balances": True}}, acting_as(VENDOR)
    )
    own = await settings.retrieve_async()

    def interval(one: stripe.BalanceSettings) -> str | None:
        assert one.payments.payouts is not None
        assert one.payments.payouts.schedule is not None
        return one.payments.payouts.schedule.interval

    assert (interval(fresh), interval(changed), interval(own)) == ("daily", "manual", "daily")
    assert changed.payments.payouts is not None
    assert changed.payments.payouts.minimum_balance_by_currency is not None
    assert changed.payments.payouts.minimum_balance_by_currency["eur"] == 50_00
    assert (fresh.payments.debit_negative_balances, changed.payments.debit_negative_balances) == (
        False, True,
    )  # fmt: skip
    assert (await events_of(sandbox, VENDOR))[-1].type == "balance_settings.updated"


@pytest.mark.parametrize(
    "payments",
    [
        {"payouts": {"schedule": {"interval": "weekly"}}},
        {"payouts": {"automatic_transfer_rules_by_currency": {"eur": ""}}},
        {"settlement_timing": {"delay_days_override": 5}},
    ],
)
async def test_settings_that_nothing_here_follows_are_refused(
    sandbox: Sandbox, payments: stripe.params.BalanceSettingsUpdateParamsPayments
) -> None:
    """R105 and R10"""
    with pytest.raises(stripe.InvalidRequestError):
        await sandbox.client.v1.balance_settings.update_async({"payments": payments})

    assert await sandbox.event_types() == []


async def test_the_books_hold_every_account(sandbox: Sandbox) -> None:
    """R132"""
    await with_money(sandbox, 300_00)
    await with_money(sandbox, 200_00, account=OTHER)
    await pay_out(sandbox, 100_00)

    books = await sandbox.books()

    theirs = {one: books["connected"][one]["currencies"]["eur"] for one in (VENDOR, OTHER)}
    assert books["agrees"]
    assert [theirs[one]["received"] for one in (VENDOR, OTHER)] == [300_00, 200_00]
    assert [theirs[one]["balance"] for one in (VENDOR, OTHER)] == [200_00, 200_00]
    assert theirs[VENDOR]["paid_out"] == 100_00
    assert books["currencies"]["eur"]["sent"] == 500_00
    assert books["transfers"]["eur"] == {"sent": 500_00, "received": 500_00, "agrees": True}


async def test_a_long_list_is_paged_through_for_one_account(sandbox: Sandbox) -> None:
    """R101 and R15"""
    await enroll(sandbox)
    await fund(sandbox)
    for _ in range(25):
        await transfer(sandbox, 1_00)

    listed = await sandbox.client.v1.balance_transactions.list_async(
        {"limit": 10, "type": "payment", "currency": "eur"}, acting_as(VENDOR)
    )
    found = [one.id async for one in listed.auto_paging_iter()]

    assert len(set(found)) == len(found) == 25
