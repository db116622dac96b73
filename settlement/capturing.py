"""Book the customer's money when it arrives, and what the payment provider keeps of it."""

from datetime import date, datetime
from uuid import UUID

from marketplace.kit.money import split
from marketplace.kit.transactions import connection
from settlement import chart, ledger
from settlement.ledger import Entry, Kind, Purpose

_CAPTURE = "SELECT order_id, amount_minor, fee_minor, currency FROM capture WHERE id = $1"
# As they were when the money came: what moved on since then has its own posting.
_ALLOCATIONS = """
    SELECT payment_allocation.sub_order_id, payment_allocation.amount_minor + coalesce((
            SELECT sum(CASE WHEN from_sub_order_id = sub_order_id THEN gross_minor
                ELSE -gross_minor END)
            FROM reroute WHERE sub_order_id IN (from_sub_order_id, to_sub_order_id)
        ), 0)::bigint AS amount_minor
    FROM capture JOIN payment_allocation USING (payment_id)
    WHERE capture.id = $1 ORDER BY payment_allocation.sub_order_id
"""


async def book_capture(*, capture_id: UUID, effective_date: date, now: datetime) -> None:
    """The customer has paid before anything was shipped: each sub-order's share is owed to them.

    A capture is shared over the sub-orders as the payment is; a capture of all of it is exactly
    what each sub-order costs.
    """
    capture = await connection().fetchrow(_CAPTURE, capture_id)
    assert capture is not None, capture_id
    allocations = await connection().fetch(_ALLOCATIONS, capture_id)
    amount, currency, order_id = capture["amount_minor"], capture["currency"], capture["order_id"]
    shares = split(amount, [allocation["amount_minor"] for allocation in allocations])
    entries = [
        Entry(
            account=chart.PROVIDER_BALANCE,
            amount_minor=amount,
            currency=currency,
            purpose=Purpose.PAYMENT,
            order_id=order_id,
        ),
        *(
            Entry(
                account=chart.CUSTOMER_PREPAYMENTS,
                amount_minor=-share,
                currency=currency,
                purpose=Purpose.PAYMENT,
                order_id=order_id,
                sub_order_id=allocation["sub_order_id"],
            )
            for allocation, share in zip(allocations, shares, strict=True)
        ),
    ]
    await ledger.post(
        kind=Kind.CAPTURE,
        key=f"capture:{capture_id}",
        effective_date=effective_date,
        source_type="capture",
        source_id=capture_id,
        entries=entries,
        now=now,
    )


async def book_fee(*, capture_id: UUID, effective_date: date, now: datetime) -> None:
    """The provider took its fee out of our balance; it does not give it back with a refund."""
    capture = await connection().fetchrow(_CAPTURE, capture_id)
    assert capture is not None, capture_id
    fee = capture["fee_minor"]
    assert fee is not None, f"the fee of capture {capture_id} is not known"
    entries = [
        Entry(
            account=account,
            amount_minor=amount,
            currency=capture["currency"],
            purpose=Purpose.FEE,
            order_id=capture["order_id"],
        )
        for account, amount in ((chart.PROVIDER_FEES, fee), (chart.PROVIDER_BALANCE, -fee))
    ]
    await ledger.post(
        kind=Kind.PROVIDER_FEE,
        key=f"provider_fee:{capture_id}",
        effective_date=effective_date,
        source_type="capture",
        source_id=capture_id,
        entries=entries,
        now=now,
    )
