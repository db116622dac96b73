"""Explain a payout: what it pays, line by line, and every step on its way."""

from typing import Any
from uuid import UUID

from marketplace.kit.errors import NotFound
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection, transaction
from settlement.explaining import moves, paths
from settlement.explaining.nodes import Explanation, Node, facts
from settlement.explaining.posted import posted
from settlement.history.ordering import in_order
from settlement.reports import access

_PAYOUT = """
    SELECT payout.vendor_id, statement.id, statement.number, statement.opening_minor,
        statement.currency
    FROM payout JOIN statement ON statement.id = payout.statement_id WHERE payout.id = $1
"""
_HISTORY = """
    SELECT from_state, to_state, actor, reason, at FROM settlement_change
    WHERE subject = 'payout' AND subject_id = $1 ORDER BY at
"""


async def explain_payout(*, principal: Principal, payout_id: UUID) -> Explanation:
    """Its parts are the statement's opening and lines; where it went are its steps, in order.

    A vendor gets its own. What is not there, or somebody else's, is NotFound.
    """
    vendor_id = access.whose(principal, asked=None)
    async with transaction(principal, isolation="REPEATABLE READ", read_only=True):
        row = await connection().fetchrow(_PAYOUT, payout_id)
        if row is None or vendor_id not in (None, row["vendor_id"]):
            raise NotFound(thing="payout")
        booked = await posted("booked.source_id = $1", payout_id)
        return Explanation(
            subject=await paths.payout(payout_id),
            parts=await moves.lines_of(row),
            went_to=[
                *(
                    _change(change, for_platform=vendor_id is None)
                    for change in in_order(await connection().fetch(_HISTORY, payout_id))
                ),
                *(entry.node() for entry in booked),
            ],
        )


def _change(row: Any, *, for_platform: bool) -> Node:
    return Node(
        kind="step",
        title=row["to_state"].replace("_", " ").capitalize(),
        facts=facts(at=row["at"], by=row["actor"] if for_platform else None, reason=row["reason"]),
    )
