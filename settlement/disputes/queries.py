"""Disputes as staff of finance see them: which want an answer, and whose money one is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection, transaction
from settlement import access
from settlement.disputes.models import Dispute, DisputeState
from settlement.history import reading
from settlement.history.keeping import Subject
from settlement.history.reading import Moved

MOST = 200
# What is asked for an answer comes first, the most urgent of it at the top.
_LIST = """
    SELECT dispute.id, dispute.order_id, orders.number AS order_number, dispute.reason,
        dispute.state, dispute.liable, dispute.amount_minor, dispute.fee_minor, dispute.currency,
        dispute.evidence_due_at, dispute.answered_at, dispute.opened_at,
        (SELECT string_agg(DISTINCT vendor.name, ', ') FROM dispute_share share
            JOIN vendor ON vendor.id = share.vendor_id WHERE share.dispute_id = dispute.id)
            AS vendors
    FROM dispute JOIN orders ON orders.id = dispute.order_id
    WHERE ($1::text IS NULL OR dispute.state = $1)
        AND ($2::uuid IS NULL OR EXISTS (SELECT 1 FROM dispute_share share
            WHERE share.dispute_id = dispute.id AND share.vendor_id = $2))
        AND (NOT $3 OR dispute.closed_at IS NULL)
        AND ($4::text IS NULL OR orders.number IN (upper($4), 'M-' || upper($4))
            OR dispute.provider_dispute_id = $4)
    ORDER BY dispute.closed_at IS NOT NULL, dispute.state <> 'needs_response',
        dispute.answered_at IS NOT NULL, dispute.evidence_due_at NULLS LAST, dispute.id DESC
    LIMIT $5
"""
_SHARES = """
    SELECT vendor.id AS vendor_id, vendor.name AS vendor_name, vendor.code AS vendor_code,
        sub_order.number AS sub_order,
        share.gross_minor, share.vendor_minor - share.commission_minor
            - share.commission_vat_minor AS net_minor,
        coalesce(hold.amount_minor, 0)::bigint AS held_minor, hold.state AS hold_state
    FROM dispute_share share JOIN vendor ON vendor.id = share.vendor_id
    JOIN sub_order ON sub_order.id = share.sub_order_id
    LEFT JOIN money_hold hold ON hold.dispute_id = share.dispute_id
        AND hold.sub_order_id = share.sub_order_id
    WHERE share.dispute_id = $1 ORDER BY sub_order.number
"""
_ORDER = "SELECT number FROM orders WHERE id = $1"
_POSTINGS = """
    SELECT id, seq, kind, effective_date FROM ledger_transaction
    WHERE source_type IN ('dispute', 'hold') AND (source_id = $1 OR source_id IN (
        SELECT id FROM money_hold WHERE dispute_id = $1)) ORDER BY seq
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDispute:
    """`due_at` is None once no answer is wanted any more; `vendors` are names."""

    id: UUID
    order_id: UUID
    order_number: str
    vendors: str
    reason: str
    state: DisputeState
    amount: Money
    fee: Money
    opened_at: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A vendor's part: of what is disputed, what of it was earned, and what is held."""

    vendor_id: UUID
    vendor_name: str
    vendor_code: str
    sub_order: str
    gross: Money
    net: Money
    held: Money
    hold_state: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    id: UUID
    seq: int
    kind: str
    effective_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeDispute:
    dispute: Dispute
    order_number: str
    amount: Money
    fee: Money
    withdrawn: Money
    shares: Sequence[Share]
    postings: Sequence[Posted]
    story: Sequence[Moved]

    @property
    def is_asked(self) -> bool:
        """Whether the bank waits for an answer that nobody has given."""
        asked = self.dispute.state is DisputeState.NEEDS_RESPONSE
        return asked and self.dispute.answered_at is None


async def disputes(
    *,
    principal: Principal,
    state: DisputeState | None = None,
    vendor_id: UUID | None = None,
    is_open: bool = False,
    search: str | None = None,
    most: int = MOST,
) -> Sequence[ListedDispute]:
    """Those that want an answer first, by their day; then the others, the newest first."""
    access.check_viewer(principal, "see disputes")
    async with transaction(principal, read_only=True):
        rows = await connection().fetch(_LIST, state, vendor_id, is_open, search, most)
    return [_listed(row) for row in rows]


async def find(*, principal: Principal, dispute_id: UUID) -> WholeDispute:
    """One with its money and its story; NotFound without one."""
    access.check_viewer(principal, "see a dispute")
    async with transaction(principal, read_only=True):
        dispute = await Dispute.get_or_none(id=dispute_id)
        if dispute is None:
            raise NotFound("dispute")
        order_number = await connection().fetchval(_ORDER, dispute.order_id)
        shares = await connection().fetch(_SHARES, dispute.id)
        postings = await connection().fetch(_POSTINGS, dispute.id)
        story = await reading.story_of(Subject.DISPUTE, dispute.id)
    return WholeDispute(
        dispute=dispute,
        order_number=order_number,
        amount=Money(dispute.amount_minor, dispute.currency),
        fee=Money(dispute.fee_minor, dispute.currency),
        withdrawn=Money(dispute.withdrawn_minor, dispute.currency),
        shares=[_share(row, dispute.currency) for row in shares],
        postings=[Posted(**row) for row in postings],
        story=story,
    )


def _listed(row: Any) -> ListedDispute:
    state = DisputeState(row["state"])
    is_asked = state is DisputeState.NEEDS_RESPONSE and row["answered_at"] is None
    return ListedDispute(
        id=row["id"],
        order_id=row["order_id"],
        order_number=row["order_number"],
        vendors=row["vendors"] or "",
        reason=row["reason"],
        state=state,
        amount=Money(row["amount_minor"], row["currency"]),
        fee=Money(row["fee_minor"], row["currency"]),
        opened_at=row["opened_at"],
        due_at=row["evidence_due_at"] if is_asked else None,
    )


def _share(row: Any, currency: str) -> Share:
    return Share(
        vendor_id=row["vendor_id"],
        vendor_name=row["vendor_name"],
        vendor_code=row["vendor_code"],
        sub_order=row["sub_order"],
        gross=Money(row["gross_minor"], currency),
        net=Money(row["net_minor"], currency),
        held=Money(row["held_minor"], currency),
        hold_state=row["hold_state"],
    )
