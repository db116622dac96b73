"""Draft a batch: freeze statements, pay what can be paid, and say why where it cannot.

One transaction, one batch at a time: a draft that breaks off leaves nothing behind, and two at
once make one batch. Statements and payouts are written for many vendors at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from marketplace.accounts.models import Vendor
from marketplace.kit import idempotency, locks
from marketplace.kit.errors import Forbidden, InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import Kind, Principal, VendorRole
from marketplace.kit.transactions import atomic, connection, elevated
from settlement import access, ledger
from settlement.history import keeping
from settlement.history.keeping import Kept, Subject
from settlement.payouts import approving, candidates, cycles, eligibility, standing, statements
from settlement.payouts.eligibility import Obstacle
from settlement.payouts.errors import NotPayable, PaidOnSchedule
from settlement.payouts.models import BatchState, PayoutState
from settlement.payouts.standing import Standing
from settlement.payouts.states import BatchMove, PayoutMove
from settlement.terms import reading
from settlement.terms.models import Schedule

CHUNK = 1000  # accounts in one statement
MAY_ASK = frozenset({VendorRole.OWNER, VendorRole.FINANCE})
DETAIL = 200  # characters
ON_DEMAND = "payout on demand"
_LOCK = "payout drafting"

Tell: TypeAlias = Callable[[int, int], None]  # accounts done, of how many

_FOUND = "SELECT id FROM payout_batch WHERE cycle = $1"
_BATCH = """
    INSERT INTO payout_batch (id, number, cycle, cut_off, state, created_by, created_at)
    SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $3 FROM payout_batch
"""
_PAYOUTS = """
    INSERT INTO payout (id, batch_id, vendor_id, currency, amount_minor, state, statement_id,
        provider_account_id, transfer_generation, attempt, created_at)
    SELECT item.id, $1, item.vendor_id, item.currency, item.amount, $2, item.statement_id,
        item.provider_account_id, 1, 1, $3
    FROM unnest($4::uuid[], $5::uuid[], $6::text[], $7::bigint[], $8::uuid[], $9::text[])
        AS item (id, vendor_id, currency, amount, statement_id, provider_account_id)
"""
_SKIPPED = """
    INSERT INTO skipped_payout (id, batch_id, vendor_id, currency, available_minor, reason, detail)
    SELECT item.id, $1, item.vendor_id, item.currency, item.available, item.reason, item.detail
    FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::text[], $7::text[])
        AS item (id, vendor_id, currency, available, reason, detail)
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of one account: paid, or not, for a reason."""

    standing: Standing
    obstacle: Obstacle | None

    @property
    def needs_statement(self) -> bool:
        """A payout always has one of its own; who is skipped has one when something happened."""
        return self.obstacle is None or self.standing.lines > 0


@atomic()
async def draft_cycle(
    *, day: date, principal: Principal, now: datetime, tell: Tell | None = None
) -> UUID | None:
    """The batch of a day: every vendor due on it, or on a day since the last batch before it.

    Answers with the batch that the day has already, and with None where nobody due has money or
    news. Accountants, administrators and the system may. Refuses a day to come. A cancelled batch
    stays its day's; the vendors are due again in their next cycle.
    """
    access.check_accountant(principal, "draft payouts")
    if day > cycles.day_of(now):
        raise InvalidInput("day", "it is still to come", "today or a day before")
    await locks.hold(_LOCK)
    cycle = day.isoformat()
    drafted: UUID | None = await connection().fetchval(_FOUND, cycle)
    if drafted is not None:
        return drafted
    due = await candidates.due_on(day, now=now)
    if not due:
        return None
    batch_id = new_id(now)
    await _open(batch_id, cycle, principal, now)
    for start in range(0, len(due), CHUNK):
        await _draft(due[start : start + CHUNK], batch_id, principal, now)
        if tell is not None:
            tell(min(start + CHUNK, len(due)), len(due))
    await approving.approve_small(batch_id, now=now)
    return batch_id


@atomic()
async def draft_on_demand(
    *, vendor_id: UUID, principal: Principal, now: datetime, key: str | None = None
) -> UUID:
    """A batch for one vendor, now: because it asked, or because accounting did; one for a moment.

    The same key answers with the first's batch.
    A vendor's owner and finance may where its terms pay on demand; another's does not exist.
    Refuses (NotPayable, with the reason) where no currency can be paid, and then keeps nothing.
    """
    if principal.kind is Kind.VENDOR:
        await _refuse_vendor_unless_on_demand(principal, vendor_id, now)
    else:
        access.check_accountant(principal, "draft payouts")
    async with elevated():
        vendor = await Vendor.get_or_none(id=vendor_id)
        if vendor is None:
            raise NotFound("vendor")
        batch_id = new_id(now)
        if key is not None:
            made = await idempotency.claim(
                by=principal, operation=ON_DEMAND, key=key, request=str(vendor_id),
                result_id=batch_id, now=now,
            )  # fmt: skip
            if made is not None:
                return made
        await locks.hold(_LOCK)
        cycle = f"vendor:{vendor.code}:{now.isoformat()}"
        drafted: UUID | None = await connection().fetchval(_FOUND, cycle)
        if drafted is not None:
            return drafted
        await _open(batch_id, cycle, principal, now)
        accounts = await candidates.of_vendor(vendor_id)
        outcomes = await _draft(accounts, batch_id, principal, now)
        obstacles = [outcome.obstacle for outcome in outcomes]
        if None not in obstacles:
            nothing = Obstacle(eligibility.Reason.NOTHING_AVAILABLE, "Nothing is available yet.")
            why = next((each for each in obstacles if each is not None), nothing)
            raise NotPayable(reason=why.reason, detail=why.detail)
        await approving.approve_small(batch_id, now=now)
    return batch_id


async def _refuse_vendor_unless_on_demand(
    principal: Principal, vendor_id: UUID, now: datetime
) -> None:
    if principal.vendor_id != vendor_id:
        raise NotFound("vendor")
    if MAY_ASK.isdisjoint(principal.roles):
        raise Forbidden("ask for a payout")
    terms = await reading.terms_of(vendor_id, now, principal=principal)
    if terms.schedule is not Schedule.ON_DEMAND:
        raise PaidOnSchedule


async def _open(batch_id: UUID, cycle: str, principal: Principal, now: datetime) -> None:
    """Numbered under the lock of drafting, so without gaps."""
    await connection().execute(_BATCH, batch_id, cycle, now, BatchState.DRAFT, principal.key)
    await keeping.keep(
        event="batch.drafted",
        subject=Subject.BATCH,
        subject_id=batch_id,
        vendor_id=None,
        before=None,
        after=BatchState.DRAFT,
        move=BatchMove.DRAFT,
        actor=principal.key,
        now=now,
    )


async def _draft(
    account_ids: Sequence[int], batch_id: UUID, principal: Principal, now: datetime
) -> list[Outcome]:
    """These accounts, in a fixed number of statements however many they are."""
    # Held, then looked at: who is booking on one of them has finished or waits for us.
    await ledger.hold_balances(account_ids)
    outcomes = [
        Outcome(each, eligibility.obstacle(each.facts, at=now))
        for each in await standing.of_accounts(account_ids, at=now)
        if each.lines or each.available_minor
    ]
    frozen = await statements.freeze(
        [outcome.standing for outcome in outcomes if outcome.needs_statement],
        batch_id=batch_id,
        cut_off=now,
    )
    paid = [outcome.standing for outcome in outcomes if outcome.obstacle is None]
    payout_ids = [new_id(now) for _ in paid]
    await connection().execute(
        _PAYOUTS, batch_id, PayoutState.DRAFT, now, payout_ids,
        [each.vendor_id for each in paid], [each.currency for each in paid],
        [each.available_minor for each in paid], [frozen[each.account_id] for each in paid],
        [each.facts.provider_account_id for each in paid],
    )  # fmt: skip
    await keeping.keep_all(
        event="payout.drafted",
        subject=Subject.PAYOUT,
        things=[Kept(id_, each.vendor_id) for id_, each in zip(payout_ids, paid, strict=True)],
        before=None,
        after=PayoutState.DRAFT,
        move=PayoutMove.DRAFT,
        actor=principal.key,
        now=now,
    )
    await _skip(outcomes, batch_id, now)
    return outcomes


async def _skip(outcomes: Sequence[Outcome], batch_id: UUID, now: datetime) -> None:
    skipped = [
        (outcome.standing, outcome.obstacle) for outcome in outcomes if outcome.obstacle is not None
    ]
    await connection().execute(
        _SKIPPED, batch_id, [new_id(now) for _ in skipped],
        [each.vendor_id for each, _ in skipped], [each.currency for each, _ in skipped],
        [each.available_minor for each, _ in skipped],
        [obstacle.reason for _, obstacle in skipped],
        [obstacle.detail[:DETAIL] for _, obstacle in skipped],
    )  # fmt: skip
