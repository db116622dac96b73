"""Keep what was read at the provider, each line once by its id."""

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from settlement.reconciliation.provider_books import BookedPayout, BookLine

# What a line says of money never changes; when it is available, and what its source says, may.
_KEEP_LINES = """
    INSERT INTO provider_transaction (account, vendor_id, pulled_at, id, type, category,
        amount_minor, fee_minor, net_minor, currency, source_id, related_id, metadata,
        description, exchange_rate, available_at, created_at)
    SELECT $1, $2, $3, * FROM unnest($4::text[], $5::text[], $6::text[], $7::bigint[],
        $8::bigint[], $9::bigint[], $10::text[], $11::text[], $12::text[], $13::jsonb[],
        $14::text[], $15::text[], $16::timestamptz[], $17::timestamptz[])
    ON CONFLICT (id) DO UPDATE SET available_at = EXCLUDED.available_at,
        related_id = EXCLUDED.related_id, metadata = EXCLUDED.metadata,
        pulled_at = EXCLUDED.pulled_at
    RETURNING xmax = 0 AS is_new
"""
_KEEP_PAYOUTS = """
    INSERT INTO provider_payout (account, vendor_id, pulled_at, id, amount_minor, currency,
        status, arrival_date, trace_id, failure_code, metadata, created_at)
    SELECT $1, $2, $3, * FROM unnest($4::text[], $5::bigint[], $6::text[], $7::text[],
        $8::date[], $9::text[], $10::text[], $11::jsonb[], $12::timestamptz[])
    ON CONFLICT (id) DO UPDATE SET status = EXCLUDED.status, trace_id = EXCLUDED.trace_id,
        arrival_date = EXCLUDED.arrival_date, failure_code = EXCLUDED.failure_code,
        pulled_at = EXCLUDED.pulled_at
    WHERE provider_payout.pulled_at <= EXCLUDED.pulled_at
"""


async def keep_lines(
    account: str, vendor_id: UUID | None, lines: Sequence[BookLine], now: datetime
) -> int:
    """In a transaction of its own, in the order of ids, so that two readers do not block
    each other; how many were new."""
    found = sorted({line.id: line for line in lines}.values(), key=lambda line: line.id)
    async with transaction(SYSTEM) as connection:
        kept = await connection.fetch(
            _KEEP_LINES,
            account,
            vendor_id,
            now,
            [line.id for line in found],
            [line.type for line in found],
            [line.category for line in found],
            [line.amount_minor for line in found],
            [line.fee_minor for line in found],
            [line.net_minor for line in found],
            [line.currency for line in found],
            [line.source_id for line in found],
            [line.related_id for line in found],
            [json.dumps(dict(line.metadata)) for line in found],
            [None if line.description is None else line.description[:500] for line in found],
            [line.exchange_rate for line in found],
            [line.available_at for line in found],
            [line.created_at for line in found],
        )
    return sum(row["is_new"] for row in kept)


async def keep_payouts(
    account: str, vendor_id: UUID | None, payouts: Sequence[BookedPayout], now: datetime
) -> None:
    """As the provider shows them now; what a later reader has seen is not undone."""
    found = sorted({one.id: one for one in payouts}.values(), key=lambda payout: payout.id)
    async with transaction(SYSTEM) as connection:
        await connection.execute(
            _KEEP_PAYOUTS,
            account,
            vendor_id,
            now,
            [payout.id for payout in found],
            [payout.amount_minor for payout in found],
            [payout.currency for payout in found],
            [payout.status for payout in found],
            [payout.arrival_date for payout in found],
            [payout.trace_id for payout in found],
            [payout.failure_code for payout in found],
            [json.dumps(dict(payout.metadata)) for payout in found],
            [payout.created_at for payout in found],
        )
