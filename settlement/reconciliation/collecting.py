"""Take what a run needs out of the database, at one moment."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from marketplace.kit.transactions import connection
from settlement.reconciliation import cash_sql, rules
from settlement.reconciliation.facts import Cash, Inputs, Item, PayoutFact
from settlement.reconciliation.item_sql import ARRIVALS, ITEMS, OF_KEY, UUID
from settlement.reconciliation.models import PLATFORM
from settlement.reconciliation.sides import Side

# Whose money a line says it is, in words that we wrote there, and what we know that as: another
# name means that it happened twice.
_CLAIMS = f"""
    WITH line AS MATERIALIZED (
        SELECT 'provider:' || id AS item, source_id, type,
            CASE WHEN metadata->>'attempt_id' ~ {UUID} THEN (metadata->>'attempt_id')::uuid END
                AS attempt_id,
            CASE WHEN metadata->>'refund_id' ~ {UUID} THEN (metadata->>'refund_id')::uuid END
                AS refund_id,
            CASE WHEN split_part(metadata->>'souk', ':', 2) ~ {UUID}
                THEN split_part(metadata->>'souk', ':', 2)::uuid END AS payout_id,
            coalesce(metadata->>'attempt', '1') AS attempt
        FROM provider_transaction WHERE id = ANY($1)
    )
    SELECT line.item, coalesce('capture:' || capture.id, 'attempt:' || line.attempt_id,
            'refund:' || line.refund_id, 'payout:' || payout.id) AS subject,
        coalesce(capture.charge_id, refund.provider_refund_id, CASE line.type
            WHEN 'transfer' THEN payout.transfer_id
            WHEN 'payout' THEN coalesce(attempted.result_id,
                CASE WHEN payout.attempt::text = line.attempt THEN payout.provider_payout_id END)
            END) AS known
    FROM line
    LEFT JOIN payment_attempt ON payment_attempt.id = line.attempt_id
    LEFT JOIN capture ON capture.payment_id = payment_attempt.payment_id
    LEFT JOIN refund ON refund.id = line.refund_id
    LEFT JOIN payout ON payout.id = line.payout_id
    LEFT JOIN provider_operation attempted
        ON attempted.key = 'mkt:payout:' || payout.id || ':' || line.attempt
"""
# Money moved or not, the provider is further with a payout than we are.
_STATUSES = """
    SELECT found.id AS payout_id, found.account, found.status, found.arrival_date AS arrival,
        found.amount_minor, found.currency, found.trace_id AS trace,
        'payout:' || payout.id AS subject, payout.state
    FROM provider_payout found JOIN payout ON payout.provider_payout_id = found.id
    WHERE (found.created_at AT TIME ZONE 'UTC')::date <= $1
        AND ((found.status = 'paid' AND payout.state = 'sent')
            OR (found.status IN ('failed', 'canceled') AND payout.state IN ('sent', 'paid')))
    ORDER BY found.id
"""
_TRANSITS = f"""
    SELECT id AS payout_id, account, status, arrival_date AS arrival, amount_minor, currency,
        trace_id AS trace, NULL AS subject, NULL AS state
    FROM provider_payout WHERE account = '{PLATFORM}'
        AND (created_at AT TIME ZONE 'UTC')::date <= $1
        AND (arrival_date > $1::date - 60 OR 'transit:' || id = ANY($2))
    ORDER BY arrival_date, id
"""
_CLOSED = "SELECT max(ends) FROM accounting_period WHERE status <> 'open'"


async def collect(until: date) -> Inputs:
    """Everything open by the end of a day, UTC, in the caller's transaction.

    That should see one moment (REPEATABLE READ): what is booked meanwhile is the next run's.
    """
    inside = connection()
    items = [Item(**{**row, "side": Side(row["side"])}) for row in await inside.fetch(ITEMS, until)]
    keys = [item.key for item in items if item.account == "transit"]
    return Inputs(
        until=until,
        rules=rules.VERSION,
        closed_through=await inside.fetchval(_CLOSED),
        items=await _with_claims(items),
        statuses=[PayoutFact(**row) for row in await inside.fetch(_STATUSES, until)],
        transits=[PayoutFact(**row) for row in await inside.fetch(_TRANSITS, until, keys)],
        cash=[
            Cash(**_as_text(row, "vendor_id")) for row in await inside.fetch(cash_sql.CASH, until)
        ],
        arrivals=await _arrivals(items),
    )


async def lines_of(key: str) -> list[Item]:
    """All lines of one thing as they are now, in the caller's transaction."""
    return [
        Item(**{**row, "side": Side(row["side"])}) for row in await connection().fetch(OF_KEY, key)
    ]


async def _arrivals(items: Sequence[Item]) -> list[Item]:
    """What was booked as arrived and may be taken back by one of these."""
    backs = [uuid.UUID(item.item.removeprefix("bank:")) for item in items if item.is_reversal]
    rows = await connection().fetch(ARRIVALS, backs) if backs else []
    return [Item(**{**row, "side": Side.BANK}) for row in rows]


async def _with_claims(items: Sequence[Item]) -> list[Item]:
    """The items, those of keys that we have nothing of with what they say they are."""
    booked = {item.key for item in items if item.side is Side.LEDGER}
    alone = {
        item.item: item for item in items if item.side is Side.PROVIDER and item.key not in booked
    }
    ids = [name.split(":")[1] for name in alone]
    claims = {row["item"]: row for row in await connection().fetch(_CLAIMS, ids)}
    return [
        item if item.item not in claims else _claimed(item, claims[item.item]) for item in items
    ]


def _claimed(item: Item, claim: Any) -> Item:
    known = claim["known"]
    rival = known if known is not None and known != item.key else None
    return replace(item, subject=claim["subject"], rival=rival)


def _as_text(row: Any, name: str) -> dict[str, Any]:
    return {**row, name: None if row[name] is None else str(row[name])}
