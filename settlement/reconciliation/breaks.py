"""What people do about a break: take it up, talk about it, propose a remedy, agree to it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.kit.errors import InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import atomic, connection
from settlement import access
from settlement.adjustments.errors import NeedsAnother
from settlement.history import keeping
from settlement.history.keeping import Subject
from settlement.reconciliation import remedies
from settlement.reconciliation.run_models import BreakState, Remedy
from settlement.reconciliation.states import BREAK, BreakMove

TEXT_KEPT = 1000  # characters of a comment

_LOCK = "SELECT * FROM reconciliation_break WHERE id = $1 FOR UPDATE"
_OWN = "UPDATE reconciliation_break SET owner = $2, state = $3 WHERE id = $1"
_MOVE = "UPDATE reconciliation_break SET state = $2 WHERE id = $1"
_COMMENT = """
    INSERT INTO break_comment (id, difference_id, text, written_by, written_at)
    VALUES ($1, $2, $3, $4, $5)
"""
_PROPOSE = """
    INSERT INTO break_proposal (id, difference_id, remedy, against, amount_minor, note,
        proposed_by, proposed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    RETURNING *
"""
_WAITING = """
    SELECT * FROM break_proposal WHERE difference_id = $1 AND decided_at IS NULL FOR UPDATE
"""
_DECIDE = """
    UPDATE break_proposal SET decided_by = $2, decided_at = $3, is_approved = $4, posting_id = $5
    WHERE id = $1
"""
_LIMITS = """
    SELECT currency, second_person_minor FROM reconciliation_policy WHERE currency = ANY($1)
"""


@atomic()
async def assign(*, principal: Principal, break_id: UUID, owner: str, now: datetime) -> None:
    """Give it an owner (a principal's key) and look into it. For accountants; refuses NotFound,
    and IllegalMove once it has ended or waits for a decision."""
    access.check_accountant(principal, "work on breaks")
    row = await _locked(break_id)
    after = BREAK.after(BreakState(row["state"]), BreakMove.INVESTIGATE)
    await connection().execute(_OWN, break_id, owner, after)
    await _remember(row, BreakMove.INVESTIGATE, after, principal, f"Given to {owner}", now)


@atomic()
async def comment(*, principal: Principal, break_id: UUID, text: str, now: datetime) -> None:
    """Say something about it, ended or not. Refuses empty words and more than 1000 characters."""
    access.check_accountant(principal, "work on breaks")
    said = text.strip()
    if not 0 < len(said) <= TEXT_KEPT:
        raise InvalidInput(
            name="text", problem="it is empty or too long", accepts=f"1 to {TEXT_KEPT} characters"
        )
    await _locked(break_id)
    await connection().execute(_COMMENT, new_id(now), break_id, said, principal.key, now)


@atomic()
async def propose(
    *,
    principal: Principal,
    break_id: UUID,
    remedy: Remedy,
    note: str,
    now: datetime,
    against: str | None = None,
) -> bool:
    """Propose what to do; True where it was small enough to be done at once.

    `against` is what the remedy needs: the code of the account that takes the difference (book,
    write_off), the posting to reverse, or the payouts that a bank line is. Above the currency's
    limit, on any account and for the whole of a posting to reverse, another person has to
    approve. Refuses a remedy that does not fit the break, IllegalMove while another proposal
    waits or once it has ended, and NotFound.
    """
    access.check_accountant(principal, "work on breaks")
    row = await _locked(break_id)
    await remedies.check(row, remedy, against)
    after = BREAK.after(BreakState(row["state"]), BreakMove.PROPOSE)
    kept = note.strip()[: keeping.REASON_KEPT]
    proposal = await connection().fetchrow(
        _PROPOSE,
        new_id(now),
        break_id,
        remedy,
        against,
        row["amount_minor"],
        kept,
        principal.key,
        now,
    )
    await connection().execute(_MOVE, break_id, after)
    await _remember(row, BreakMove.PROPOSE, after, principal, f"{remedy}: {kept}", now)
    is_small = await _is_small(await remedies.at_stake(row, remedy, against))
    if is_small:
        await _carry_out(await _locked(break_id), proposal, principal, now)
    return is_small


@atomic()
async def approve(*, principal: Principal, break_id: UUID, now: datetime) -> None:
    """Agree to the proposal that waits, and do it. For approvers.

    Refuses who proposed it (NeedsAnother), a break without a proposal (NotFound), one whose
    amount has changed since, and a remedy that fits it no more (RemedyDoesNotFit).
    """
    access.check_approver(principal, "approve remedies")
    row = await _locked(break_id)
    proposal = await _waiting(break_id)
    if proposal["proposed_by"] == principal.key:
        raise NeedsAnother
    if proposal["amount_minor"] != row["amount_minor"]:
        raise InvalidInput(
            name="proposal",
            problem="the difference is another one by now",
            accepts="a new proposal; reject this one first",
        )
    await remedies.check(row, Remedy(proposal["remedy"]), proposal["against"])
    await _carry_out(row, proposal, principal, now)


@atomic()
async def reject(*, principal: Principal, break_id: UUID, note: str, now: datetime) -> None:
    """Say no to the proposal that waits; the break is looked into again. For approvers, and for
    who proposed it. Refuses NotFound where none waits."""
    row = await _locked(break_id)
    proposal = await _waiting(break_id)
    if proposal["proposed_by"] != principal.key:
        access.check_approver(principal, "decide on remedies")
    after = BREAK.after(BreakState(row["state"]), BreakMove.REJECT)
    await connection().execute(_DECIDE, proposal["id"], principal.key, now, False, None)
    await connection().execute(_MOVE, break_id, after)
    await _remember(row, BreakMove.REJECT, after, principal, note, now)


async def _is_small(stakes: Mapping[str, int]) -> bool:
    """Whether one person may decide it alone; never in a currency without a limit."""
    rows = await connection().fetch(_LIMITS, list(stakes))
    limits = {row["currency"]: row["second_person_minor"] for row in rows}
    return all(minor <= limits.get(currency, -1) for currency, minor in stakes.items())


async def _carry_out(row: Any, proposal: Any, principal: Principal, now: datetime) -> None:
    posting_id = await remedies.carry_out(row, proposal, by=principal.key, now=now)
    await connection().execute(_DECIDE, proposal["id"], principal.key, now, True, posting_id)
    await remedies.finish(row, proposal, by=principal.key, now=now)


async def _locked(break_id: UUID) -> Any:
    row = await connection().fetchrow(_LOCK, break_id)
    if row is None:
        raise NotFound("break")
    return row


async def _waiting(break_id: UUID) -> Any:
    proposal = await connection().fetchrow(_WAITING, break_id)
    if proposal is None:
        raise NotFound("proposal")
    return proposal


async def _remember(
    row: Any,
    move: BreakMove,
    after: BreakState,
    principal: Principal,
    reason: str,
    now: datetime,
) -> None:
    await keeping.keep(
        event=f"break.{after}",
        subject=Subject.BREAK,
        subject_id=row["id"],
        vendor_id=row["vendor_id"],
        before=BreakState(row["state"]),
        after=after,
        move=move,
        actor=principal.key,
        reason=reason,
        now=now,
    )
