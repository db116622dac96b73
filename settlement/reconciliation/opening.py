"""Keep the breaks in step with what a run found: one row for one difference, run after run."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.transactions import connection
from settlement.history.keeping import Subject
from settlement.reconciliation import ending, rules
from settlement.reconciliation.outcomes import Finding
from settlement.reconciliation.states import BreakMove

GONE = "The books agree again."
DETAIL_KEPT = 300  # characters

# What people dismissed knowingly stays so for as long as it is exactly that difference: of the
# same lines, with the same name. What was written off is booked: if it differs again, that is new.
_KNOWN = """
    SELECT id, key, code, amount_minor, currency, account, detail, items, state, vendor_id,
        ended_at
    FROM reconciliation_break
    WHERE ended_at IS NULL OR (state = 'false_positive' AND key = ANY($1))
    ORDER BY id FOR UPDATE
"""
_SEEN = """
    UPDATE reconciliation_break SET last_run_id = $1, code = seen.code, severity = seen.severity,
        amount_minor = seen.amount_minor, currency = seen.currency, account = seen.account,
        detail = seen.detail, items = seen.items, suggestion = seen.suggestion
    FROM unnest($2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[],
        $8::text[], $9::jsonb[], $10::text[])
        seen (id, code, severity, amount_minor, currency, account, detail, items, suggestion)
    WHERE reconciliation_break.id = seen.id
"""
# Whose money a difference is about: the payout's vendor, or all who sold in the order.
_OPEN = """
    INSERT INTO reconciliation_break (id, key, code, severity, state, account, amount_minor,
        currency, detail, subject_type, subject_id, items, happened_on, suggestion, first_run_id,
        last_run_id, first_seen_at, vendor_id)
    SELECT found.id, found.key, found.code, found.severity, 'open', found.account,
        found.amount_minor, found.currency, found.detail, found.subject_type, found.subject_id,
        found.items, found.day, found.suggestion, $1, $1, $2,
        coalesce(payout.vendor_id, connected.vendor_id)
    FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[],
        $9::text[], $10::text[], $11::text[], $12::uuid[], $13::jsonb[], $14::date[], $15::text[])
        found (id, key, code, severity, account, amount_minor, currency, detail, subject_type,
            subject_id, items, day, suggestion)
    LEFT JOIN payout ON payout.id = found.subject_id AND found.subject_type = 'payout'
    LEFT JOIN connected_account connected ON connected.provider_account_id = found.account
"""
# One event and one row of history for each, as history.keeping does for one.
_REMEMBER = """
    WITH told AS (
        INSERT INTO outbox_event (id, name, payload, happened_at)
        SELECT item.event_id, 'break.opened',
            jsonb_build_object('break_id', item.id, 'code', item.code), $1
        FROM unnest($2::uuid[], $3::uuid[], $4::text[]) item (event_id, id, code)
    )
    INSERT INTO settlement_change (id, event_id, subject, subject_id, vendor_id, from_state,
        to_state, move, actor, reason, at)
    SELECT item.change_id, item.event_id, $5, item.id, difference.vendor_id, NULL, 'open', $6,
        'system', item.code, $1
    FROM unnest($2::uuid[], $3::uuid[], $4::text[], $7::uuid[])
        item (event_id, id, code, change_id)
    JOIN reconciliation_break difference ON difference.id = item.id
"""


async def keep(findings: Sequence[Finding], *, run_id: UUID, now: datetime) -> list[UUID]:
    """Open what is new, follow what goes on, end what is gone; in the caller's transaction.

    Answers with the ids of the new ones, in the order of the findings.
    """
    inside = connection()
    known = await inside.fetch(_KNOWN, [finding.key for finding in findings])
    live = {row["key"]: row for row in known if row["ended_at"] is None}
    accepted = {_said(row) for row in known if row["ended_at"] is not None}
    found = {finding.key: finding for finding in findings if _saying(finding) not in accepted}
    for key, row in live.items():
        if key not in found:
            await ending.end(row, BreakMove.RESOLVE, by="system", ending=GONE, now=now)
    await _follow([(live[key]["id"], one) for key, one in found.items() if key in live], run_id)
    return await _open([one for key, one in found.items() if key not in live], run_id, now)


async def _follow(seen: Sequence[tuple[UUID, Finding]], run_id: UUID) -> None:
    await connection().execute(
        _SEEN,
        run_id,
        [id_ for id_, _ in seen],
        [finding.code for _, finding in seen],
        [rules.SEVERITIES[finding.code] for _, finding in seen],
        [finding.amount_minor for _, finding in seen],
        [finding.currency for _, finding in seen],
        [finding.account for _, finding in seen],
        [finding.detail[:DETAIL_KEPT] for _, finding in seen],
        [json.dumps(list(finding.items)) for _, finding in seen],
        [finding.suggestion for _, finding in seen],
    )


async def _open(findings: Sequence[Finding], run_id: UUID, now: datetime) -> list[UUID]:
    ids = [new_id(now) for _ in findings]
    subjects = [(finding.subject or ":").partition(":") for finding in findings]
    await connection().execute(
        _OPEN,
        run_id,
        now,
        ids,
        [finding.key for finding in findings],
        [finding.code for finding in findings],
        [rules.SEVERITIES[finding.code] for finding in findings],
        [finding.account for finding in findings],
        [finding.amount_minor for finding in findings],
        [finding.currency for finding in findings],
        [finding.detail[:DETAIL_KEPT] for finding in findings],
        [kind or None for kind, _, _ in subjects],
        [UUID(id_) if id_ else None for _, _, id_ in subjects],
        [json.dumps(list(finding.items)) for finding in findings],
        [finding.day for finding in findings],
        [finding.suggestion for finding in findings],
    )
    await connection().execute(
        _REMEMBER,
        now,
        [new_id(now) for _ in findings],
        ids,
        [f"{finding.code} {rules.NAMES[finding.code]}" for finding in findings],
        Subject.BREAK,
        BreakMove.OPEN,
        [new_id(now) for _ in findings],
    )
    return ids


def _said(row: Any) -> tuple[object, ...]:
    same = (row["key"], row["account"], row["currency"], row["amount_minor"], row["detail"])
    return *same, frozenset(json.loads(row["items"]))


def _saying(finding: Finding) -> tuple[object, ...]:
    same = (finding.key, finding.account, finding.currency, finding.amount_minor)
    return *same, finding.detail[:DETAIL_KEPT], frozenset(finding.items)
