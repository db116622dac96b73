"""Lines of the three books by the names that matches and breaks keep."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from marketplace.kit.money import Money
from marketplace.kit.transactions import connection


class Side(StrEnum):
    LEDGER = "ledger"
    PROVIDER = "provider"
    BANK = "bank"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of one book. `reference` is the book's own id of it, to be looked up there."""

    item: str
    side: Side
    reference: str
    day: date
    amount: Money
    words: str


_LEDGER = """
    SELECT concat_ws(':', 'ledger', posted.id, account.code, account.currency) AS item,
        posted.idempotency_key AS reference, posted.effective_date AS day,
        sum(entry.amount_minor)::bigint AS amount, account.currency, posted.kind AS words
    FROM ledger_transaction posted
    JOIN ledger_entry entry ON entry.transaction_id = posted.id
    JOIN ledger_account account ON account.id = entry.account_id
    JOIN unnest($1::uuid[], $2::text[], $3::text[]) wanted (id, code, currency)
        ON (wanted.id, wanted.code, wanted.currency)
            = (posted.id, account.code, account.currency)
    GROUP BY posted.id, account.code, account.currency ORDER BY posted.seq
"""
_PROVIDER = """
    SELECT 'provider:' || id AS item, id AS reference, (created_at AT TIME ZONE 'UTC')::date AS day,
        net_minor AS amount, currency, concat_ws(' ', type, source_id, description) AS words
    FROM provider_transaction WHERE id = ANY($1) ORDER BY created_at, id
"""
_BANK = """
    SELECT 'bank:' || id AS item, reference, booked_on AS day, amount_minor AS amount, currency,
        concat_ws(' ', text, counterparty) AS words
    FROM bank_line WHERE id = ANY($1::uuid[]) ORDER BY booked_on, id
"""


async def lines(items: Sequence[str]) -> list[Line]:
    """What these items are, in the caller's transaction; the ledger's first, then the others'."""
    of_side: dict[Side, list[str]] = {side: [] for side in Side}
    for item in items:
        side, _, reference = item.partition(":")
        of_side[Side(side)].append(reference)
    postings = [name.split(":") for name in of_side[Side.LEDGER]]
    ids, codes, currencies = ([named[place] for named in postings] for place in range(3))
    provided = [name.split(":")[0] for name in of_side[Side.PROVIDER]]
    asked = (
        (Side.LEDGER, _LEDGER, ([UUID(one) for one in ids], codes, currencies)),
        (Side.PROVIDER, _PROVIDER, (provided,)),
        (Side.BANK, _BANK, ([UUID(one) for one in of_side[Side.BANK]],)),
    )
    return [
        Line(
            item=row["item"],
            side=side,
            reference=row["reference"],
            day=row["day"],
            amount=Money(row["amount"], row["currency"]),
            words=row["words"],
        )
        for side, sql, arguments in asked
        for row in await connection().fetch(sql, *arguments)
    ]
