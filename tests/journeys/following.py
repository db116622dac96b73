"""Waiting until a marketplace has caught up, and comparing its books with others'."""

import asyncio
from typing import Any

import httpx

from tests.journeys.running import PATIENCE, Marketplace

# Everything that the worker still has to do; what was set aside is a fault, not work.
OPEN = """
    SELECT (SELECT count(*) FROM outbox_event WHERE routed_at IS NULL)
        + (SELECT count(*) FROM delivery WHERE done_at IS NULL)
        + (SELECT count(*) FROM provider_operation WHERE state IN ('planned', 'sent'))
"""
SET_ASIDE = "SELECT consumer, last_error FROM delivery WHERE dead_at IS NOT NULL"
UNBALANCED = "SELECT coalesce(sum(amount_minor), 0)::bigint FROM ledger_entry"
ACCOUNT = """
    SELECT coalesce(sum(amount_minor), 0)::bigint FROM ledger_entry entry
    JOIN ledger_account account ON account.id = entry.account_id
    WHERE account.code = $1 AND account.currency = 'EUR'
"""
MONEY = """
    SELECT (SELECT coalesce(sum(amount_minor), 0)::bigint FROM capture) AS captured,
        (SELECT count(*) FROM capture) AS captures,
        (SELECT coalesce(sum(amount_minor), 0)::bigint FROM refund WHERE state = 'succeeded')
            AS refunded
"""
PROVIDER_BALANCE, PROVIDER_FEES = "1120", "6210"
_SUMS = ("charges", "captured", "refunded", "balance", "fees")


async def caught_up(marketplace: Marketplace, *, seconds: float = PATIENCE) -> None:
    """Returns when nothing waits any more: no event, no delivery, no call, no webhook."""
    async with asyncio.timeout(seconds), httpx.AsyncClient(trust_env=False, timeout=30) as http:
        while await _webhooks_waiting(http, marketplace) or await marketplace.value(OPEN):
            assert await marketplace.rows(SET_ASIDE) == []
            await asyncio.sleep(0.2)


async def provider_books(marketplace: Marketplace) -> dict[str, Any]:
    """The sandbox's own books in euro; it says itself that they add up."""
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        books = (await http.get(f"{marketplace.sandbox}/_sandbox/books")).json()
    assert books["agrees"], books
    in_euro: dict[str, Any] = books["currencies"].get("eur", {})
    return dict.fromkeys(_SUMS, 0) | in_euro


async def books_agree(marketplace: Marketplace) -> None:
    """The provider's books, our payments and the ledger tell one story, and every check holds."""
    theirs = await provider_books(marketplace)
    [ours] = await marketplace.rows(MONEY)

    assert (theirs["charges"], theirs["captured"]) == (ours["captures"], ours["captured"])
    assert theirs["refunded"] == ours["refunded"]
    assert await marketplace.value(ACCOUNT, PROVIDER_BALANCE) == theirs["balance"]
    assert await marketplace.value(ACCOUNT, PROVIDER_FEES) == theirs["fees"]
    assert await marketplace.value(UNBALANCED) == 0
    checked = await asyncio.to_thread(marketplace.check)
    assert checked.stdout.rstrip().endswith(" 0 violated"), checked.stdout + checked.stderr


async def _webhooks_waiting(http: httpx.AsyncClient, marketplace: Marketplace) -> int:
    """Has the sandbox try again at once what it could not deliver."""
    doors = f"{marketplace.sandbox}/_sandbox/deliveries"
    try:
        await http.post(f"{doors}/flush")
        counts = (await http.get(doors)).json()["counts"]
    except httpx.TransportError:
        return 1  # between two lives
    return sum(count for state, count in counts.items() if state != "delivered")
