"""Disputes as finance, support and the vendors concerned see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.kit.errors import Forbidden, NotFound
from marketplace.kit.money import Money
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import connection, transaction
from settlement.disputes.models import DisputeState, Liable

# A vendor sees its own shares, and the disputes that it has one of; row-level security agrees.
_PAGE = """
    SELECT dispute.*, orders.number AS order_number
    FROM dispute LEFT JOIN orders ON orders.id = dispute.order_id
    WHERE ($1::uuid IS NULL OR dispute.id = $1) AND ($2::uuid IS NULL OR dispute.order_id = $2)
        AND (NOT $3 OR closed_at IS NULL) AND ($4::uuid IS NULL OR dispute.id < $4)
        AND ($6::uuid IS NULL OR EXISTS (SELECT 1 FROM dispute_share
            WHERE dispute_share.dispute_id = dispute.id AND vendor_id = $6))
    ORDER BY dispute.id DESC LIMIT $5
"""
_SHARES = """
    SELECT share.*, sub_order.number, vendor.name AS vendor_name,
        coalesce(held.amount_minor, 0) AS held_minor, held.state AS held_state
    FROM dispute_share share
    JOIN sub_order ON sub_order.id = share.sub_order_id
    JOIN vendor ON vendor.id = share.vendor_id
    LEFT JOIN money_hold held ON held.dispute_id = share.dispute_id
        AND held.sub_order_id = share.sub_order_id
    WHERE share.dispute_id = ANY($1) AND ($2::uuid IS NULL OR share.vendor_id = $2)
    ORDER BY sub_order.number
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareView:
    """A sub-order's part: of what the customer paid, of the vendor's money, and what is held."""

    sub_order_id: UUID
    sub_order_number: str
    vendor_id: UUID
    vendor_name: str
    gross: Money
    vendor_net: Money
    held: Money
    held_state: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeView:
    """`status` is the provider's word; `withdrawn` what we miss now; `fee` stays away."""

    id: UUID
    provider_dispute_id: str
    order_id: UUID
    order_number: str | None
    amount: Money
    withdrawn: Money
    fee: Money
    reason: str
    status: str
    state: DisputeState
    liable: Liable
    evidence_due_at: datetime | None
    answered_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None
    shares: Sequence[ShareView]


async def page(
    *,
    principal: Principal,
    open_only: bool = False,
    order_id: UUID | None = None,
    after: UUID | None = None,
    most: int = 100,
) -> Sequence[DisputeView]:
    """The newest first, from behind `after`; a vendor's are those that it has a share of."""
    return await _read(principal, None, order_id, open_only, after, most)


async def find(*, principal: Principal, dispute_id: UUID) -> DisputeView:
    """One dispute. Somebody else's does not exist: NotFound."""
    found = await _read(principal, dispute_id, None, False, None, 1)
    if not found:
        raise NotFound("dispute")
    return found[0]


async def _read(principal: Principal, *asked: Any) -> list[DisputeView]:
    if principal.kind not in (Kind.STAFF, Kind.SYSTEM, Kind.VENDOR):
        raise Forbidden("look at disputes")
    async with transaction(principal, read_only=True):
        rows = await connection().fetch(_PAGE, *asked, principal.vendor_id)
        found = [row["id"] for row in rows]
        shares = await connection().fetch(_SHARES, found, principal.vendor_id)
    return [_view(row, [one for one in shares if one["dispute_id"] == row["id"]]) for row in rows]


def _view(row: Any, shares: Sequence[Any]) -> DisputeView:
    def money(minor: int) -> Money:
        return Money(minor, row["currency"])

    return DisputeView(
        id=row["id"],
        provider_dispute_id=row["provider_dispute_id"],
        order_id=row["order_id"],
        order_number=row["order_number"],
        amount=money(row["amount_minor"]),
        withdrawn=money(row["withdrawn_minor"]),
        fee=money(row["fee_minor"]),
        reason=row["reason"],
        status=row["status"],
        state=DisputeState(row["state"]),
        liable=Liable(row["liable"]),
        evidence_due_at=row["evidence_due_at"],
        answered_at=row["answered_at"],
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        shares=[
            ShareView(
                sub_order_id=share["sub_order_id"],
                sub_order_number=share["number"],
                vendor_id=share["vendor_id"],
                vendor_name=share["vendor_name"],
                gross=money(share["gross_minor"]),
                vendor_net=money(
                    share["vendor_minor"]
                    - share["commission_minor"]
                    - share["commission_vat_minor"]
                ),
                held=money(share["held_minor"]),
                held_state=share["held_state"],
            )
            for share in shares
        ],
    )
