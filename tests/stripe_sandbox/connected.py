"""Vendors' accounts for tests, and money on them."""

from collections.abc import Mapping
from typing import Any

import stripe

from tests.stripe_sandbox.running import Sandbox

VENDOR = "acct_1Vendor"
OTHER = "acct_1Other"
WITH_LOSSES: Any = {
    "country": "DE",
    "email": "vendor@example.com",
    "controller": {
        "fees": {"payer": "application"},
        "losses": {"payments": "application"},
        "stripe_dashboard": {"type": "express"},
    },
    "capabilities": {"transfers": {"requested": True}},
    "metadata": {"vendor": "7"},
}


def acting_as(account: str, **more: Any) -> Any:
    return {"stripe_account": account} | more


def code_of(error: stripe.StripeError) -> object:
    """The code of an error whose class leaves it out."""
    body: Any = error.json_body
    return body["error"]["code"]


async def door(sandbox: Sandbox, path: str, asked: Mapping[str, object] | None = None) -> Any:
    """One of the sandbox's own doors, which has to open."""
    answer = await sandbox.http.post(f"/_sandbox/{path}", json=asked or {})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def enroll(sandbox: Sandbox, account: str = VENDOR, **more: object) -> str:
    """An account that can receive and be paid out at once."""
    made: dict[str, str] = await door(sandbox, "accounts", {"id": account} | more)
    return made["id"]


async def fund(sandbox: Sandbox, amount: int = 1000_00, **more: Any) -> stripe.PaymentIntent:
    """A payment whose money is available."""
    paid = await sandbox.pay(amount, expand=[], **more)
    await door(sandbox, "balance/mature")
    return paid


async def transfer(
    sandbox: Sandbox, amount: int, account: str = VENDOR, **more: Any
) -> stripe.Transfer:
    params: Any = {"amount": amount, "currency": "eur", "destination": account} | more
    return await sandbox.client.v1.transfers.create_async(params)


async def with_money(sandbox: Sandbox, amount: int = 300_00, **more: object) -> str:
    """A vendor's account with that much available."""
    account = await enroll(sandbox, str(more.pop("account", VENDOR)), **more)
    await fund(sandbox)
    await transfer(sandbox, amount, account)
    return account


async def pay_out(
    sandbox: Sandbox, amount: int, account: str | None = VENDOR, **more: Any
) -> stripe.Payout:
    params: Any = {"amount": amount, "currency": "eur"} | more
    options = acting_as(account) if account else None
    return await sandbox.client.v1.payouts.create_async(params, options)


async def balance_of(
    sandbox: Sandbox, account: str | None = VENDOR, currency: str = "eur"
) -> tuple[int, int]:
    """Available and pending."""
    options = acting_as(account) if account else None
    balance = await sandbox.client.v1.balance.retrieve_async(None, options)
    available, pending = (
        sum(one.amount for one in part if one.currency == currency)
        for part in (balance.available, balance.pending)
    )
    return available, pending


async def transactions_of(sandbox: Sandbox, account: str | None = VENDOR) -> list[tuple[str, int]]:
    """Type and net, the oldest first."""
    options = acting_as(account) if account else None
    listed = await sandbox.client.v1.balance_transactions.list_async({"limit": 100}, options)
    return [(one.type, one.net) for one in reversed(listed.data)]


async def events_of(sandbox: Sandbox, account: str) -> list[stripe.Event]:
    """The oldest first."""
    found = await sandbox.client.v1.events.list_async({"limit": 100}, acting_as(account))
    return list(reversed(found.data))


async def read_payout(
    sandbox: Sandbox, payout: stripe.Payout, account: str = VENDOR
) -> stripe.Payout:
    await sandbox.do_what_is_due()
    return await sandbox.client.v1.payouts.retrieve_async(payout.id, None, acting_as(account))


async def payout_events(sandbox: Sandbox) -> list[str]:
    return [one.type for one in await events_of(sandbox, VENDOR) if "payout" in one.type]


async def create_account(sandbox: Sandbox, **more: object) -> stripe.Account:
    return await sandbox.client.v1.accounts.create_async(WITH_LOSSES | more)


async def read_account(sandbox: Sandbox, account: str = VENDOR) -> stripe.Account:
    return await sandbox.client.v1.accounts.retrieve_async(account)
