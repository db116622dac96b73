"""Write down a run: inputs, matches, breaks, proofs and figures, in one transaction."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.transactions import connection
from settlement.reconciliation import business_days, comparing, facts, guarding, opening
from settlement.reconciliation.facts import Inputs
from settlement.reconciliation.outcomes import Match, Proof, Results

_RUN = """
    INSERT INTO reconciliation_run (id, number, until, rules, started_by, started_at, inputs,
        inputs_hash, results_hash, cursors, files, metrics)
    SELECT $1, (SELECT coalesce(max(number), 0) + 1 FROM reconciliation_run), $2, $3, $4, $5, $6,
        $7, $8,
        coalesce((SELECT jsonb_object_agg(account, read_until) FROM pull_cursor), '{}'),
        coalesce((SELECT jsonb_agg(sha256 ORDER BY sha256) FROM bank_file), '[]'), $9::jsonb
"""
# An item that an earlier match has stays with it: what came later to the same thing joins here.
_MATCHES = """
    WITH fresh AS (
        SELECT match.id, item.item FROM unnest($1::uuid[], $2::jsonb[]) match (id, items),
            jsonb_array_elements_text(match.items) item (item)
        WHERE NOT EXISTS (SELECT 1 FROM matched_item WHERE matched_item.item = item.item)
    ), kept AS (
        INSERT INTO reconciliation_match (id, run_id, key, passed, rule, confidence, matched_by,
            matched_at)
        SELECT match.id, $3, match.key, match.passed, match.rule, match.confidence, 'system', $4
        FROM unnest($1::uuid[], $5::text[], $6::text[], $7::text[], $8::int[])
            match (id, key, passed, rule, confidence)
        WHERE match.id IN (SELECT id FROM fresh)
        RETURNING id
    )
    INSERT INTO matched_item (item, match_id)
    SELECT fresh.item, fresh.id FROM fresh JOIN kept USING (id)
"""
_PROOFS = """
    INSERT INTO cash_proof (id, run_id, day, account, code, vendor_id, currency, opening_minor,
        moved_minor, closing_minor, stated_minor, ledger_minor, breaks_minor, timing_minor,
        explained_by, is_proven)
    SELECT uuidv7($3 - clock_timestamp()), $1, $2, * FROM jsonb_to_recordset($4::jsonb) proof (
        account text, code text, vendor_id uuid, currency text, opening_minor bigint,
        moved_minor bigint, closing_minor bigint, stated_minor bigint, ledger_minor bigint,
        breaks_minor bigint, timing_minor bigint, explained_by jsonb, is_proven bool)
"""
# Of an earlier day than was looked at before: it knows less of what is open than is known.
_LATER = "SELECT EXISTS (SELECT 1 FROM reconciliation_run WHERE until > $1)"
_LIVE = """
    SELECT count(*) AS breaks, min(first_seen_at) AS since,
        count(*) FILTER (WHERE severity = 'high') AS high
    FROM reconciliation_break WHERE ended_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Compared:
    """Inputs and results, ready to be written down: no time is lost under the lock."""

    inputs: Inputs
    results: Results
    data: bytes
    inputs_hash: str
    results_hash: str

    @classmethod
    def of(cls, inputs: Inputs) -> "Compared":
        results = comparing.compare(inputs)
        data, inputs_hash = facts.pack(inputs)
        return cls(inputs, results, data, inputs_hash, facts.hash_of(results))


async def keep(compared: Compared, *, run_id: UUID, started_by: str, now: datetime) -> None:
    """In the caller's transaction, which holds the lock of runs.

    One of an earlier day than the last run's keeps its matches and proofs, and leaves breaks as
    they are: what came since is none of its findings, and not gone for that.
    """
    inputs, results = compared.inputs, compared.results
    if not await connection().fetchval(_LATER, inputs.until):
        await opening.keep(results.findings, run_id=run_id, now=now)
    await guarding.guard(now=now)
    live = await connection().fetchrow(_LIVE)
    await connection().execute(
        _RUN,
        run_id,
        inputs.until,
        inputs.rules,
        started_by,
        now,
        compared.data,
        compared.inputs_hash,
        compared.results_hash,
        json.dumps(_metrics(inputs, results, live, now)),
    )
    await _keep_matches(results.matches, run_id, now)
    await _keep_proofs(results.proofs, run_id, inputs, now)


async def _keep_matches(matches: Sequence[Match], run_id: UUID, now: datetime) -> None:
    await connection().execute(
        _MATCHES,
        [new_id(now) for _ in matches],
        [json.dumps(list(match.items)) for match in matches],
        run_id,
        now,
        [match.key for match in matches],
        [match.passed for match in matches],
        [match.rule for match in matches],
        [match.confidence for match in matches],
    )


async def _keep_proofs(
    proofs: Sequence[Proof], run_id: UUID, inputs: Inputs, now: datetime
) -> None:
    await connection().execute(_PROOFS, run_id, inputs.until, now, facts.canonical(proofs).decode())


def _metrics(inputs: Inputs, results: Results, live: Any, now: datetime) -> dict[str, int]:
    """How it went; amounts are minor units, `unmatched_<currency>` sums up all differences."""
    matched = sum(len(match.items) for match in results.matches)
    unmatched: Counter[str] = Counter()
    for finding in results.findings:
        unmatched[f"unmatched_{finding.currency}"] += abs(finding.amount_minor)
    oldest = 0 if live["since"] is None else business_days.between(live["since"].date(), now.date())
    return {
        "lines": len(inputs.items),
        "matched": matched,
        "matched_bps": 10_000 if not inputs.items else matched * 10_000 // len(inputs.items),
        "differences": len(results.findings),
        "open_breaks": live["breaks"],
        "high_breaks": live["high"],
        "oldest_days": oldest,
        "accounts": len(results.proofs),
        "proven": sum(proof.is_proven for proof in results.proofs),
        **unmatched,
    }
