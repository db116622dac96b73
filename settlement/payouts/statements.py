"""Freeze what happened to available balances: each entry goes into one statement, once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.transactions import connection
from settlement.payouts.standing import FRESH, Standing

_STATEMENTS = """
    INSERT INTO statement (id, vendor_id, currency, number, batch_id, opened_at, cut_off,
        opening_minor, closing_minor, created_at)
    SELECT item.id, item.vendor_id, item.currency, item.number, $1, item.opened_at, $2,
        item.opening, item.closing, $2
    FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::int[], $7::timestamptz[], $8::bigint[],
        $9::bigint[]) AS item (id, vendor_id, currency, number, opened_at, opening, closing)
"""
_LINES = f"""
    INSERT INTO statement_line (entry_id, statement_id, vendor_id, amount_minor)
    SELECT fresh.id, item.statement_id, fresh.vendor_id, fresh.amount_minor
    FROM ({FRESH}) fresh
    JOIN unnest($1::bigint[], $2::uuid[]) AS item (account_id, statement_id) USING (account_id)
"""


async def freeze(
    standings: Sequence[Standing], *, batch_id: UUID, cut_off: datetime
) -> Mapping[int, UUID]:
    """A statement for each of these accounts, with all that is in none yet; ids by account.

    Numbers go on without gaps, and what one closes with the next opens with. The caller holds
    the balances, so that no entry is on its way, and the one lock of drafting.
    """
    if not standings:
        return {}
    for standing in standings:
        assert standing.opening_minor + standing.moved_minor == standing.available_minor, standing
    ids = {standing.account_id: new_id(cut_off) for standing in standings}
    await connection().execute(
        _STATEMENTS,
        batch_id,
        cut_off,
        list(ids.values()),
        [standing.vendor_id for standing in standings],
        [standing.currency for standing in standings],
        [standing.last_number + 1 for standing in standings],
        [standing.opened_at for standing in standings],
        [standing.opening_minor for standing in standings],
        [standing.available_minor for standing in standings],
    )
    await connection().execute(_LINES, list(ids), list(ids.values()))
    return ids
