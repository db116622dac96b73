"""A month ends: softly first, then for good; opening it again takes two people."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marketplace.kit.errors import IllegalMove, InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.locks import hold
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import atomic, connection
from settlement import access
from settlement.adjustments import proofs
from settlement.adjustments.errors import NeedsAnother, PeriodNotReady
from settlement.adjustments.models import PeriodChange, PeriodMove
from settlement.models import AccountingPeriod, PeriodStatus

LEDGER = "ledger"  # the consumer whose deliveries are news of money
_READY = """
    SELECT (SELECT count(*) FROM outbox_event event LEFT JOIN delivery
                ON delivery.event_id = event.id AND delivery.consumer = $2
            WHERE event.happened_at < $1::date + 1
                AND (event.routed_at IS NULL OR delivery.id IS NOT NULL AND done_at IS NULL)
        ) AS unheard,
        (SELECT count(*) FROM adjustment WHERE state = 'proposed' AND effective_date <= $1)
            AS proposed,
        (SELECT string_agg(currency || ' ' || minor, ', ') FROM (
            SELECT account.currency, sum(entry.amount_minor) AS minor
            FROM ledger_entry entry JOIN ledger_account account ON account.id = entry.account_id
            JOIN ledger_transaction posting ON posting.id = entry.transaction_id
            WHERE account.code = '1990' AND posting.effective_date <= $1
            GROUP BY account.currency HAVING sum(entry.amount_minor) <> 0) lies) AS suspense,
        (SELECT min(starts) FROM accounting_period WHERE ends < $1 AND status <> 'closed')
            AS earlier
"""
_LATER = "SELECT EXISTS (SELECT 1 FROM accounting_period WHERE starts > $1 AND status = 'closed')"
MONTHS = "accounting months"  # one at a time is closed or opened again: each looks at the others
# One line for each account with a balance, in the order of their letters.
TRIAL_BALANCE = """
    SELECT encode(sha256(convert_to(coalesce(
        string_agg(line, E'\\n' ORDER BY line COLLATE "C"), ''), 'UTF8')), 'hex') FROM (
        SELECT concat_ws(' ', account.code, account.vendor_id, account.currency,
            sum(entry.amount_minor)) AS line
        FROM ledger_entry entry
        JOIN ledger_account account ON account.id = entry.account_id
        JOIN ledger_transaction posting ON posting.id = entry.transaction_id
        WHERE posting.effective_date <= {last_day}
        GROUP BY account.id HAVING sum(entry.amount_minor) <> 0) balance
"""
_MOVE = "SELECT ledger_move_period($1, $2, $3)"


@dataclass(frozen=True, slots=True)
class Readiness:
    """What stands against closing a month, in words; nothing when `why` is empty."""

    why: str


@atomic()
async def soft_close(*, principal: Principal, month: date, note: str, now: datetime) -> None:
    """From now on only adjustments are dated in the month that this day is in.

    Accountants and administrators may. Refuses a month that is not over, not open, or whose news
    the books have not heard: it could not be dated there any more.
    """
    access.check_accountant(principal, "close a month")
    period = await _period(month)
    if period.ends >= now.date():
        raise PeriodNotReady(period.starts, "it is not over")
    row = await connection().fetchrow(_READY, period.ends, LEDGER)
    if row["unheard"]:
        raise PeriodNotReady(period.starts, _unheard(row))
    await _move(period, PeriodStatus.OPEN, PeriodStatus.SOFT_CLOSED, PeriodMove.SOFT_CLOSE)
    await _keep(period, PeriodMove.SOFT_CLOSE, note, principal, now)


@atomic()
async def close(*, principal: Principal, month: date, note: str, now: datetime) -> str:
    """Nothing is dated in it any more; answers with the hash of its trial balance.

    Approvers and administrators may. Refuses while suspense is not empty, news of money is
    unheard, adjustments wait for a decision, an earlier month is open, an account has no proof of
    cash for the last day, or a break above the currency's tolerance is open.
    """
    access.check_approver(principal, "close a month")
    await hold(MONTHS)
    period = await _period(month)
    why = (await _readiness(period)).why
    if why:
        raise PeriodNotReady(period.starts, why)
    await _move(period, PeriodStatus.SOFT_CLOSED, PeriodStatus.CLOSED, PeriodMove.CLOSE)
    return await _keep(period, PeriodMove.CLOSE, note, principal, now)


@atomic()
async def ask_to_reopen(*, principal: Principal, month: date, note: str, now: datetime) -> UUID:
    """Nothing happens until somebody else agrees; answers with what they agree to.

    Refuses a month before one that is closed: the later books stand on it.
    """
    access.check_accountant(principal, "ask for a month to be opened")
    period = await _period(month)
    if period.status is not PeriodStatus.CLOSED:
        raise IllegalMove(thing="month", state=period.status, move=PeriodMove.REOPEN)
    await _check_is_last(period)
    if await PeriodChange.exists(period_id=period.id, done_at=None):
        raise InvalidInput("month", "somebody asked for it before", "their question to be answered")
    change = _change(period, PeriodMove.REOPEN, note, principal, now)
    change.trial_balance_hash = await trial_balance_hash(period.ends)
    await change.save(force_create=True)
    return change.id


@atomic()
async def agree_to_reopen(*, principal: Principal, change_id: UUID, now: datetime) -> None:
    """The month takes adjustments again, and is closed again after. Never by who asked."""
    access.check_approver(principal, "open a month")
    await hold(MONTHS)
    change = await PeriodChange.select_for_update().get_or_none(id=change_id)
    if change is None or change.move is not PeriodMove.REOPEN:
        raise NotFound("question")
    if change.done_at is not None:
        raise IllegalMove(thing="month", state=PeriodStatus.OPEN, move=PeriodMove.REOPEN)
    if change.asked_by == principal.key:
        raise NeedsAnother()
    period = await AccountingPeriod.get(id=change.period_id)
    await _check_is_last(period)
    await _move(period, PeriodStatus.CLOSED, PeriodStatus.SOFT_CLOSED, PeriodMove.REOPEN)
    change.agreed_by, change.done_at = principal.key, now
    await change.save(update_fields=["agreed_by", "done_at"])


@atomic()
async def readiness(*, principal: Principal, month: date) -> Readiness:
    """What still stands against closing the month, for whoever is to do it."""
    access.check_accountant(principal, "close a month")
    return await _readiness(await _period(month))


async def against(ends: date, status: PeriodStatus, *, now: datetime) -> str:
    """What stands against the next step of a month, in words; in the caller's transaction."""
    if status is PeriodStatus.CLOSED:
        return ""
    if ends >= now.date():
        return "it is not over"
    row = await connection().fetchrow(_READY, ends, LEDGER)
    if status is PeriodStatus.OPEN:
        return _unheard(row) if row["unheard"] else ""
    return "; ".join(await _against(row, ends))


async def trial_balance_hash(last_day: date) -> str:
    """Of every account's balance up to and with this day; the same books give the same."""
    hashed: str = await connection().fetchval(TRIAL_BALANCE.format(last_day="$1"), last_day)
    return hashed


async def _check_is_last(period: AccountingPeriod) -> None:
    if await connection().fetchval(_LATER, period.ends):
        raise InvalidInput("month", "a later one is closed", "the last month that is closed")


async def _readiness(period: AccountingPeriod) -> Readiness:
    row = await connection().fetchrow(_READY, period.ends, LEDGER)
    return Readiness("; ".join(await _against(row, period.ends)))


async def _against(row: Any, ends: date) -> list[str]:
    against = []
    if row["suspense"]:
        against.append(f"suspense holds {row['suspense']}")
    if row["unheard"]:
        against.append(_unheard(row))
    if row["proposed"]:
        against.append(f"{row['proposed']} adjustments wait for a decision")
    if row["earlier"]:
        against.append(f"{row['earlier']:%B %Y} is not closed")
    return [*against, *await proofs.against(ends)]


def _unheard(row: Any) -> str:
    return f"the books have yet to hear of {row['unheard']} events"


async def _period(month: date) -> AccountingPeriod:
    period = await AccountingPeriod.get_or_none(starts__lte=month, ends__gte=month)
    if period is None:
        raise NotFound("accounting month")
    return period


async def _move(
    period: AccountingPeriod, before: PeriodStatus, after: PeriodStatus, move: PeriodMove
) -> None:
    """Only from where it is: two that close it at once close it once."""
    if not await connection().fetchval(_MOVE, period.id, before, after):
        await period.refresh_from_db()
        raise IllegalMove(thing="month", state=period.status, move=move)


async def _keep(
    period: AccountingPeriod, move: PeriodMove, note: str, principal: Principal, now: datetime
) -> str:
    change = _change(period, move, note, principal, now)
    change.trial_balance_hash, change.done_at = await trial_balance_hash(period.ends), now
    await change.save(force_create=True)
    return change.trial_balance_hash


def _change(
    period: AccountingPeriod, move: PeriodMove, note: str, principal: Principal, now: datetime
) -> PeriodChange:
    if not 0 < len(note.strip()) <= 200:
        raise InvalidInput("note", "it is empty or too long", "1 to 200 characters")
    return PeriodChange(
        id=new_id(now), period_id=period.id, move=move, note=note.strip(), trial_balance_hash="",
        asked_by=principal.key, asked_at=now,
    )  # fmt: skip
