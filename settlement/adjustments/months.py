"""Months of the books as people see them: how each stands, and what stands against closing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection, transaction
from settlement import access
from settlement.adjustments import closing
from settlement.adjustments.models import PeriodMove
from settlement.models import PeriodStatus

MOST = 36
_MONTHS = """
    SELECT period.id, period.starts, period.ends, period.status,
        (SELECT count(*) FROM ledger_transaction posting
            WHERE posting.effective_date BETWEEN period.starts AND period.ends) AS postings,
        change.id AS change_id, change.move, change.note, change.trial_balance_hash,
        change.asked_by, change.asked_at, change.agreed_by, change.done_at,
        asker.name AS asker, agreer.name AS agreer
    FROM accounting_period period
    LEFT JOIN LATERAL (SELECT * FROM period_change
        WHERE period_change.period_id = period.id
        ORDER BY done_at IS NOT NULL, asked_at DESC, id DESC LIMIT 1) change ON true
    LEFT JOIN app_user asker ON 'staff:' || asker.id = change.asked_by
    LEFT JOIN app_user agreer ON 'staff:' || agreer.id = change.agreed_by
    WHERE period.starts <= $1 AND (period.starts > $1::date - interval '3 months'
        OR period.status <> 'open' OR EXISTS (SELECT 1 FROM ledger_transaction posting
            WHERE posting.effective_date BETWEEN period.starts AND period.ends))
    ORDER BY period.starts DESC LIMIT $2
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The last one; not `done_at` yet is a question that waits for a second person."""

    id: UUID
    move: PeriodMove
    note: str
    trial_balance_hash: str
    asked_by: str
    asker: str
    asked_at: datetime
    agreer: str | None
    done_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """`why_not` says what stands against the next step; nothing where it is empty."""

    starts: date
    ends: date
    status: PeriodStatus
    postings: int
    last: Change | None
    why_not: str


async def months(*, principal: Principal, now: datetime) -> Sequence[Month]:
    """Up to today's, the newest first: those with postings, and the last three."""
    access.check_viewer(principal, "see the months of the books")
    async with transaction(principal, read_only=True):
        rows = await connection().fetch(_MONTHS, now.date(), MOST)
        return [
            Month(
                starts=row["starts"],
                ends=row["ends"],
                status=(status := PeriodStatus(row["status"])),
                postings=row["postings"],
                last=_change(row) if row["change_id"] else None,
                why_not=await closing.against(row["ends"], status, now=now),
            )
            for row in rows
        ]


def _change(row: Any) -> Change:
    told = {
        name: row[name]
        for name in ("note", "trial_balance_hash", "asked_by", "asked_at", "done_at")
    }
    return Change(
        id=row["change_id"], move=PeriodMove(str(row["move"])), **told,
        asker=row["asker"] or row["asked_by"], agreer=row["agreer"] or row["agreed_by"],
    )  # fmt: skip
