"""Every seller of a replay gets what its history says: a script over raw rows and files.

    python tests/replay/sellers.py DIR URL BOOKS [--limit N]

For each seller: paid out + still owed + held back = sales + freight - commission - the tax on it,
less what was canceled. The right side is added up from the history's files, the left side from
the rows of payouts and ledger entries; what was paid out is compared with the books of the
provider's stand-in, which are kept in a file of its own. Shares no code with the product.
"""

import argparse
import asyncio
import json
import sqlite3
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import asyncpg

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.replay.expected import Row, commissions, rows

_PAID = """
    SELECT vendor.code, coalesce(sum(payout.amount_minor), 0)::bigint AS minor
    FROM vendor LEFT JOIN payout ON payout.vendor_id = vendor.id AND payout.state = 'paid'
    GROUP BY vendor.code
"""
_OWED = """
    SELECT vendor.code, coalesce(-sum(entry.amount_minor), 0)::bigint AS minor
    FROM vendor LEFT JOIN ledger_account account
        ON account.vendor_id = vendor.id AND account.code LIKE '21%'
    LEFT JOIN ledger_entry entry ON entry.account_id = account.id
    GROUP BY vendor.code
"""
_ACCOUNTS = """
    SELECT account.provider_account_id, vendor.code
    FROM connected_account account JOIN vendor ON vendor.id = account.vendor_id
"""
# What arrived at a bank account, as the provider's stand-in keeps it.
_ARRIVED = "SELECT account, body FROM objects WHERE type = 'payout'"


def earned(directory: Path, limit: int | None) -> dict[str, int]:
    """What each seller has a right to, in minor units, from the files alone."""
    orders = sorted(
        rows(directory / "olist_orders.csv"), key=lambda row: row["order_purchase_timestamp"]
    )[:limit]
    kept = {row["order_id"] for row in orders if row["order_status"] != "canceled"}
    known = {row["order_id"] for row in orders}
    items: defaultdict[str, list[Row]] = defaultdict(list)
    sellers = set()
    for row in rows(directory / "olist_order_items.csv"):
        if row["order_id"] in known:
            sellers.add(row["seller_id"])
        if row["order_id"] in kept:
            items[row["seller_id"]].append(row)
    return {seller: _net(items[seller]) for seller in sellers}


def _net(items: list[Row]) -> int:
    sold = sum((Decimal(row["price"]) + Decimal(row["freight_value"]) for row in items), Decimal(0))
    return int((sold - sum(commissions(items))) * 100)


async def booked(database_url: str) -> tuple[dict[str, int], dict[str, int], dict[str, str]]:
    """Paid out and still owed by seller, and whose each account at the provider is."""
    connection = await asyncpg.connect(database_url)
    try:
        paid = {row["code"]: row["minor"] for row in await connection.fetch(_PAID)}
        owed = {row["code"]: row["minor"] for row in await connection.fetch(_OWED)}
        accounts = {
            row["provider_account_id"]: row["code"] for row in await connection.fetch(_ACCOUNTS)
        }
    finally:
        await connection.close()
    return paid, owed, accounts


def arrived(books: Path, accounts: dict[str, str]) -> dict[str, int]:
    """What the provider's stand-in says it paid to whom."""
    totals: defaultdict[str, int] = defaultdict(int)
    with sqlite3.connect(books) as connection:
        for account, body in connection.execute(_ARRIVED):
            payout = json.loads(body)
            if payout["status"] == "paid" and account in accounts:
                totals[accounts[account]] += payout["amount"]
    return totals


def differences(
    wanted: dict[str, int], paid: dict[str, int], owed: dict[str, int], sent: dict[str, int]
) -> list[str]:
    """One sentence for each seller whose money does not add up."""
    found = []
    for seller in sorted(wanted.keys() | paid.keys()):
        right = wanted.get(seller, 0)
        left = paid.get(seller, 0) + owed.get(seller, 0)
        if left != right:
            found.append(f"{seller}: {left} paid or owed, the files say {right}")
        if paid.get(seller, 0) != sent.get(seller, 0):
            found.append(f"{seller}: {paid.get(seller, 0)} paid, the provider {sent.get(seller)}")
    return found


def compare(directory: Path, limit: int | None, database_url: str, books: Path) -> list[str]:
    paid, owed, accounts = asyncio.run(booked(database_url))
    wanted = earned(directory, limit)
    found = differences(wanted, paid, owed, arrived(books, accounts))
    sys.stdout.write(
        f"{len(wanted)} sellers, {sum(wanted.values())} earned, {sum(paid.values())} paid out, "
        f"{sum(owed.values())} still owed, {len(found)} differ\n"
    )
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path, metavar="DIR")
    parser.add_argument("database_url", metavar="URL", help="the owner's, who sees all rows")
    parser.add_argument("books", type=Path, help="the file of the provider's stand-in")
    parser.add_argument("--limit", type=int)
    asked = parser.parse_args()
    found = compare(asked.directory, asked.limit, asked.database_url, asked.books)
    sys.stdout.writelines(f"{difference}\n" for difference in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
