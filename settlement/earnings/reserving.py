"""The rolling reserve: a part of each earning stays back for a while, for refunds to come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.kit.money import at_rate
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from settlement import chart, ledger
from settlement.chart import Account
from settlement.earnings import moves
from settlement.earnings.models import EarningState
from settlement.ledger import Kind, Posting, Purpose

BATCH = 500
PPM_PER_BPS = 100

# The earning with it: where the money goes depends on whether it still waits.
_CLAIM = """
    SELECT hold.sub_order_id, hold.vendor_id, hold.currency, earning.order_id, earning.state,
        hold.amount_minor - hold.released_minor - hold.used_minor AS left_minor
    FROM reserve_hold hold JOIN earning USING (sub_order_id)
    WHERE hold.release_at <= $1 AND hold.released_minor + hold.used_minor < hold.amount_minor
    ORDER BY hold.release_at LIMIT $2 FOR UPDATE SKIP LOCKED
"""
_RELEASED = """
    UPDATE reserve_hold SET released_minor = amount_minor - used_minor
    WHERE sub_order_id = ANY($1)
"""
_OF_SUB_ORDERS = """
    SELECT hold.sub_order_id, hold.vendor_id, hold.currency, earning.order_id,
        hold.amount_minor - hold.released_minor - hold.used_minor AS left_minor
    FROM reserve_hold hold JOIN earning USING (sub_order_id)
    WHERE hold.sub_order_id = ANY($1)
        AND hold.released_minor + hold.used_minor < hold.amount_minor
    ORDER BY hold.sub_order_id FOR UPDATE OF hold
"""
_OF_VENDOR = """
    SELECT hold.sub_order_id, hold.vendor_id, hold.currency, earning.order_id,
        hold.amount_minor - hold.released_minor - hold.used_minor AS left_minor
    FROM reserve_hold hold JOIN earning USING (sub_order_id)
    WHERE hold.vendor_id = $1 AND hold.currency = $2
        AND hold.released_minor + hold.used_minor < hold.amount_minor
    ORDER BY hold.release_at, hold.sub_order_id FOR UPDATE OF hold
"""
_USED = """
    UPDATE reserve_hold SET used_minor = used_minor + item.amount
    FROM unnest($1::uuid[], $2::bigint[]) AS item (sub_order_id, amount)
    WHERE reserve_hold.sub_order_id = item.sub_order_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """What is left of one sub-order's reserve, locked. Minor units."""

    sub_order_id: UUID
    order_id: UUID
    vendor_id: UUID
    currency: str
    left_minor: int


def share_of(net_minor: int, reserve_bps: int) -> int:
    """What stays back of a net earning, rounded half up; nothing of one below zero."""
    return max(at_rate(net_minor, reserve_bps * PPM_PER_BPS), 0)


async def lock(sub_order_ids: Sequence[UUID]) -> dict[UUID, Reserve]:
    """The reserves of these sub-orders that have something left. Lock their earnings first."""
    rows = await connection().fetch(_OF_SUB_ORDERS, list(sub_order_ids))
    return {row["sub_order_id"]: Reserve(**row) for row in rows}


async def lock_of_vendor(vendor_id: UUID, currency: str) -> list[Reserve]:
    """All reserves of a vendor that have something left, those released soonest first."""
    rows = await connection().fetch(_OF_VENDOR, vendor_id, currency)
    return [Reserve(**row) for row in rows]


async def use(
    taken: Sequence[tuple[Reserve, int]], *, into: Account, key: str, now: datetime
) -> list[Posting]:
    """Take these amounts of locked reserves: counted as used here, booked by the caller.

    `key` is the reason's, such as `refund:<id>`; each sub-order's posting has its own below it.
    """
    assert all(0 < amount <= reserve.left_minor for reserve, amount in taken), taken
    await connection().execute(
        _USED, [reserve.sub_order_id for reserve, _ in taken], [amount for _, amount in taken]
    )
    return [
        moves.move(
            kind=Kind.RESERVE_USED,
            key=f"reserve_used:{key}:{reserve.sub_order_id}",
            source_id=reserve.sub_order_id,
            purpose=Purpose.RESERVE,
            out_of=chart.vendor_reserve(reserve.vendor_id),
            into=into,
            amount_minor=amount,
            currency=reserve.currency,
            order_id=reserve.order_id,
            sub_order_id=reserve.sub_order_id,
            now=now,
        )
        for reserve, amount in taken
    ]


async def release_due(*, now: datetime, limit: int = BATCH) -> int:
    """Give back what is left of up to `limit` reserves whose time is over; how many.

    To what is available, or to what is pending while the earning itself still waits. Any number
    may run at once: each takes others.
    """
    async with transaction(SYSTEM) as inside:
        due = await inside.fetch(_CLAIM, now, limit)
        if due:
            await ledger.post_all([_released(row, now) for row in due], now=now)
            await inside.execute(_RELEASED, [row["sub_order_id"] for row in due])
    return len(due)


def _released(row: Any, now: datetime) -> Posting:
    vendor_id: UUID = row["vendor_id"]
    waits = row["state"] == EarningState.PENDING
    return moves.move(
        kind=Kind.RESERVE_RELEASED,
        key=f"reserve_released:{row['sub_order_id']}",
        source_id=row["sub_order_id"],
        purpose=Purpose.RESERVE,
        out_of=chart.vendor_reserve(vendor_id),
        into=chart.vendor_pending(vendor_id) if waits else chart.vendor_available(vendor_id),
        amount_minor=row["left_minor"],
        currency=row["currency"],
        order_id=row["order_id"],
        sub_order_id=row["sub_order_id"],
        now=now,
    )
