"""Book what a vendor has earned when the last live unit of a sub-order has left."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from marketplace.kit.transactions import connection
from settlement import chart, ledger
from settlement.components import Components
from settlement.earnings import delivering, locking, moves, pending, reserving
from settlement.earnings.models import EarningState
from settlement.ledger import Kind, Posting, Purpose
from settlement.terms import reading

# Lines and shipping, less what was given back before anything was earned.
_EARNED = f"""
    WITH part AS (
        SELECT gross_minor, funding_minor, vendor_minor, tax_minor, commission_minor,
            commission_vat_minor
        FROM order_line WHERE sub_order_id = $1
        UNION ALL
        SELECT shipping_gross_minor, shipping_funding_minor, shipping_vendor_minor,
            shipping_tax_minor, 0, 0
        FROM sub_order WHERE id = $1
        UNION ALL
        SELECT -gross_minor, -funding_minor, -vendor_minor, -tax_minor, -commission_minor,
            -commission_vat_minor
        FROM refund_line WHERE sub_order_id = $1 AND NOT is_earned
    ), total AS (
        SELECT sum(gross_minor)::bigint AS gross, sum(funding_minor)::bigint AS funding,
            sum(vendor_minor)::bigint AS vendor, sum(tax_minor)::bigint AS tax,
            sum(commission_minor)::bigint AS commission,
            sum(commission_vat_minor)::bigint AS commission_vat
        FROM part
    )
    SELECT sub_order.order_id, sub_order.id AS sub_order_id, sub_order.vendor_id,
        sub_order.currency, gross, funding, vendor, commission, commission_vat,
        CASE tax_liable WHEN 'platform' THEN tax ELSE 0 END AS tax,
        sub_order.delivered_at, vendor.country, vendor.time_zone, terms.id AS terms_id,
        terms.maturity_days, terms.undelivered_days, terms.reserve_bps, terms.reserve_days
    FROM total, sub_order
    JOIN vendor ON vendor.id = sub_order.vendor_id
    CROSS JOIN LATERAL ({reading.HOLDING.format(vendor="vendor.id", at="$2")}) terms
    WHERE sub_order.id = $1
"""
_MADE = """
    INSERT INTO earning (sub_order_id, order_id, vendor_id, currency, net_minor, terms_id, state,
        earned_at, delivered_at, matures_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
_HELD = """
    INSERT INTO reserve_hold (sub_order_id, vendor_id, currency, amount_minor, released_minor,
        used_minor, held_at, release_at)
    VALUES ($1, $2, $3, $4, 0, 0, $5, $6)
"""
_COMPONENTS = (
    "order_id", "sub_order_id", "vendor_id", "currency", "gross", "funding", "vendor", "tax",
    "commission", "commission_vat",
)  # fmt: skip


async def book_earning(*, sub_order_id: UUID, earned_at: datetime, now: datetime) -> None:
    """One earning for a sub-order, commission and the tax on it included, and its reserve.

    A refund asked for after this moment reverses part of it; one asked for before is not in it.
    By the terms of that moment a share stays back, and the rest waits until it matures.
    """
    await locking.hold_place(sub_order_id)
    if sub_order_id in await locking.lock([sub_order_id]):
        return  # heard before
    row = await connection().fetchrow(_EARNED, sub_order_id, earned_at)
    assert row is not None, sub_order_id
    components = Components(**{name: row[name] for name in _COMPONENTS})
    await _make(row, components.net, earned_at)
    reserve = reserving.share_of(components.net, row["reserve_bps"])
    earned = Posting(
        kind=Kind.EARNING,
        key=f"earning:{sub_order_id}",
        effective_date=earned_at.astimezone(UTC).date(),
        source_type="sub_order",
        source_id=sub_order_id,
        entries=components.earned(paid_from=chart.CUSTOMER_PREPAYMENTS),
    )
    held = []
    if reserve:
        held = await _hold(row, components, reserve, earned_at, now)
    await ledger.post_all([earned, *held], now=now)


async def _make(row: Mapping[str, Any], net_minor: int, earned_at: datetime) -> None:
    matures_at = delivering.matures_at(
        earned_at=earned_at,
        delivered_at=row["delivered_at"],
        maturity_days=row["maturity_days"],
        undelivered_days=row["undelivered_days"],
        country=row["country"],
        time_zone=row["time_zone"],
    )
    await connection().execute(
        _MADE, row["sub_order_id"], row["order_id"], row["vendor_id"], row["currency"], net_minor,
        row["terms_id"], EarningState.PENDING, earned_at, row["delivered_at"], matures_at,
    )  # fmt: skip


async def _hold(
    row: Mapping[str, Any],
    components: Components,
    reserve_minor: int,
    earned_at: datetime,
    now: datetime,
) -> list[Posting]:
    """The reserve; and its use, where refunds that were heard before left less than it takes."""
    sub_order_id, currency = components.sub_order_id, components.currency
    vendor_id = components.vendor_id
    release_at = earned_at + timedelta(days=row["reserve_days"])
    await connection().execute(
        _HELD, sub_order_id, vendor_id, currency, reserve_minor, earned_at, release_at
    )
    held = moves.move(
        kind=Kind.RESERVE_HELD,
        key=f"reserve_held:{sub_order_id}",
        source_id=sub_order_id,
        purpose=Purpose.RESERVE,
        out_of=chart.vendor_pending(vendor_id),
        into=chart.vendor_reserve(vendor_id),
        amount_minor=reserve_minor,
        currency=currency,
        order_id=components.order_id,
        sub_order_id=sub_order_id,
        now=now,
    )
    before = (await pending.left([sub_order_id])).get(sub_order_id, 0)
    left = {sub_order_id: before + components.net - reserve_minor}
    return [held, *await pending.cover(left, key=f"earning:{sub_order_id}", now=now)]
