"""Breaks as finance reads them: the queue, and one of them with all its sides."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import transaction
from settlement import access
from settlement.reconciliation import business_days, sides
from settlement.reconciliation.run_models import BreakCode, BreakState, Remedy, Severity
from settlement.reconciliation.sides import Line

# Older than one, newest first, or newer than it, oldest first; $1 … $9 are filters, or empty.
_PAGE = """
    SELECT difference.*, vendor.name AS vendor_name FROM reconciliation_break difference
    LEFT JOIN vendor ON vendor.id = difference.vendor_id
    WHERE ($1::text IS NULL OR difference.code = $1) AND ($2::text IS NULL OR state = $2)
        AND ($3::bool IS NULL OR $3 = (ended_at IS NULL))
        AND ($4::text IS NULL OR owner = $4) AND (NOT $5::bool OR owner IS NULL)
        AND ($6::text IS NULL OR account = $6)
        AND ($7::date IS NULL OR (first_seen_at AT TIME ZONE 'UTC')::date >= $7)
        AND ($8::date IS NULL OR (first_seen_at AT TIME ZONE 'UTC')::date <= $8)
        AND ($9::uuid IS NULL OR difference.vendor_id = $9)
        AND ($10::text IS NULL OR severity = $10)
        AND ($11::uuid IS NULL OR difference.id < $11)
        AND ($12::uuid IS NULL OR difference.id > $12)
    ORDER BY CASE WHEN $12::uuid IS NULL THEN difference.id END DESC, difference.id LIMIT $13
"""
_ACCOUNTS = "SELECT DISTINCT account FROM reconciliation_break ORDER BY account"
_ONE = """
    SELECT difference.*, vendor.name AS vendor_name FROM reconciliation_break difference
    LEFT JOIN vendor ON vendor.id = difference.vendor_id WHERE difference.id = $1
"""
_COMMENTS = "SELECT * FROM break_comment WHERE difference_id = $1 ORDER BY id"
_PROPOSALS = "SELECT * FROM break_proposal WHERE difference_id = $1 ORDER BY id"
_HISTORY = """
    SELECT * FROM settlement_change WHERE subject = 'break' AND subject_id = $1 ORDER BY at, id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakView:
    """`age_days` are business days since it was first seen, until today or its end."""

    id: UUID
    key: str
    code: BreakCode
    severity: Severity
    state: BreakState
    account: str
    amount: Money
    detail: str
    vendor_id: UUID | None
    vendor_name: str | None
    subject_type: str | None
    subject_id: UUID | None
    happened_on: date
    first_seen_at: datetime
    age_days: int
    age_bucket: str
    owner: str | None
    ended_at: datetime | None
    ended_by: str | None
    ending: str | None
    suggestion: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentView:
    text: str
    written_by: str
    written_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalView:
    """`is_approved` is empty while it waits for somebody to decide."""

    id: UUID
    remedy: Remedy
    against: str | None
    amount: Money
    note: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    is_approved: bool | None
    posting_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    move: str
    from_state: str | None
    to_state: str
    actor: str
    reason: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakStory:
    """A break, its lines in each book, and everything that people said and did about it."""

    head: BreakView
    lines: list[Line]
    comments: list[CommentView]
    proposals: list[ProposalView]
    history: list[ChangeView]


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakFilter:
    """What is empty filters nothing. Pages ask for age by the days it was first seen, UTC."""

    code: BreakCode | None = None
    state: BreakState | None = None
    is_live: bool | None = None
    owner: str | None = None
    is_unowned: bool = False
    account: str | None = None
    seen_from: date | None = None
    seen_until: date | None = None
    vendor_id: UUID | None = None
    severity: Severity | None = None


async def breaks(
    *,
    principal: Principal,
    wanted: BreakFilter,
    now: datetime,
    after: UUID | None = None,
    before: UUID | None = None,
    most: int = 50,
) -> list[BreakView]:
    """The newest first behind `after`; before one, the oldest first. Refuses (Forbidden) who is
    not finance."""
    access.check_viewer(principal, "see reconciliation")
    async with transaction(principal, read_only=True) as connection:
        rows = await connection.fetch(
            _PAGE,
            wanted.code,
            wanted.state,
            wanted.is_live,
            wanted.owner,
            wanted.is_unowned,
            wanted.account,
            wanted.seen_from,
            wanted.seen_until,
            wanted.vendor_id,
            wanted.severity,
            after,
            before,
            most,
        )
    return [_view(row, now) for row in rows]


async def accounts(*, principal: Principal) -> list[str]:
    """Whose books there ever was a break in."""
    access.check_viewer(principal, "see reconciliation")
    async with transaction(principal, read_only=True) as connection:
        return [row["account"] for row in await connection.fetch(_ACCOUNTS)]


async def find_break(*, principal: Principal, break_id: UUID, now: datetime) -> BreakStory:
    """One break with its lines on all sides. Refuses NotFound, and Forbidden to others."""
    access.check_viewer(principal, "see reconciliation")
    async with transaction(principal, read_only=True) as connection:
        row = await connection.fetchrow(_ONE, break_id)
        if row is None:
            raise NotFound("break")
        comments = await connection.fetch(_COMMENTS, break_id)
        proposals = await connection.fetch(_PROPOSALS, break_id)
        history = await connection.fetch(_HISTORY, break_id)
        lines = await sides.lines(json.loads(row["items"]))
    return BreakStory(
        head=_view(row, now),
        lines=lines,
        comments=[
            CommentView(
                text=said["text"], written_by=said["written_by"], written_at=said["written_at"]
            )
            for said in comments
        ],
        proposals=[_proposal(one, row["currency"]) for one in proposals],
        history=[
            ChangeView(
                move=change["move"],
                from_state=change["from_state"],
                to_state=change["to_state"],
                actor=change["actor"],
                reason=change["reason"],
                at=change["at"],
            )
            for change in history
        ],
    )


def _view(row: Any, now: datetime) -> BreakView:
    until = row["ended_at"] or now
    age = business_days.between(row["first_seen_at"].date(), until.date())
    same = (
        "id", "key", "account", "detail", "vendor_id", "vendor_name", "subject_type",
        "subject_id", "happened_on", "first_seen_at", "owner", "ended_at", "ended_by", "ending",
        "suggestion",
    )  # fmt: skip
    return BreakView(
        code=BreakCode(row["code"]),
        severity=Severity(row["severity"]),
        state=BreakState(row["state"]),
        amount=Money(row["amount_minor"], row["currency"]),
        age_days=age,
        age_bucket=business_days.bucket(age),
        **{name: row[name] for name in same},
    )


def _proposal(row: Any, currency: str) -> ProposalView:
    same = (
        "id", "against", "note", "proposed_by", "proposed_at", "decided_by", "decided_at",
        "is_approved", "posting_id",
    )  # fmt: skip
    return ProposalView(
        remedy=Remedy(row["remedy"]),
        amount=Money(row["amount_minor"], currency),
        **{name: row[name] for name in same},
    )
