"""Where money came from, and where it went: captures before, statements and payouts after."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from marketplace.kit.money import Money
from marketplace.kit.transactions import connection
from settlement.chart import VENDOR_AVAILABLE_CODE, VENDOR_PENDING_CODE
from settlement.explaining.nodes import Node, facts
from settlement.explaining.posted import Posted
from settlement.reconciliation import sides
from settlement.reconciliation.sides import Side

_BOOKS = {Side.LEDGER: "Posting", Side.PROVIDER: "Provider's line", Side.BANK: "Bank line"}

# A vendor sees none of it: what a customer paid with is the platform's business.
_CAPTURES = """
    SELECT capture.id, capture.amount_minor, capture.fee_minor, capture.currency,
        capture.charge_id, capture.balance_transaction_id, capture.captured_at,
        payment_attempt.intent_id, orders.number
    FROM capture JOIN orders ON orders.id = capture.order_id
    LEFT JOIN payment_attempt ON payment_attempt.id = capture.attempt_id
    WHERE capture.order_id = $1 ORDER BY capture.captured_at
"""
# The entry that made it available: itself, or the maturity of its sub-order that came after it.
_MADE_AVAILABLE = """
    SELECT entry.id FROM ledger_entry entry
    JOIN ledger_account account ON account.id = entry.account_id
    JOIN ledger_transaction booked ON booked.id = entry.transaction_id
    WHERE account.code = '2120' AND booked.kind = 'matured' AND entry.vendor_id = $1
        AND entry.sub_order_id = $2 AND entry.currency = $3 AND entry.id > $4
    ORDER BY entry.id LIMIT 1
"""
_STATEMENTS = """
    SELECT statement.*, payout.id AS payout_id FROM statement_line
    JOIN statement ON statement.id = statement_line.statement_id
    LEFT JOIN payout ON payout.statement_id = statement.id
    WHERE statement_line.entry_id = $1
"""
_PAYOUTS = """
    SELECT payout.*, batch.number AS batch_number, batch.cycle
    FROM payout LEFT JOIN payout_batch batch ON batch.id = payout.batch_id WHERE payout.id = $1
"""

# What somebody decided, or somebody else's bank did.
_ADJUSTMENT = """
    SELECT kind, note, reference, proposed_by, decided_by FROM adjustment WHERE id = $1
"""
# What reconciliation found in the other books for the same posting and account.
_MATCHED = """
    SELECT other.item FROM matched_item own JOIN matched_item other USING (match_id)
    WHERE own.item = $1 AND other.item <> own.item ORDER BY other.item
"""
_BANK_LINE = "SELECT 'bank:' || id AS item FROM bank_line WHERE id = $1"
_INTERNAL = frozenset({"proposed_by", "decided_by", "charge_id", "provider_dispute_id"})
_DISPUTE = """
    SELECT provider_dispute_id, charge_id, reason, status, liable, opened_at FROM dispute
    WHERE id = $1
"""


async def decided_by(entry: Posted, *, for_platform: bool) -> list[Node]:
    """The adjustment or the dispute that an entry was booked for.

    A vendor reads what and why, not who of the staff or which charge.
    """
    if entry.source_type == "adjustment":
        row = await connection().fetchrow(_ADJUSTMENT, entry.source_id)
    elif entry.source_type == "dispute":
        row = await connection().fetchrow(_DISPUTE, entry.source_id)
    else:
        return []
    if row is None:
        return []
    return [
        Node(
            kind=entry.source_type,
            title=entry.source_type.capitalize(),
            id=str(entry.source_id),
            facts=facts(
                **{
                    name: value
                    for name, value in row.items()
                    if for_platform or name not in _INTERNAL
                }
            ),
        )
    ]


async def other_books(entry: Posted) -> list[Node]:
    """The provider's and the bank's own lines of it, as far as they were reconciled.

    A bank line that was booked itself is found without a match. A vendor sees none of them.
    """
    own = f"ledger:{entry.transaction_id}:{entry.code}:{entry.currency}"
    rows = await connection().fetch(_MATCHED, own)
    if entry.source_type == "bank_line":
        rows = [*rows, *await connection().fetch(_BANK_LINE, entry.source_id)]
    found = dict.fromkeys(row["item"] for row in rows)
    return [
        Node(
            kind=f"{line.side}_line",
            title=f"{_BOOKS[line.side]} {line.reference}".strip(),
            id=line.item,
            amount=line.amount,
            facts=facts(day=line.day, says=line.words),
        )
        for line in await sides.lines(list(found))
    ]


async def came_from(order_ids: Iterable[UUID | None]) -> list[Node]:
    """The charges of these orders with the provider's names for them."""
    found = []
    for order_id in sorted({order_id for order_id in order_ids if order_id is not None}):
        found += [_capture(row) for row in await connection().fetch(_CAPTURES, order_id)]
    return found


async def went_to(entry: Posted) -> list[Node]:
    """The statement a vendor's entry is in, and the payout of it; nothing while it waits."""
    available = entry.id
    if entry.source_type == "payout":
        return [await payout(entry.source_id)]
    if entry.code == VENDOR_PENDING_CODE:
        available = await connection().fetchval(
            _MADE_AVAILABLE, entry.vendor_id, entry.sub_order_id, entry.currency, entry.id
        )
    elif entry.code != VENDOR_AVAILABLE_CODE:
        return []
    return [await _statement(row) for row in await connection().fetch(_STATEMENTS, available)]


async def payout(payout_id: UUID) -> Node:
    """How far a payout has come: the transfer, the provider's payout, the bank's trace."""
    row = await connection().fetchrow(_PAYOUTS, payout_id)
    assert row is not None, payout_id
    amount = Money(row["amount_minor"], row["currency"])
    steps = []
    if row["transfer_id"]:
        steps.append(
            Node(
                kind="transfer",
                title=f"Transfer {row['transfer_id']}",
                amount=amount,
                facts=facts(to=row["provider_account_id"]),
            )
        )
    if row["provider_payout_id"]:
        steps.append(
            Node(
                kind="provider_payout",
                title=f"Payout {row['provider_payout_id']} to the vendor's bank",
                amount=amount,
                facts=facts(
                    attempt=row["attempt"],
                    arrival=row["arrival_date"],
                    trace=row["trace_id"],
                    failure=row["failure_code"],
                ),
            )
        )
    return Node(
        kind="payout",
        title=f"Payout, {row['state']}",
        id=str(row["id"]),
        amount=amount,
        facts=facts(
            batch=row["batch_number"],
            cycle=row["cycle"],
            paid=row["paid_at"],
            final=row["final_at"],
        ),
        children=steps,
    )


async def _statement(row: Any) -> Node:
    paid = [] if row["payout_id"] is None else [await payout(row["payout_id"])]
    return Node(
        kind="statement",
        title=f"Statement {row['number']}",
        id=str(row["id"]),
        amount=Money(row["closing_minor"], row["currency"]),
        facts=facts(opening=Money(row["opening_minor"], row["currency"]), cut_off=row["cut_off"]),
        children=paid,
    )


def _capture(row: Any) -> Node:
    fee = None if row["fee_minor"] is None else Money(row["fee_minor"], row["currency"])
    return Node(
        kind="capture",
        title=f"Customer's payment of {row['number']}",
        id=str(row["id"]),
        amount=Money(row["amount_minor"], row["currency"]),
        facts=facts(
            charge=row["charge_id"],
            intent=row["intent_id"],
            balance_transaction=row["balance_transaction_id"],
            fee=fee,
            captured=row["captured_at"],
        ),
    )
