"""Book money that went back to a customer, or that could not and is still owed to them."""

from datetime import date, datetime
from uuid import UUID

from marketplace.kit.transactions import connection
from settlement import chart, ledger
from settlement.chart import Account
from settlement.components import Components
from settlement.earnings import locking, pending
from settlement.earnings.models import EarningState
from settlement.ledger import Entry, Kind, Posting, Purpose

_REFUNDED = """
    SELECT sub_order.order_id, sub_order.id AS sub_order_id, sub_order.vendor_id,
        refund.currency, line.is_earned, sum(line.gross_minor)::bigint AS gross,
        sum(line.funding_minor)::bigint AS funding, sum(line.vendor_minor)::bigint AS vendor,
        sum(CASE tax_liable WHEN 'platform' THEN line.tax_minor ELSE 0 END)::bigint AS tax,
        sum(line.commission_minor)::bigint AS commission,
        sum(line.commission_vat_minor)::bigint AS commission_vat
    FROM refund
    JOIN refund_line line ON line.refund_id = refund.id
    JOIN sub_order ON sub_order.id = line.sub_order_id
    WHERE refund.id = $1
    GROUP BY sub_order.id, refund.currency, line.is_earned
    ORDER BY sub_order.id, line.is_earned
"""
_REFUND = "SELECT order_id, amount_minor, currency FROM refund WHERE id = $1"
_HAD_SUCCEEDED = """
    SELECT EXISTS (SELECT 1 FROM state_change JOIN outbox_event ON outbox_event.id = event_id
        WHERE subject = 'refund' AND subject_id = $1 AND to_state = 'succeeded'
            AND coalesce((payload->>'generation')::int, 1) = $2)
"""


async def book_refund(
    *, refund_id: UUID, generation: int, effective_date: date, now: datetime
) -> None:
    """The provider paid it back: what was earned is reversed, what was not is given back.

    One that had failed and was sent again is owed since then, and is now no longer.
    """
    if generation == 1:
        await _book(Kind.REFUND, chart.PROVIDER_BALANCE, refund_id, effective_date, now)
    else:
        key = f"refund_resent:{refund_id}:{generation}"
        await _book_moved(Kind.REFUND_RESENT, key, refund_id, -1, effective_date, now)


async def book_failure(
    *, refund_id: UUID, generation: int, effective_date: date, now: datetime
) -> None:
    """The provider could not pay it back: we owe it to the customer, to be paid by other means.

    A refund that had succeeded before is booked already; then only the money came back. One that
    was sent again and failed again is owed already. Which it was is read from the refund's
    history, so it does not matter which news comes first.
    """
    if await connection().fetchval(_HAD_SUCCEEDED, refund_id, generation):
        key = f"refund_returned:{refund_id}" + (f":{generation}" if generation > 1 else "")
        await _book_moved(Kind.REFUND_RETURNED, key, refund_id, 1, effective_date, now)
    elif generation == 1:
        await _book(Kind.REFUND_OWED, chart.REFUNDS_OWED, refund_id, effective_date, now)


async def _book_moved(
    kind: Kind, key: str, refund_id: UUID, sign: int, effective_date: date, now: datetime
) -> None:
    """What is owed to the customer came back to the provider's balance, or left it (-1)."""
    refund = await connection().fetchrow(_REFUND, refund_id)
    entries = [
        Entry(
            account=account,
            amount_minor=amount,
            currency=refund["currency"],
            purpose=Purpose.PAYMENT,
            order_id=refund["order_id"],
        )
        for account, amount in (
            (chart.PROVIDER_BALANCE, sign * refund["amount_minor"]),
            (chart.REFUNDS_OWED, -sign * refund["amount_minor"]),
        )
    ]
    await ledger.post(
        kind=kind,
        key=key,
        effective_date=effective_date,
        source_type="refund",
        source_id=refund_id,
        entries=entries,
        now=now,
    )


async def _book(
    kind: Kind, paid_from: Account, refund_id: UUID, effective_date: date, now: datetime
) -> None:
    rows = [dict(row) for row in await connection().fetch(_REFUNDED, refund_id)]
    assert rows, refund_id
    key = f"refund:{refund_id}"
    # Locked, then looked: the account it is booked on depends on what has matured by now.
    states = await locking.lock(row["sub_order_id"] for row in rows if row["is_earned"])
    if await ledger.is_posted(key):
        return
    entries: list[Entry] = []
    taken: dict[UUID, int] = {}
    for row in rows:
        is_earned = row.pop("is_earned")
        components = Components(**row)
        if not is_earned:
            entries += components.given_back(paid_from=paid_from)
            continue
        if states.get(components.sub_order_id) is EarningState.AVAILABLE:
            vendor = chart.vendor_available(components.vendor_id)
        else:
            vendor = chart.vendor_pending(components.vendor_id)
            taken[components.sub_order_id] = components.net
        entries += components.refunded(paid_from=paid_from, vendor=vendor)
    refund = Posting(
        kind=kind,
        key=key,
        effective_date=effective_date,
        source_type="refund",
        source_id=refund_id,
        entries=entries,
    )
    left = await pending.left(taken)
    after = {part: left.get(part, 0) - amount for part, amount in taken.items()}
    covered = await pending.cover(after, key=key, now=now)
    await ledger.post_all([refund, *covered], now=now)
