"""Vendors with accounts at the provider, and sales that are paid and shipped: in sets.

The sales are a customer's payment and an earning each, booked as a sale's are; carts, orders and
parcels are left out, for they are not what is measured.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from settlement import chart, ledger
from settlement.chart import Account
from settlement.ledger import Entry, Kind, Posting, Purpose
from settlement.reconciliation.provider_books import BookLine, ProviderBooks
from settlement.terms import changing
from settlement.terms.changing import Agreed
from settlement.terms.models import Schedule

CURRENCY, COUNTRY, ZONE = "EUR", "DE", "Europe/Berlin"
SALES = 3  # of each vendor
GROSS_MINOR, COMMISSION_MINOR = 20_00, 2_00  # of each sale
NET_MINOR = GROSS_MINOR - COMMISSION_MINOR
LARGEST_CHARGE_MINOR = 999_999_99
AFTER_FEES = 0.95  # of a charge; less than the provider leaves
CHUNK = 500  # postings in one transaction
AT_ONCE = 8
NO_LIMIT_MINOR = 10**12

_VENDORS = """
    INSERT INTO vendor (id, code, name, email, country, time_zone, created_at)
    SELECT id, 'bench-' || nth, 'Vendor ' || nth, nth || '@vendor.invalid', $2, $3, $4
    FROM unnest($1::uuid[]) WITH ORDINALITY AS item (id, nth)
"""
_ACCOUNTS = """
    INSERT INTO connected_account (vendor_id, provider_account_id, country, state,
        transfers_enabled, payouts_enabled, requirements, created_at, updated_at)
    SELECT item.*, $3, 'enabled', true, true, '[]', $4, $4
    FROM unnest($1::uuid[], $2::text[]) AS item
"""
_EARNINGS = """
    INSERT INTO earning (sub_order_id, order_id, vendor_id, currency, net_minor, terms_id, state,
        earned_at, delivered_at, matures_at)
    SELECT item.*, $4, $5, terms.id, 'pending', $6, $6, $7
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS item,
        (SELECT id FROM settlement_terms ORDER BY vendor_id, version DESC LIMIT 1) terms
"""


@dataclass(frozen=True, slots=True)
class Sale:
    vendor_id: UUID
    order_id: UUID
    sub_order_id: UUID


async def agree(now: datetime) -> None:
    """Everybody is paid every day, from the first cent, and one person approves any amount."""
    await changing.change(
        principal=SYSTEM,
        vendor_id=None,
        agreed=Agreed(
            maturity_days=0,
            undelivered_days=1,
            reserve_bps=0,
            reserve_days=0,
            schedule=Schedule.DAILY,
            schedule_days=[],
            minimums={},
            bank_cooling_days=0,
        ),
        note="For a bench",
        now=now,
    )
    await changing.change_policy(
        principal=SYSTEM,
        currency=CURRENCY,
        auto_approve_minor=0,
        second_approval_minor=NO_LIMIT_MINOR,
    )


async def add_vendors(count: int, *, now: datetime) -> dict[UUID, str]:
    """So many that can be paid, with the names of their accounts at the provider."""
    accounts = {(id_ := new_id(now)): f"acct_{id_.hex[-16:]}" for _ in range(count)}
    async with transaction(SYSTEM):
        run = connection().execute
        await run(_VENDORS, list(accounts), COUNTRY, ZONE, now)
        await run(_ACCOUNTS, list(accounts), list(accounts.values()), COUNTRY, now)
    return accounts


async def enroll(accounts: Sequence[str], sandbox: httpx.AsyncClient) -> None:
    """The provider knows these accounts too, and has asked all it wants to know."""
    free = asyncio.Semaphore(AT_ONCE)

    async def one(account: str) -> None:
        async with free:
            asked = {"id": account, "country": COUNTRY, "default_currency": CURRENCY.lower()}
            await _pull(sandbox, "accounts", asked)

    async with asyncio.TaskGroup() as group:
        for account in accounts:
            group.create_task(one(account))


async def charge_customers(
    vendors: int, sandbox: httpx.AsyncClient, books: ProviderBooks, *, now: datetime
) -> None:
    """Customers pay for all sales, in a few large charges; the provider keeps its fee."""
    left = int(vendors * SALES * GROSS_MINOR / AFTER_FEES)
    while left > 0:
        amount = min(left, LARGEST_CHARGE_MINOR)
        await _pull(sandbox, "charges", {"amount": amount, "currency": CURRENCY.lower()})
        left -= amount
    await _pull(sandbox, "balance/mature", {})
    lines = [line async for line in books.lines(None, created_from=None)]
    async with transaction(SYSTEM):
        await ledger.post_all([_charged(line, now) for line in lines], now=now)


async def sell(vendor_ids: Sequence[UUID], *, now: datetime) -> list[Sale]:
    """Some sales for each, earned a while ago and due to mature."""
    sales = [
        Sale(vendor_id, new_id(now), new_id(now)) for _ in range(SALES) for vendor_id in vendor_ids
    ]
    earned_at = now - timedelta(days=2)
    for start in range(0, len(sales), CHUNK):
        chunk = sales[start : start + CHUNK]
        async with transaction(SYSTEM):
            await ledger.post_all([earning(sale, now) for sale in chunk], now=now)
            await connection().execute(
                _EARNINGS,
                [sale.sub_order_id for sale in chunk],
                [sale.order_id for sale in chunk],
                [sale.vendor_id for sale in chunk],
                CURRENCY, NET_MINOR, earned_at, now - timedelta(days=1),
            )  # fmt: skip
    return sales


def earning(sale: Sale, now: datetime) -> Posting:
    """What a shipped sub-order books: three entries."""
    parts = (
        (chart.CUSTOMER_PREPAYMENTS, GROSS_MINOR, Purpose.SALE),
        (chart.vendor_pending(sale.vendor_id), -NET_MINOR, Purpose.SALE),
        (chart.COMMISSION, -COMMISSION_MINOR, Purpose.COMMISSION),
    )
    return Posting(
        kind=Kind.EARNING,
        key=f"earning:{sale.sub_order_id}",
        effective_date=now.date(),
        source_type="sub_order",
        source_id=sale.sub_order_id,
        entries=[_entry(*part, sale) for part in parts],
    )


def _entry(
    account: Account, amount_minor: int, purpose: Purpose, sale: Sale | None = None
) -> Entry:
    return Entry(
        account=account,
        amount_minor=amount_minor,
        currency=CURRENCY,
        purpose=purpose,
        order_id=None if sale is None else sale.order_id,
        sub_order_id=None if sale is None else sale.sub_order_id,
    )


def _charged(line: BookLine, now: datetime) -> Posting:
    parts = (
        (chart.PROVIDER_BALANCE, line.amount_minor - line.fee_minor, Purpose.PAYMENT),
        (chart.PROVIDER_FEES, line.fee_minor, Purpose.FEE),
        (chart.CUSTOMER_PREPAYMENTS, -line.amount_minor, Purpose.PAYMENT),
    )
    return Posting(
        kind=Kind.CAPTURE,
        key=f"capture:{line.source_id}",
        effective_date=now.date(),
        source_type="balance_transaction",
        source_id=new_id(now),
        entries=[_entry(*part) for part in parts],
    )


async def _pull(sandbox: httpx.AsyncClient, door: str, asked: Mapping[str, object]) -> Any:
    answer = await sandbox.post(f"/_sandbox/{door}", json=asked)
    answer.raise_for_status()
    return answer.json()
