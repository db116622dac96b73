"""Vendors with money, and accounts to send it to, without the sales behind it."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

from marketplace.accounts.models import Vendor
from marketplace.kit.ids import new_id
from marketplace.kit.principal import Kind as PrincipalKind
from marketplace.kit.principal import Principal, StaffRole
from marketplace.kit.transactions import connection
from settlement import chart, ledger
from settlement.ledger import Entry, Kind, Posting, Purpose

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)  # a Monday

_VENDORS = """
    INSERT INTO vendor (id, code, name, email, country, time_zone, created_at)
    SELECT id, 'v' || right(replace(id::text, '-', ''), 12), 'Kiln', 'kiln@example.com', 'DE',
        'Europe/Berlin', $2
    FROM unnest($1::uuid[]) AS id
"""
_ACCOUNTS = """
    INSERT INTO connected_account (vendor_id, provider_account_id, country, state,
        transfers_enabled, payouts_enabled, requirements, created_at, updated_at)
    SELECT id, 'acct_' || right(replace(id::text, '-', ''), 12), 'DE', 'enabled', true, true, '[]',
        $2, $2
    FROM unnest($1::uuid[]) AS id
"""


def staff(role: StaffRole) -> Principal:
    return Principal(PrincipalKind.STAFF, id=uuid4(), roles=frozenset({role}))


async def make_vendors(count: int, *, connected: bool = True) -> list[UUID]:
    """Vendors, with accounts that can be paid unless told otherwise."""
    ids = [new_id(NOW) for _ in range(count)]
    await connection().execute(_VENDORS, ids, NOW)
    if connected:
        await connect(ids)
    return ids


async def connect(vendor_ids: Sequence[UUID]) -> None:
    """An account at the provider that can be paid."""
    await connection().execute(_ACCOUNTS, vendor_ids, NOW)


async def make_vendor(*, connected: bool = True) -> Vendor:
    [vendor_id] = await make_vendors(1, connected=connected)
    return await Vendor.get(id=vendor_id)


async def credit(
    vendor_ids: Iterable[UUID], minor: int, *, currency: str = "USD", now: datetime = NOW
) -> None:
    """So much becomes available to each of them; below zero they owe it."""
    await ledger.post_all(
        [
            Posting(
                kind=Kind.ADJUSTMENT,
                key=f"adjustment:{(adjustment := uuid4())}",
                effective_date=now.date(),
                source_type="adjustment",
                source_id=adjustment,
                entries=[
                    Entry(
                        account=account,
                        amount_minor=amount,
                        currency=currency,
                        purpose=Purpose.GOODWILL,
                    )
                    for account, amount in (
                        (chart.GOODWILL, minor),
                        (chart.vendor_available(vendor_id), -minor),
                    )
                ],
            )
            for vendor_id in vendor_ids
        ],
        now=now,
    )
