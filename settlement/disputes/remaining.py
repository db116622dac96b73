"""What is left on the account of disputed money once a dispute has ended: it is ours to bear."""

from datetime import datetime
from typing import Final

from marketplace.kit.transactions import connection
from settlement import ledger
from settlement.disputes import booking
from settlement.disputes.models import Dispute, DisputeState
from settlement.disputes.states import OPEN

# Money that is only on its way back after a dispute was won stays where it is.
_LEFT: Final = """
    SELECT coalesce(sum(entry.amount_minor) FILTER (WHERE account.code = '1210'), 0)::bigint
            AS minor,
        count(DISTINCT posting.id) FILTER (WHERE posting.kind IN ('dispute', 'dispute_won'))
            AS lines,
        coalesce(bool_or(posting.kind = 'dispute_won'), false) AS came_back
    FROM ledger_transaction posting
    JOIN ledger_entry entry ON entry.transaction_id = posting.id
    JOIN ledger_account account ON account.id = entry.account_id
    WHERE posting.source_type = 'dispute' AND posting.source_id = $1
"""


async def bear(dispute: Dispute, *, now: datetime) -> None:
    """Book what a part that came back, or money that was taken once more, leaves undecided.

    Who bore the loss bore all of it: a part that comes back is ours until the rest does too, and
    what is taken after the end is our loss; finance passes it on by an adjustment. In the caller's
    transaction, with its order locked; safe to repeat.
    """
    if dispute.state in OPEN:
        return
    left = await connection().fetchrow(_LEFT, dispute.id)
    is_decided = dispute.state is DisputeState.LOST or left["came_back"]
    if left["minor"] == 0 or not is_decided:
        return
    key = f"dispute_rest:{dispute.id}:{left['lines']}"
    await ledger.post_all([booking.borne(dispute, key, left["minor"], now=now)], now=now)
