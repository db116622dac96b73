"""What stands behind money that only moved: a maturity, a reserve, a payout."""

from typing import Any

from marketplace.kit.money import Money
from marketplace.kit.transactions import connection
from settlement.chart import VENDOR_PENDING_CODE
from settlement.explaining.nodes import Node, facts, rate
from settlement.explaining.posted import Posted, posted
from settlement.ledger import Kind

# What waited of a sub-order until this maturity, and since the one before it.
_WAITED = """
    account.code = $1 AND entry.vendor_id = $2 AND entry.currency = $3
    AND entry.sub_order_id = $4 AND booked.kind <> 'matured' AND entry.id < $5
    AND entry.id > coalesce((SELECT max(earlier.id) FROM ledger_entry earlier
        JOIN ledger_transaction before ON before.id = earlier.transaction_id
        WHERE before.kind = 'matured' AND earlier.sub_order_id = $4
            AND before.seq < $6), 0)
"""
_RESERVE = """
    SELECT hold.amount_minor, hold.released_minor, hold.used_minor, hold.release_at,
        earning.net_minor, terms.reserve_bps, terms.version
    FROM reserve_hold hold JOIN earning USING (sub_order_id)
    LEFT JOIN settlement_terms terms ON terms.id = earning.terms_id
    WHERE hold.sub_order_id = $1
"""
_STATEMENT = """
    SELECT statement.id, statement.number, statement.opening_minor, statement.currency,
        statement.closing_minor
    FROM payout JOIN statement ON statement.id = payout.statement_id WHERE payout.id = $1
"""
_OF_STATEMENT = """
    entry.id IN (SELECT entry_id FROM statement_line WHERE statement_id = $1)
"""


async def of_a_maturity(entry: Posted) -> list[Node]:
    """The entries that waited, with the sign they have on this side of the move."""
    first = min(one.id for one in await posted("booked.id = $1", entry.transaction_id))
    waited = await posted(
        _WAITED, VENDOR_PENDING_CODE, entry.vendor_id, entry.currency, entry.sub_order_id, first,
        entry.seq,
    )  # fmt: skip
    sign = -1 if entry.code == VENDOR_PENDING_CODE else 1
    return [one.node(amount=Money(sign * one.minor, one.currency)) for one in waited]


async def of_a_reserve(entry: Posted) -> list[Node] | None:
    """The share of an earning that the terms of that time keep back."""
    row = await connection().fetchrow(_RESERVE, entry.sub_order_id)
    if row is None:
        return None
    return [
        Node(
            kind="reserve",
            title=f"Reserve of {entry.sub_order_number}",
            amount=entry.amount,
            facts=facts(
                held=Money(row["amount_minor"], entry.currency),
                of=Money(row["net_minor"], entry.currency),
                rate=None if row["reserve_bps"] is None else rate(row["reserve_bps"] * 100),
                terms_version=row["version"],
                released=Money(row["released_minor"], entry.currency),
                used=Money(row["used_minor"], entry.currency),
                release=row["release_at"].date(),
            ),
        )
    ]


async def of_a_payout(entry: Posted) -> list[Node] | None:
    """What the statement that it pays says: opening, and each line since."""
    statement = await connection().fetchrow(_STATEMENT, entry.source_id)
    if statement is None or abs(entry.minor) != statement["closing_minor"]:
        return None
    sign = 1 if entry.minor > 0 else -1
    return await lines_of(statement, sign=sign)


async def lines_of(statement: Any, *, sign: int = 1) -> list[Node]:
    """A statement's opening and lines, which add up to its closing."""
    currency = statement["currency"]
    opening = Node(
        kind="statement",
        title=f"Opening of statement {statement['number']}",
        id=str(statement["id"]),
        amount=Money(sign * statement["opening_minor"], currency),
    )
    lines = await posted(_OF_STATEMENT, statement["id"])
    return [opening, *(one.node(amount=Money(sign * one.minor, currency)) for one in lines)]


OF_MATURITY = frozenset({Kind.MATURED})
OF_RESERVE = frozenset({Kind.RESERVE_HELD, Kind.RESERVE_RELEASED, Kind.RESERVE_USED})
OF_PAYOUT = frozenset(
    {
        Kind.PAYOUT_RESERVED,
        Kind.PAYOUT_CANCELLED,
        Kind.TRANSFER,
        Kind.TRANSFER_REVERSAL,
        Kind.PAYOUT_SENT,
        Kind.PAYOUT_FAILED,
        Kind.PAYOUT_PAID,
        Kind.PAYOUT_RETURNED,
    }
)
