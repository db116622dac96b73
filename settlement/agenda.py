"""What waits for somebody of finance, and whether the books and the cash are in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection, transaction
from settlement import access
from settlement.reconciliation import business_days
from settlement.reconciliation.run_models import Severity

DUE_SOON = timedelta(days=7)

# $1 is the principal's key: nobody decides on what is their own, or agrees to a batch twice.
_COUNTS = """
    SELECT
        (SELECT count(*) FROM payout_batch WHERE state = 'draft') AS batches,
        (SELECT count(*) FROM payout_batch batch WHERE state = 'draft' AND NOT EXISTS (
            SELECT 1 FROM payout_approval given WHERE given.batch_id = batch.id
                AND (given.approved_by = $1 OR batch.created_by = $1))) AS batches_for_me,
        (SELECT count(*) FROM payout WHERE state IN ('failed', 'returned')) AS payouts,
        (SELECT count(DISTINCT account.vendor_id) FROM ledger_account account
            JOIN ledger_balance kept ON kept.account_id = account.id
            WHERE account.code = '2120' AND kept.debits_minor > kept.credits_minor) AS negative,
        (SELECT count(*) FROM adjustment WHERE state = 'proposed') AS adjustments,
        (SELECT count(*) FROM adjustment WHERE state = 'proposed' AND proposed_by <> $1)
            AS adjustments_for_me,
        (SELECT count(*) FROM dispute WHERE state = 'needs_response') AS disputes,
        (SELECT count(*) FROM dispute WHERE state = 'needs_response' AND evidence_due_at <= $2)
            AS disputes_due,
        (SELECT count(*) FROM refund WHERE state = 'failed') AS refunds,
        (SELECT count(*) FROM delivery WHERE dead_at IS NOT NULL AND done_at IS NULL) AS news,
        (SELECT count(*) FROM break_proposal WHERE decided_at IS NULL) AS remedies,
        (SELECT count(*) FROM break_proposal WHERE decided_at IS NULL AND proposed_by <> $1)
            AS remedies_for_me
"""
_BREAKS = """
    SELECT severity, count(*) AS number, min(first_seen_at) AS since FROM reconciliation_break
    WHERE ended_at IS NULL GROUP BY severity
"""
_RUN = """
    SELECT id, number, until, started_at, metrics ->> 'accounts' AS accounts,
        metrics ->> 'proven' AS proven
    FROM reconciliation_run ORDER BY number DESC LIMIT 1
"""
_TRIAL = """
    SELECT currency, sum(amount_minor)::bigint AS difference FROM ledger_entry
    GROUP BY currency ORDER BY currency
"""


@dataclass(frozen=True, slots=True)
class Count:
    """How many wait, and how many of them this person may decide on."""

    all: int
    for_me: int


@dataclass(frozen=True, slots=True)
class OpenBreaks:
    """`oldest_days` are business days."""

    severity: Severity
    number: int
    oldest_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRun:
    id: UUID
    number: int
    until: date
    started_at: datetime
    accounts: int
    proven: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """`trial_balance` is the difference of each currency in minor units: zero, or all is wrong."""

    batches: Count
    adjustments: Count
    remedies: Count
    failed_payouts: int
    negative_vendors: int
    disputes: int
    disputes_due_soon: int
    failed_refunds: int
    news_set_aside: int
    breaks: Sequence[OpenBreaks]
    last_run: LastRun | None
    trial_balance: Mapping[str, int]


async def today(*, principal: Principal, now: datetime) -> Agenda:
    """For finance; what may be decided is for approvers, and never by who prepared it."""
    access.check_viewer(principal, "see what finance has to do")
    async with transaction(principal, read_only=True):
        counts = await connection().fetchrow(_COUNTS, principal.key, now + DUE_SOON)
        breaks = {row["severity"]: row for row in await connection().fetch(_BREAKS)}
        run = await connection().fetchrow(_RUN)
        trial = await connection().fetch(_TRIAL)
    decides = bool(principal.roles & access.APPROVERS)

    def count(name: str) -> Count:
        return Count(counts[name], counts[f"{name}_for_me"] if decides else 0)

    return Agenda(
        batches=count("batches"),
        adjustments=count("adjustments"),
        remedies=count("remedies"),
        failed_payouts=counts["payouts"],
        negative_vendors=counts["negative"],
        disputes=counts["disputes"],
        disputes_due_soon=counts["disputes_due"],
        failed_refunds=counts["refunds"],
        news_set_aside=counts["news"],
        breaks=[
            _breaks(breaks[severity], now) for severity in reversed(Severity) if severity in breaks
        ],
        last_run=None if run is None else _run(run),
        trial_balance={row["currency"]: row["difference"] for row in trial},
    )


def _breaks(row: Any, now: datetime) -> OpenBreaks:
    age = business_days.between(row["since"].date(), now.date())
    return OpenBreaks(Severity(row["severity"]), row["number"], age)


def _run(row: Any) -> LastRun:
    return LastRun(**{**row, "accounts": int(row["accounts"]), "proven": int(row["proven"])})
