"""From whatever name of it a person has to the thing that can be explained."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from marketplace.kit.errors import NotFound
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import transaction
from settlement import access

MOST_DIGITS = 18  # of an entry's number

# $1 is as typed, $2 an entry's number, $3 an id of ours.
_FIND = """
    SELECT 'entries' AS place, entry.id::text AS name FROM ledger_entry entry WHERE entry.id = $2
    UNION ALL
    SELECT 'orders', number FROM orders WHERE number = upper($1)
    UNION ALL
    SELECT 'orders', number FROM sub_order WHERE number = upper($1)
    UNION ALL
    SELECT 'payouts', id::text FROM payout
    WHERE id = $3 OR transfer_id = $1 OR provider_payout_id = $1
    UNION ALL
    SELECT 'postings', id::text FROM ledger_transaction WHERE id = $3
    UNION ALL
    SELECT 'orders', orders.number FROM orders WHERE orders.id = $3 OR orders.id IN (
        SELECT order_id FROM capture WHERE charge_id = $1 OR balance_transaction_id = $1
        UNION ALL
        SELECT capture.order_id FROM payment_attempt
        JOIN capture ON capture.attempt_id = payment_attempt.id
        WHERE payment_attempt.intent_id = $1
        UNION ALL
        SELECT order_id FROM refund WHERE provider_refund_id = $1 OR id = $3
        UNION ALL
        SELECT order_id FROM dispute WHERE provider_dispute_id = $1 OR id = $3)
    LIMIT 1
"""


class Place(StrEnum):
    ENTRIES = "entries"
    ORDERS = "orders"
    PAYOUTS = "payouts"
    POSTINGS = "postings"


@dataclass(frozen=True, slots=True)
class Found:
    """`name` is what the explanation at that place is asked for by."""

    place: Place
    name: str


async def find(*, principal: Principal, words: str) -> Found:
    """An order's number, an entry's, our id or the provider's. Refuses (NotFound) anything else,
    and who is not finance."""
    access.check_viewer(principal, "explain amounts")
    typed = words.strip()
    is_number = typed.isascii() and typed.isdigit() and len(typed) <= MOST_DIGITS
    async with transaction(principal, read_only=True) as connection:
        row = await connection.fetchrow(
            _FIND, typed, int(typed) if is_number else None, _uuid(typed)
        )
    if row is None:
        raise NotFound("amount")
    return Found(Place(row["place"]), row["name"])


def _uuid(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None
