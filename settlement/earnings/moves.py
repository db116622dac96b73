"""Money between a vendor's own accounts: it stays the vendor's, and no sum changes."""

from datetime import UTC, datetime
from uuid import UUID

from settlement.chart import Account
from settlement.ledger import Entry, Kind, Posting, Purpose

SOURCES = {
    Kind.MATURED: "sub_order",
    Kind.RESERVE_HELD: "reserve",
    Kind.RESERVE_RELEASED: "reserve",
    Kind.RESERVE_USED: "reserve",
    Kind.HOLD: "hold",
    Kind.HOLD_RELEASED: "hold",
}


def move(
    *,
    kind: Kind,
    key: str,
    source_id: UUID,
    purpose: Purpose,
    out_of: Account,
    into: Account,
    amount_minor: int,
    currency: str,
    now: datetime,
    order_id: UUID | None = None,
    sub_order_id: UUID | None = None,
) -> Posting:
    """`amount_minor` out of one account of a vendor's into another, dated today; below zero back.

    A reserve is told by its sub-order, a hold by its own id.
    """
    assert out_of.vendor_id == into.vendor_id, (out_of, into)
    return Posting(
        kind=kind,
        key=key,
        effective_date=now.astimezone(UTC).date(),
        source_type=SOURCES[kind],
        source_id=source_id,
        entries=[
            Entry(
                account=account,
                amount_minor=amount,
                currency=currency,
                purpose=purpose,
                order_id=order_id,
                sub_order_id=sub_order_id,
            )
            for account, amount in ((out_of, amount_minor), (into, -amount_minor))
        ],
    )
