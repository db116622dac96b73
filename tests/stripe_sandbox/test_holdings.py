"""What is available, what is pending, and who is told when that changes."""

from tests.stripe_sandbox.connected import (
    VENDOR,
    acting_as,
    balance_of,
    door,
    enroll,
    events_of,
    transfer,
)
from tests.stripe_sandbox.running import OVER_HTTP, Sandbox

pytestmark = OVER_HTTP


async def test_what_is_pending_can_be_made_available(sandbox: Sandbox) -> None:
    """R131"""
    await enroll(sandbox)
    paid = await sandbox.pay(100_00, expand=[])
    await transfer(sandbox, 60_00, source_transaction=paid.latest_charge)

    theirs = await door(sandbox, "balance/mature", {"account": VENDOR})
    still = await balance_of(sandbox, None)
    rest = await door(sandbox, "balance/mature")

    assert (theirs, rest) == ({"transactions": 1}, {"transactions": 2})
    assert still == (0, 36_80)
    assert await balance_of(sandbox) == (60_00, 0)
    assert await balance_of(sandbox, None) == (36_80, 0)
    listed = await sandbox.client.v1.balance_transactions.list_async(None, acting_as(VENDOR))
    assert [one.status for one in listed.data] == ["available"]


async def test_available_money_is_told_of_once(sandbox: Sandbox) -> None:
    """R133"""
    await enroll(sandbox)
    for _ in range(2):
        paid = await sandbox.pay(100_00, expand=[])
        await transfer(sandbox, 60_00, source_transaction=paid.latest_charge)
    sandbox.clock.advance(days=2)
    await sandbox.do_what_is_due()
    await sandbox.do_what_is_due()

    told = await sandbox.events("balance.available")
    theirs = [one for one in await events_of(sandbox, VENDOR) if one.type == "balance.available"]
    assert (len(told), len(theirs)) == (1, 1)
    balance = theirs[0].data.to_dict()["object"]
    assert balance["available"] == [
        {"amount": 120_00, "currency": "eur", "source_types": {"card": 120_00}}
    ]


async def test_a_card_can_bypass_what_is_pending(sandbox: Sandbox) -> None:
    """R134"""
    await sandbox.pay(100_00, card="pm_card_bypassPending")

    assert await balance_of(sandbox, None) == (96_80, 0)
