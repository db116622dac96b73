"""How far batches have come, and their payouts by vendor and state, for staff of finance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from marketplace.kit.money import Money
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection, transaction
from settlement import access
from settlement.payouts.models import PayoutState

MOST = 500
_PROGRESS = """
    SELECT batch.id, count(payout.id) AS payouts,
        count(*) FILTER (WHERE payout.state = 'paid') AS paid,
        count(*) FILTER (WHERE payout.state IN ('failed', 'returned')) AS failed,
        count(*) FILTER (WHERE payout.state IN ('approved', 'reserved', 'transferred', 'sent'))
            AS under_way,
        (SELECT count(*) FROM skipped_payout skipped WHERE skipped.batch_id = batch.id) AS skipped
    FROM payout_batch batch LEFT JOIN payout ON payout.batch_id = batch.id
    WHERE batch.id = ANY($1) GROUP BY batch.id
"""
_PAYOUTS = """
    SELECT payout.id, payout.vendor_id, vendor.name AS vendor_name, payout.currency,
        payout.amount_minor, payout.state, payout.attempt, payout.arrival_date, payout.trace_id,
        payout.failure_code, payout.failure_message, payout.cancel_requested_at IS NOT NULL
            AND payout.state NOT IN ('cancelled', 'paid') AS is_being_cancelled
    FROM payout JOIN vendor ON vendor.id = payout.vendor_id
    WHERE payout.batch_id = $1 AND ($2::text IS NULL OR payout.state = $2)
        AND ($3::text IS NULL OR strpos(lower(vendor.name), lower($3)) > 0
            OR lower(vendor.code) = lower($3))
        AND ($4::uuid IS NULL OR payout.id > $4)
    ORDER BY payout.id LIMIT $5
"""


@dataclass(frozen=True, slots=True)
class Progress:
    """How many payouts of a batch are where; skipped are vendors, not payouts."""

    payouts: int = 0
    paid: int = 0
    under_way: int = 0
    failed: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPayout:
    id: UUID
    vendor_id: UUID
    vendor_name: str
    amount: Money
    state: PayoutState
    attempt: int
    arrival_date: date | None
    trace_id: str | None
    failure_code: str | None
    failure_message: str | None
    is_being_cancelled: bool


async def progress(*, principal: Principal, batch_ids: Sequence[UUID]) -> Mapping[UUID, Progress]:
    """By batch."""
    access.check_viewer(principal, "see payout batches")
    async with transaction(principal, read_only=True):
        rows = await connection().fetch(_PROGRESS, list(batch_ids))
    return {
        row["id"]: Progress(
            row["payouts"], row["paid"], row["under_way"], row["failed"], row["skipped"]
        )
        for row in rows
    }


async def payouts(
    *,
    principal: Principal,
    batch_id: UUID,
    search: str | None = None,
    state: PayoutState | None = None,
    after: UUID | None = None,
    most: int = MOST,
) -> Sequence[BatchPayout]:
    """Up to `most` in the order of their ids; `search` is a part of a name, or a vendor's code."""
    access.check_viewer(principal, "see payouts")
    async with transaction(principal, read_only=True):
        rows = await connection().fetch(_PAYOUTS, batch_id, state, search, after, most)
    return [_payout(row) for row in rows]


def _payout(row: Any) -> BatchPayout:
    fields = dict(row)
    amount = Money(fields.pop("amount_minor"), fields.pop("currency"))
    return BatchPayout(**{**fields, "state": PayoutState(row["state"])}, amount=amount)
