"""How vendors stand when they are to be paid: what is available, and what may be in the way."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.kit.money import Money
from marketplace.kit.transactions import connection
from settlement.connected.models import AccountState
from settlement.payouts.eligibility import Facts
from settlement.terms import reading

# An entry that is in no statement yet, whatever its number: numbers are given before commit.
FRESH = """
    SELECT entry.id, entry.account_id, entry.vendor_id, -entry.amount_minor AS amount_minor
    FROM ledger_entry entry
    WHERE entry.account_id = ANY($1) AND NOT EXISTS (
        SELECT 1 FROM statement_line line WHERE line.entry_id = entry.id)
"""
_STANDING = f"""
    WITH fresh AS (
        SELECT account_id, count(*) AS lines, sum(amount_minor)::bigint AS moved_minor
        FROM ({FRESH}) entry GROUP BY account_id
    )
    SELECT account.id AS account_id, account.vendor_id, account.currency,
        balance.credits_minor - balance.debits_minor AS available_minor,
        coalesce(fresh.lines, 0) AS lines, coalesce(fresh.moved_minor, 0) AS moved_minor,
        coalesce(last.number, 0) AS last_number, coalesce(last.closing_minor, 0) AS opening_minor,
        coalesce(last.cut_off, (
            SELECT min(booked.recorded_at) FROM ledger_entry entry
            JOIN ledger_transaction booked ON booked.id = entry.transaction_id
            WHERE entry.account_id = account.id), $2) AS opened_at,
        terms.minimums, terms.bank_cooling_days, connected.provider_account_id,
        connected.state AS account_state, connected.transfers_enabled, connected.payouts_enabled,
        connected.bank_changed_at,
        (SELECT reason FROM payout_freeze WHERE payout_freeze.vendor_id = account.vendor_id
            AND lifted_at IS NULL ORDER BY placed_at LIMIT 1) AS freeze_reason,
        EXISTS (SELECT 1 FROM payout WHERE payout.vendor_id = account.vendor_id
            AND payout.currency = account.currency AND state NOT IN ('paid', 'cancelled'))
            AS is_payout_under_way,
        EXISTS (SELECT 1 FROM payout_policy WHERE payout_policy.currency = account.currency)
            AS is_currency_paid
    FROM ledger_account account
    JOIN ledger_balance balance ON balance.account_id = account.id
    LEFT JOIN fresh ON fresh.account_id = account.id
    LEFT JOIN connected_account connected ON connected.vendor_id = account.vendor_id
    LEFT JOIN LATERAL (SELECT number, closing_minor, cut_off FROM statement
        WHERE statement.vendor_id = account.vendor_id AND statement.currency = account.currency
        ORDER BY number DESC LIMIT 1) last ON true
    CROSS JOIN LATERAL ({reading.HOLDING.format(vendor="account.vendor_id", at="$2")}) terms
    WHERE account.id = ANY($1) ORDER BY account.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One vendor's available account in one currency. Minor units, above zero for the vendor.

    `lines` entries that move `moved_minor` came since the last statement closed with
    `opening_minor`.
    """

    account_id: int
    vendor_id: UUID
    currency: str
    lines: int
    moved_minor: int
    last_number: int
    opening_minor: int
    opened_at: datetime
    facts: Facts

    @property
    def available_minor(self) -> int:
        return self.facts.available.minor


async def of_accounts(account_ids: Sequence[int], *, at: datetime) -> list[Standing]:
    """In account order. Lock the balances first where something is decided by it."""
    rows = await connection().fetch(_STANDING, list(account_ids), at)
    return [_standing(row) for row in rows]


def _standing(row: Any) -> Standing:
    state = row["account_state"]
    facts = Facts(
        available=Money(row["available_minor"], row["currency"]),
        minimum_minor=json.loads(row["minimums"]).get(row["currency"], 0),
        provider_account_id=row["provider_account_id"],
        account_state=None if state is None else AccountState(state),
        transfers_enabled=bool(row["transfers_enabled"]),
        payouts_enabled=bool(row["payouts_enabled"]),
        bank_changed_at=row["bank_changed_at"],
        bank_cooling_days=row["bank_cooling_days"],
        freeze_reason=row["freeze_reason"],
        is_payout_under_way=row["is_payout_under_way"],
        is_currency_paid=row["is_currency_paid"],
    )
    return Standing(
        account_id=row["account_id"],
        vendor_id=row["vendor_id"],
        currency=row["currency"],
        lines=row["lines"],
        moved_minor=row["moved_minor"],
        last_number=row["last_number"],
        opening_minor=row["opening_minor"],
        opened_at=row["opened_at"],
        facts=facts,
    )
