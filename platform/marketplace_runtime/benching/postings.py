"""Postings per second: one by one, and many in one call; each call is a transaction."""

from collections.abc import Sequence
from uuid import UUID

from marketplace.kit import clock
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace_runtime.benching import vendors
from marketplace_runtime.benching.measuring import Measured, measured
from marketplace_runtime.benching.vendors import Sale
from settlement import ledger
from settlement.ledger import Posting

_VENDORS = "SELECT id FROM vendor ORDER BY id LIMIT $1"
VENDORS = 100  # whose accounts take turns


async def in_sets(count: int, size: int) -> Measured:
    """`size` postings in one round trip and one commit: an event's handler books 1, a tick many."""
    postings = await _postings(count)
    async with measured("post" if size == 1 else f"post_all of {size}", count, "postings") as found:
        await _post(postings, size)
    return found


async def _post(postings: Sequence[Posting], size: int) -> None:
    now = await clock.now()
    for start in range(0, len(postings), size):
        async with transaction(SYSTEM):
            await ledger.post_all(postings[start : start + size], now=now)


async def _postings(count: int) -> Sequence[Posting]:
    now = await clock.now()
    async with transaction(SYSTEM, read_only=True) as connection:
        rows = await connection.fetch(_VENDORS, VENDORS)
    owners: list[UUID] = [row["id"] for row in rows]
    sales = (Sale(owners[nth % len(owners)], new_id(now), new_id(now)) for nth in range(count))
    return [vendors.earning(sale, now) for sale in sales]
