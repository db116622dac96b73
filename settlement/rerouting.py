"""Book what moved from one vendor's sub-order to the one that replaces it."""

from datetime import date, datetime
from uuid import UUID

from marketplace.kit.transactions import connection
from settlement import chart, ledger
from settlement.ledger import Entry, Kind, Purpose

_REROUTE = """
    SELECT order_id, from_sub_order_id, to_sub_order_id, currency, gross_minor
    FROM reroute WHERE id = $1
"""


async def book_reroute(*, reroute_id: UUID, effective_date: date, now: datetime) -> None:
    """The customer's prepayment goes along; nobody has earned any of it yet."""
    moved = await connection().fetchrow(_REROUTE, reroute_id)
    assert moved is not None, reroute_id
    entries = [
        Entry(
            account=chart.CUSTOMER_PREPAYMENTS,
            amount_minor=amount,
            currency=moved["currency"],
            purpose=Purpose.PAYMENT,
            order_id=moved["order_id"],
            sub_order_id=moved[sub_order],
        )
        for sub_order, amount in (
            ("from_sub_order_id", moved["gross_minor"]),
            ("to_sub_order_id", -moved["gross_minor"]),
        )
    ]
    await ledger.post(
        kind=Kind.REROUTED,
        key=f"rerouted:{reroute_id}",
        effective_date=effective_date,
        source_type="sub_order",
        source_id=moved["to_sub_order_id"],
        entries=entries,
        now=now,
    )
