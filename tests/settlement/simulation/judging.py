"""What must hold when the dust of a story has settled, beside every invariant of the books.

The provider's side is read out of the sandbox's own file: other code wrote it.
"""

import json
import sqlite3
from typing import Any

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from settlement.invariants import checking
from tests.settlement.simulation.play import Play, Violated

_BALANCES = """
    SELECT account.code, connected.provider_account_id AS account,
        sum(entry.amount_minor)::bigint AS minor
    FROM ledger_entry entry JOIN ledger_account account ON account.id = entry.account_id
    LEFT JOIN connected_account connected ON connected.vendor_id = account.vendor_id
    WHERE account.code IN ('1120', '1130', '1140') GROUP BY 1, 2
"""
_UNTAKEN = """
    SELECT event.name, consumer, attempts, last_error FROM delivery
    JOIN outbox_event event ON event.id = event_id
    WHERE done_at IS NULL AND consumer <> 'mail'
"""
_UNKNOWN = """
    SELECT kind, state, attempts, last_error FROM provider_operation
    WHERE state IN ('planned', 'sent') AND kind NOT IN ('transfer', 'transfer_reversal', 'payout')
        AND NOT (kind = 'refund' AND result_id IS NOT NULL)
"""
_PAYOUTS = """
    SELECT id, vendor_id, amount_minor - taken_back_minor AS left_minor, state FROM payout
"""
# Each reason not to pay, looked for in what was true when the payout was drafted.
_NOT_TO_BE_PAID = """
    SELECT payout.id, 'frozen' AS why FROM payout JOIN payout_freeze
        ON payout_freeze.vendor_id = payout.vendor_id AND placed_at <= payout.created_at
        AND coalesce(lifted_at, 'infinity') > payout.created_at
    UNION ALL
    SELECT payout.id, 'closing is ' || closing_minor FROM payout
    JOIN statement ON statement.id = statement_id WHERE closing_minor <> payout.amount_minor
    UNION ALL
    SELECT payout.id, 'below the minimum' FROM payout JOIN settlement_terms terms
        ON terms.vendor_id = payout.vendor_id AND terms.valid_from <= payout.created_at
    WHERE payout.amount_minor < coalesce((terms.minimums->>payout.currency)::bigint, 0)
    UNION ALL
    SELECT one.id, 'another one was under way' FROM payout one JOIN payout other
        ON (one.vendor_id, one.currency) = (other.vendor_id, other.currency)
        AND one.id <> other.id AND other.created_at < one.created_at
        AND coalesce(other.paid_at, (SELECT max(at) FROM settlement_change
            WHERE subject_id = other.id AND to_state IN ('paid', 'cancelled', 'returned')),
            'infinity') > one.created_at
    UNION ALL
    SELECT posting.source_id, 'reserved ' || amount || ' more than there was' FROM (
        SELECT entry.transaction_id, sum(amount_minor) OVER (
            PARTITION BY account_id ORDER BY entry.id) AS amount
        FROM ledger_entry entry JOIN ledger_account account ON account.id = account_id
        WHERE code = '2120') run
    JOIN ledger_transaction posting ON posting.id = run.transaction_id
    WHERE posting.kind = 'payout_reserved' AND amount > 0
"""
# Nothing is left of a sub-order that went back whole, unless a bank decided otherwise.
_NOT_ZERO = """
    SELECT number, code, minor FROM (
        SELECT sub_order_id, CASE WHEN code LIKE '21%' THEN 'vendor' ELSE code END AS code,
            sum(amount_minor)::bigint AS minor
        FROM ledger_entry entry JOIN ledger_account account ON account.id = account_id
        JOIN ledger_transaction posting ON posting.id = transaction_id
        WHERE code IN ('2010', '2110', '2120', '2130', '2150', '2210', '2220', '4110', '6110')
        GROUP BY 1, 2
    ) left_over JOIN sub_order ON sub_order.id = sub_order_id
    WHERE minor <> 0 AND NOT EXISTS (SELECT 1 FROM dispute_share JOIN dispute
            ON dispute.id = dispute_id WHERE dispute_share.sub_order_id = sub_order.id)
        AND sub_order.total_minor = (SELECT sum(line.gross_minor) FROM refund_line line
            JOIN refund ON refund.id = line.refund_id
            WHERE line.sub_order_id = sub_order.id AND refund.state IN ('succeeded', 'settled'))
"""


async def judge(play: Play) -> None:
    """Raises Violated with everything that is wrong."""
    async with transaction(SYSTEM, isolation="REPEATABLE READ", read_only=True) as connection:
        report = await checking.check_all(connection)
    wrong = [f"{one.check}: {one.subject}: {one.detail}" for one in report.violations]
    wrong += [f"never taken: {_said(row)}" for row in await play.fetch(_UNTAKEN)]
    wrong += [f"still unknown: {_said(row)}" for row in await play.fetch(_UNKNOWN)]
    wrong += [f"not to be paid: {_said(row)}" for row in await play.fetch(_NOT_TO_BE_PAID)]
    wrong += [f"refunded whole, yet left: {_said(row)}" for row in await play.fetch(_NOT_ZERO)]
    wrong += await _books(play)
    wrong += await _paid_once(play)
    if wrong:
        raise Violated("\n".join(wrong))


async def _books(play: Play) -> list[str]:
    """1120, 1130 and 1140 are what the provider says it keeps for us and for each vendor."""
    theirs = await play.world.sandbox.books()
    if not theirs["agrees"]:
        return ["the sandbox's books do not agree with themselves"]
    said: dict[tuple[str, str | None], int] = {}
    own = theirs["currencies"].get("eur", {})
    said["1120", None], said["1130", None] = own.get("balance", 0), own.get("reserved", 0)
    for account, books in theirs["connected"].items():
        said["1140", account] = books["currencies"].get("eur", {}).get("balance", 0)
    kept = {(row["code"], row["account"]): row["minor"] for row in await play.fetch(_BALANCES)}
    return [
        f"{code} {account or ''}: ours {kept.get((code, account), 0)}, theirs {minor}"
        for (code, account), minor in (dict.fromkeys(kept, 0) | said).items()
        if kept.get((code, account), 0) != minor
    ]


async def _paid_once(play: Play) -> list[str]:
    """Money out once: what left at the provider for each payout is what its state says."""
    file = play.world.sandbox.config.data_file
    moved = _objects(file, "transfer")
    sent = _objects(file, "payout")
    wrong = []
    for payout in await play.fetch(_PAYOUTS):
        transfers = [
            one["amount"] - one["amount_reversed"]
            for one in moved.pop(str(payout["id"]), [])
            if one["amount"] > one["amount_reversed"]
        ]
        banked = [
            one["amount"] for one in sent.pop(str(payout["id"]), [])
            if one["status"] in ("pending", "in_transit", "paid") and not one["reversed_by"]
        ]  # fmt: skip
        there, arrived = [payout["left_minor"]], payout["state"] in ("sent", "paid")
        if payout["state"] in ("draft", "approved", "reserved", "cancelled"):
            there = []
        if transfers != there or banked != (there if arrived else []):
            wrong.append(f"{_said(payout)}: transferred {transfers}, with the bank {banked}")
    rest = [one for each in (*moved.values(), *sent.values()) for one in each]
    # What brings a returned payout back is a payout of its own.
    ours = [one for one in rest if not one.get("original_payout")]
    return wrong + [f"nobody's: {one['id']} of {one['amount']}" for one in ours]


def _objects(file: Any, kind: str) -> dict[str, list[Any]]:
    """By our payout, as the sandbox has written them down."""
    found: dict[str, list[Any]] = {}
    reading = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        for (body,) in reading.execute("SELECT body FROM objects WHERE type = ?", (kind,)):
            one = json.loads(body)
            found.setdefault(one["metadata"].get("payout_id", ""), []).append(one)
    finally:
        reading.close()
    return found


def _said(row: Any) -> str:
    return ", ".join(f"{name} {value}" for name, value in row.items())
