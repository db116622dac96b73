"""What banks take back: counted, booked, held and borne, each once."""

from settlement.invariants.check import Check

_COUNTED = """
    SELECT sub_order.number AS subject,
        format('%s disputed, its disputes say %s', disputed_minor, coalesce(minor, 0)) AS detail
    FROM payment_allocation allocation
    JOIN sub_order ON sub_order.id = allocation.sub_order_id
    LEFT JOIN (
        SELECT sub_order_id, sum(gross_minor) AS minor
        FROM dispute_share JOIN dispute ON dispute.id = dispute_id
        WHERE withdrawn_minor > 0 GROUP BY sub_order_id
    ) taken ON taken.sub_order_id = sub_order.id
    WHERE disputed_minor <> coalesce(minor, 0)
"""

_TAKEN = """
    SELECT posting.source_id, sum(amount_minor) FILTER (WHERE code = '1210') AS disputed,
        sum(amount_minor) FILTER (WHERE code = '6220') AS fee,
        bool_or(posting.kind = 'dispute_won') AS came_back
    FROM ledger_transaction posting
    JOIN ledger_entry entry ON entry.transaction_id = posting.id
    JOIN ledger_account account ON account.id = entry.account_id
    WHERE posting.source_type = 'dispute' GROUP BY posting.source_id
"""
_BOOKED = f"""
    SELECT provider_dispute_id AS subject, format('%s, %s taken for %s; booked: %s and %s',
        state, withdrawn_minor, fee_minor, coalesce(disputed, 0), coalesce(fee, 0)) AS detail
    FROM dispute LEFT JOIN ({_TAKEN}) booked ON booked.source_id = dispute.id
    WHERE coalesce(fee, 0) <> fee_minor
        OR closed_at IS NULL AND coalesce(disputed, 0) <> withdrawn_minor
"""
# Money may come back after the word that a dispute is won; until then it is on its way.
_UNDECIDED = f"""
    SELECT provider_dispute_id AS subject,
        format('%s, and %s stands undecided', state, coalesce(disputed, 0)) AS detail
    FROM dispute LEFT JOIN ({_TAKEN}) booked ON booked.source_id = dispute.id
    WHERE closed_at IS NOT NULL AND coalesce(disputed, 0)
        <> CASE WHEN state = 'lost' OR came_back THEN 0 ELSE withdrawn_minor END
"""

_ENDED = """
    SELECT provider_dispute_id AS subject,
        format('%s, and %s of it is still held', dispute.state, sum(money_hold.amount_minor))
            AS detail
    FROM dispute JOIN money_hold ON money_hold.dispute_id = dispute.id
    WHERE money_hold.state = 'held' AND closed_at IS NOT NULL
    GROUP BY dispute.id
"""

CHECKS = (
    Check(
        "disputes-are-counted",
        "What banks have taken of a sub-order is what its disputes say.",
        _COUNTED,
    ),
    Check(
        "disputes-are-booked",
        "What an open dispute took is in the books, and the fee of every dispute.",
        _BOOKED,
    ),
    Check(
        "closed-disputes-leave-nothing-undecided",
        "Of a dispute that is over nothing stays with what is undecided.",
        _UNDECIDED,
    ),
    Check("decided-disputes-hold-nothing", "A dispute that is over holds nobody's money.", _ENDED),
)
