"""Between earned and available: rows and books say the same of what waits and what is held."""

from settlement.invariants.check import Check
from settlement.invariants.hearing import UNHEARD

# What is on a vendor account for each sub-order, above zero for the vendor.
_ON = """
    SELECT entry.sub_order_id, -sum(entry.amount_minor) AS minor
    FROM ledger_entry entry JOIN ledger_account account ON account.id = entry.account_id
    WHERE account.code = '{code}' GROUP BY entry.sub_order_id
"""

_EARNINGS = """
    SELECT coalesce(sub_order.number, earning.sub_order_id::text) AS subject,
        format('the earning says %s, its posting %s', coalesce(net_minor::text, 'nothing'),
            coalesce(booked.minor::text, 'nothing')) AS detail
    FROM earning FULL JOIN (
        SELECT posting.source_id AS sub_order_id, coalesce(-sum(entry.amount_minor)
            FILTER (WHERE account.code = '2110'), 0) AS minor
        FROM ledger_transaction posting
        JOIN ledger_entry entry ON entry.transaction_id = posting.id
        JOIN ledger_account account ON account.id = entry.account_id
        WHERE posting.kind = 'earning' GROUP BY posting.source_id
    ) booked ON booked.sub_order_id = earning.sub_order_id
    LEFT JOIN sub_order ON sub_order.id = coalesce(earning.sub_order_id, booked.sub_order_id)
    WHERE coalesce(net_minor, 0) <> coalesce(booked.minor, 0)
        OR earning.sub_order_id IS NULL
        OR (earning.order_id, earning.vendor_id, earning.currency)
            <> (sub_order.order_id, sub_order.vendor_id, sub_order.currency)
"""

_WAITING = f"""
    WITH {UNHEARD}
    SELECT coalesce(sub_order.number, waiting.sub_order_id::text) AS subject,
        format('%s, and %s still wait', coalesce(earning.state, 'no earning'), minor) AS detail
    FROM ({_ON.format(code="2110")}) waiting
    LEFT JOIN earning ON earning.sub_order_id = waiting.sub_order_id
    LEFT JOIN sub_order ON sub_order.id = waiting.sub_order_id
    WHERE minor <> 0 AND earning.state IS DISTINCT FROM 'pending'
        AND (earning.state = 'available' OR waiting.sub_order_id NOT IN (
            SELECT (payload->>'sub_order_id')::uuid FROM unheard WHERE name = 'sub_order.shipped'))
"""

_MATURED = f"""
    WITH {UNHEARD}
    SELECT sub_order.number AS subject, concat_ws('; ',
        CASE WHEN matured_at < matures_at THEN
            format('matured on %s, due on %s', matured_at, matures_at) END,
        CASE WHEN earning.delivered_at IS DISTINCT FROM sub_order.delivered_at THEN
            format('delivered on %s, the earning says %s', sub_order.delivered_at,
                coalesce(earning.delivered_at::text, 'never')) END) AS detail
    FROM earning JOIN sub_order ON sub_order.id = earning.sub_order_id
    WHERE matured_at < matures_at OR earning.delivered_at IS DISTINCT FROM sub_order.delivered_at
        AND sub_order.id NOT IN (SELECT (payload->>'sub_order_id')::uuid
            FROM unheard WHERE name = 'sub_order.delivered')
"""

_RESERVES = f"""
    SELECT coalesce(sub_order.number, booked.sub_order_id::text, 'no sub-order') AS subject,
        format('%s left of the reserve, the books keep %s',
            coalesce(amount_minor - released_minor - used_minor, 0), coalesce(minor, 0)) AS detail
    FROM reserve_hold hold
    FULL JOIN ({_ON.format(code="2130")}) booked ON booked.sub_order_id = hold.sub_order_id
    LEFT JOIN sub_order ON sub_order.id = coalesce(hold.sub_order_id, booked.sub_order_id)
    WHERE coalesce(amount_minor - released_minor - used_minor, 0) <> coalesce(minor, 0)
"""

_HOLDS = """
    SELECT concat_ws(' ', vendor.code, currency) AS subject,
        format('%s on hold, the books keep %s', sum(held), sum(kept)) AS detail
    FROM (
        SELECT vendor_id, currency, amount_minor AS held, 0 AS kept
        FROM money_hold WHERE state = 'held'
        UNION ALL
        SELECT account.vendor_id, account.currency, 0, credits_minor - debits_minor
        FROM ledger_balance balance JOIN ledger_account account ON account.id = balance.account_id
        WHERE account.code = '2150'
    ) both_ways LEFT JOIN vendor ON vendor.id = vendor_id
    GROUP BY vendor_id, vendor.code, currency HAVING sum(held) <> sum(kept)
"""

# What only moves between a vendor's own accounts makes it neither richer nor poorer.
_MOVES = """
    SELECT posting.idempotency_key AS subject,
        format('it changes what the vendor has by %s', -sum(entry.amount_minor)) AS detail
    FROM ledger_transaction posting
    JOIN ledger_entry entry ON entry.transaction_id = posting.id
    JOIN ledger_account account ON account.id = entry.account_id
    WHERE posting.kind IN ('reserve_held', 'reserve_released', 'reserve_used', 'matured', 'hold',
            'hold_released', 'payout_reserved', 'payout_cancelled')
        AND account.code IN ('2110', '2120', '2130', '2140', '2150')
    GROUP BY posting.id, posting.idempotency_key, account.vendor_id
    HAVING sum(entry.amount_minor) <> 0
"""

CHECKS = (
    Check(
        "earnings-and-postings-agree",
        "Each earning in the books has its row, with the net that was booked.",
        _EARNINGS,
    ),
    Check(
        "only-pending-earnings-wait",
        "Nothing of an earning that is available is still pending in the books.",
        _WAITING,
    ),
    Check(
        "earnings-mature-in-time",
        "No earning is available before its time, and each knows its delivery.",
        _MATURED,
    ),
    Check(
        "reserves-are-kept",
        "What is left of each sub-order's reserve is in the reserve account.",
        _RESERVES,
    ),
    Check("holds-are-kept", "What is on hold is in the hold account.", _HOLDS),
    Check(
        "moves-change-no-sum",
        "Maturing, reserves, holds and reservations leave each vendor with what it had.",
        _MOVES,
    ),
)
