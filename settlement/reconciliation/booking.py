"""Postings that reconciliation makes: each under a key of its own, dated in an open month."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from marketplace.kit.transactions import connection
from settlement import chart, ledger
from settlement.chart import Account
from settlement.ledger import Entry, Kind, Purpose

# Platform payouts come out of the provider's book line by line: sent, failed, taken back.
_PAYOUT_LINES = """
    SELECT line.id, coalesce(line.related_id, line.source_id) AS payout_id, line.net_minor,
        line.currency, (line.created_at AT TIME ZONE 'UTC')::date AS day
    FROM provider_transaction line
    WHERE line.account = 'platform' AND line.type IN ('payout', 'payout_failure', 'payout_cancel')
        AND NOT EXISTS (SELECT 1 FROM ledger_transaction booked WHERE booked.idempotency_key =
            'platform_payout:' || coalesce(line.related_id, line.source_id) || ':' || line.id)
    ORDER BY line.created_at, line.id
"""
_BOOKED = "SELECT id FROM ledger_transaction WHERE idempotency_key = $1"
# A month that nothing was dated in before is closed too when a later one is.
_CLOSED = """
    SELECT EXISTS (SELECT 1 FROM accounting_period WHERE ends >= $1
        AND (status = 'closed' OR status <> 'open' AND starts <= $1))
"""


@dataclass(frozen=True, slots=True)
class Source:
    """What a posting is about."""

    type: str
    id: UUID

    @classmethod
    def named(cls, type_: str, name: str) -> "Source":
        """Something that has no id of ours, by the provider's: always the same."""
        return cls(type_, uuid5(NAMESPACE_URL, name))


async def book_platform_payouts(*, now: datetime) -> int:
    """Book what the provider paid to our own bank, or took back, and we have not: posting 29.

    In the caller's transaction; how many lines that were. Beside itself it books each once.
    """
    lines = await connection().fetch(_PAYOUT_LINES)
    for line in lines:
        await book(
            kind=Kind.PLATFORM_PAYOUT,
            key=f"platform_payout:{line['payout_id']}:{line['id']}",
            day=line["day"],
            source=Source.named("platform_payout", line["payout_id"]),
            currency=line["currency"],
            moves={
                chart.PROVIDER_BALANCE: line["net_minor"],
                chart.PLATFORM_IN_TRANSIT: -line["net_minor"],
            },
            purpose=Purpose.PAYOUT,
            now=now,
        )
    return len(lines)


async def book(
    *,
    kind: Kind,
    key: str,
    day: date,
    source: Source,
    currency: str,
    moves: Mapping[Account, int],
    purpose: Purpose,
    now: datetime,
) -> UUID | None:
    """One posting whose entries are all for one purpose, in one currency; see book_entries."""
    entries = [
        Entry(account=account, amount_minor=amount, currency=currency, purpose=purpose)
        for account, amount in moves.items()
    ]
    return await book_entries(kind=kind, key=key, day=day, source=source, entries=entries, now=now)


async def book_entries(
    *,
    kind: Kind,
    key: str,
    day: date,
    source: Source,
    entries: Sequence[Entry],
    now: datetime,
) -> UUID | None:
    """Once for each key. What belongs to a closed month is dated today and says so in its purpose;
    what was booked under the key already stays as it is."""
    booked: UUID | None = await connection().fetchval(_BOOKED, key)
    if booked is not None:
        return booked
    dated_on, is_late = await dated(day, now=now)
    return await ledger.post(
        kind=kind,
        key=key,
        effective_date=dated_on,
        source_type=source.type,
        source_id=source.id,
        entries=[
            replace(entry, purpose=Purpose.PRIOR_PERIOD) if is_late else entry for entry in entries
        ],
        now=now,
    )


async def dated(day: date, *, now: datetime) -> tuple[date, bool]:
    """The day to date a posting with: its own, or today where its month is closed; and which."""
    is_late = bool(await connection().fetchval(_CLOSED, day))
    return (now.astimezone(UTC).date() if is_late else day), is_late
