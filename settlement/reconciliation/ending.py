"""A break ends once: in its row, its history, and for what still waited for a decision."""

from datetime import datetime
from typing import Any

from marketplace.kit.transactions import connection
from settlement.history import keeping
from settlement.history.keeping import Subject
from settlement.reconciliation.run_models import BreakState
from settlement.reconciliation.states import BREAK, BreakMove

ENDING_KEPT = 200  # characters
_END = """
    UPDATE reconciliation_break SET state = $2, ended_at = $3, ended_by = $4, ending = $5
    WHERE id = $1
"""
_CLOSE_PROPOSAL = """
    UPDATE break_proposal SET decided_at = $2, decided_by = $3, is_approved = false
    WHERE difference_id = $1 AND decided_at IS NULL
"""


async def end(row: Any, move: BreakMove, *, by: str, ending: str, now: datetime) -> None:
    """End a break whose row is locked; a proposal that nobody decided is closed unapproved."""
    before = BreakState(row["state"])
    after = BREAK.after(before, move)
    await connection().execute(_END, row["id"], after, now, by, ending[:ENDING_KEPT])
    await connection().execute(_CLOSE_PROPOSAL, row["id"], now, by)
    await keeping.keep(
        event=f"break.{after}",
        subject=Subject.BREAK,
        subject_id=row["id"],
        vendor_id=row["vendor_id"],
        before=before,
        after=after,
        move=move,
        actor=by,
        reason=ending,
        now=now,
    )
