"""The worked order, sold under terms with a reserve."""

from datetime import timedelta
from uuid import UUID

from marketplace.kit.transactions import connection
from tests.payouts.terms import agree
from tests.settlement.books import hear
from tests.settlement.rows import NOW
from tests.settlement.worked import place, ship
from tests.settlement.worked_parts import Heard, Worked

LONG_AGO = NOW - timedelta(days=100)
RESERVE = 10_00  # basis points: of A's net 52.75 it is 5.28


async def sold(letters: str = "A", *, reserve_bps: int = RESERVE) -> Worked:
    """Paid for, shipped and earned by these vendors; matures 30 days after shipping."""
    order = await place()
    for letter in letters:
        await agree(
            order.parts[letter].vendor_id, at=LONG_AGO, reserve_bps=reserve_bps, reserve_days=90
        )
        await ship(order, letter)
    await hear(order.captured(), *(order.shipped(letter) for letter in letters))
    return order


async def delivered(order: Worked, letter: str, *, days: int = 1) -> Heard:
    """The parcel arrives; the news of it."""
    part = order.parts[letter]
    await connection().execute(
        "UPDATE sub_order SET state = 'delivered', delivered_at = $2 WHERE id = $1",
        part.id,
        NOW + timedelta(days=days),
    )
    return Heard("sub_order.delivered", {"sub_order_id": str(part.id)})


async def vendor_accounts(vendor_id: UUID) -> dict[str, int]:
    """What is on each of a vendor's accounts, above zero for the vendor."""
    rows = await connection().fetch(
        "SELECT code, credits_minor - debits_minor AS minor FROM ledger_balance"
        " JOIN ledger_account ON id = account_id"
        " WHERE vendor_id = $1 AND credits_minor <> debits_minor",
        vendor_id,
    )
    return {row["code"]: row["minor"] for row in rows}
