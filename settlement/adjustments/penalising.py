"""Book what a vendor owes by rules that somebody put in force: that person has agreed to it.

A missed deadline has its policy, a replacement that cost more has its routing rules.
"""

from datetime import date, datetime
from uuid import UUID

from marketplace.kit.transactions import connection
from settlement import ledger
from settlement.adjustments import templates
from settlement.adjustments.models import Adjustment, AdjustmentKind, AdjustmentState
from settlement.adjustments.states import ADJUSTMENT, AdjustmentMove
from settlement.history import keeping
from settlement.history.keeping import Subject

# Whoever put the policy in force has agreed to each of its penalties; the deadline proposes it.
PROPOSER = "deadline"

_RUN = """
    SELECT run.vendor_id, run.amount_minor, run.currency, clock.kind, sub_order.number,
        version.activated_by
    FROM sla_action_run run
    JOIN sla_clock clock ON clock.id = run.clock_id
    JOIN sub_order ON sub_order.id = clock.sub_order_id
    JOIN sla_policy_version version ON version.id = clock.policy_version_id
    WHERE run.id = $1
"""


async def book_penalty(*, run_id: UUID, effective_date: date, now: datetime) -> None:
    """One adjustment of the run's own id, posted at once; nothing where nothing is due.

    It can be reversed like any other, by two people.
    """
    run = await connection().fetchrow(_RUN, run_id)
    if run["amount_minor"] == 0 or await Adjustment.exists(id=run_id):
        return
    what = run["kind"].removesuffix("_by")
    await book_agreed(
        adjustment_id=run_id,
        vendor_id=run["vendor_id"],
        currency=run["currency"],
        amount_minor=run["amount_minor"],
        note=f"{run['number']}: the deadline to {what} was missed",
        proposed_by=PROPOSER,
        agreed_by=run["activated_by"],
        effective_date=effective_date,
        now=now,
    )


async def book_agreed(
    *,
    adjustment_id: UUID,
    vendor_id: UUID,
    currency: str,
    amount_minor: int,
    note: str,
    proposed_by: str,
    agreed_by: str,
    effective_date: date,
    now: datetime,
) -> None:
    """A penalty that is posted at once, with the history of one that two people agreed on."""
    adjustment = await Adjustment.create(
        id=adjustment_id,
        kind=AdjustmentKind.PENALTY,
        vendor_id=vendor_id,
        currency=currency,
        amount_minor=amount_minor,
        effective_date=effective_date,
        note=note,
        state=AdjustmentState.POSTED,
        proposed_by=proposed_by,
        proposed_at=now,
        decided_by=agreed_by,
        decided_at=now,
    )
    await _keep(adjustment, "proposed", None, ADJUSTMENT.start, AdjustmentMove.PROPOSE, now)
    await ledger.post(
        kind=templates.kind_of(adjustment),
        key=f"adjustment:{adjustment.id}",
        effective_date=effective_date,
        source_type="adjustment",
        source_id=adjustment.id,
        entries=templates.entries(adjustment),
        now=now,
    )
    after = AdjustmentState.POSTED
    await _keep(adjustment, "approved", ADJUSTMENT.start, after, AdjustmentMove.APPROVE, now)


async def _keep(
    adjustment: Adjustment,
    event: str,
    before: AdjustmentState | None,
    after: AdjustmentState,
    move: AdjustmentMove,
    now: datetime,
) -> None:
    is_proposed = move is AdjustmentMove.PROPOSE
    await keeping.keep(
        event=f"adjustment.{event}",
        subject=Subject.ADJUSTMENT,
        subject_id=adjustment.id,
        vendor_id=adjustment.vendor_id,
        before=before,
        after=after,
        move=move,
        actor=adjustment.proposed_by if is_proposed else str(adjustment.decided_by),
        reason=adjustment.note if is_proposed else None,
        now=now,
    )
