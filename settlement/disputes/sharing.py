"""Whose money a dispute is about: each sub-order's part of it, component by component."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.money import share_done, split
from marketplace.kit.transactions import connection
from marketplace.payments import disputing
from settlement.disputes.models import Dispute, DisputeShare

# Lines and shipping, less what refunds took back of them.
_LEFT = """
    SELECT sub_order.id AS sub_order_id, sub_order.vendor_id, gross, funding, commission,
        commission_vat, CASE tax_liable WHEN 'platform' THEN tax ELSE 0 END AS tax
    FROM sub_order JOIN (
        SELECT sub_order_id, sum(gross)::bigint AS gross, sum(tax)::bigint AS tax,
            sum(funding)::bigint AS funding, sum(commission)::bigint AS commission,
            sum(commission_vat)::bigint AS commission_vat
        FROM (
            SELECT sub_order_id, gross_minor - refunded_minor AS gross,
                tax_minor - refunded_tax_minor AS tax,
                funding_minor - refunded_funding_minor AS funding,
                commission_minor - refunded_commission_minor AS commission,
                commission_vat_minor - refunded_commission_vat_minor AS commission_vat
            FROM order_line WHERE order_id = $1
            UNION ALL
            SELECT id, shipping_gross_minor, shipping_tax_minor, shipping_funding_minor, 0, 0
            FROM sub_order
            WHERE order_id = $1 AND shipping_refunded_minor = 0
        ) part GROUP BY sub_order_id
    ) whole ON whole.sub_order_id = sub_order.id
    ORDER BY sub_order.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What is left of one sub-order, minor units; `tax` is what the platform owes of it."""

    sub_order_id: UUID
    vendor_id: UUID
    gross: int
    funding: int
    tax: int
    commission: int
    commission_vat: int


def share(whole: Left, gross: int) -> Left:
    """The part of each component that goes with this much of the gross, half up; all with all."""
    return Left(
        sub_order_id=whole.sub_order_id,
        vendor_id=whole.vendor_id,
        gross=gross,
        **{
            name: share_done(getattr(whole, name), gross, whole.gross)
            for name in ("funding", "tax", "commission", "commission_vat")
        },
    )


def divide(amount_minor: int, wholes: Sequence[Left]) -> list[Left]:
    """An amount over the sub-orders by what is left of each; more than that belongs to nobody."""
    weights = [whole.gross for whole in wholes]
    parts = split(min(amount_minor, sum(weights)), weights) if sum(weights) else []
    return [
        share(whole, part) for whole, part in zip(wholes, parts, strict=bool(parts)) if part > 0
    ]


async def make(dispute: Dispute, *, now: datetime) -> list[DisputeShare]:
    """The shares of a new dispute, whose order and payment are locked."""
    free = await disputing.left(dispute.order_id)
    rows = [Left(**row) for row in await connection().fetch(_LEFT, dispute.order_id)]
    wholes = [share(row, max(min(row.gross, free[row.sub_order_id]), 0)) if row.gross else row
        for row in rows]  # fmt: skip
    shares = [
        DisputeShare(
            id=new_id(now), dispute=dispute, vendor_id=part.vendor_id,
            sub_order_id=part.sub_order_id, gross_minor=part.gross, funding_minor=part.funding,
            tax_minor=part.tax, vendor_minor=part.gross + part.funding - part.tax,
            commission_minor=part.commission, commission_vat_minor=part.commission_vat,
        )
        for part in divide(dispute.amount_minor, wholes)
    ]  # fmt: skip
    await DisputeShare.bulk_create(shares)
    return shares
