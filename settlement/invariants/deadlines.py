"""Deadlines run while they can be kept, stand still while held, and set off what they must."""

from settlement.invariants.check import Check

_CLOCKS = """
    SELECT concat_ws(' ', sub_order.number, clock.kind) AS subject,
        format('the sub-order is %s, its clock %s', sub_order.state, clock.state) AS detail
    FROM sla_clock clock JOIN sub_order ON sub_order.id = clock.sub_order_id
    WHERE clock.state IN ('running', 'warned', 'paused') AND NOT CASE clock.kind
        WHEN 'accept_by' THEN sub_order.state = 'awaiting_acceptance'
        WHEN 'ship_by' THEN sub_order.state NOT IN ('pending', 'awaiting_acceptance', 'shipped',
            'delivered', 'closed', 'refused', 'expired', 'cancelled')
        ELSE sub_order.state NOT IN ('pending', 'closed', 'refused', 'expired', 'cancelled') END
    UNION ALL
    SELECT concat_ws(' ', orders.number, clock.kind), format('paid %s of %s, its clock %s',
        captured_minor, amount_minor, clock.state)
    FROM sla_clock clock
    JOIN orders ON orders.id = clock.subject_id
    JOIN payment ON payment.order_id = orders.id
    WHERE clock.state IN ('running', 'warned') AND (
        amount_minor > 0 AND captured_minor >= amount_minor
        OR NOT EXISTS (SELECT 1 FROM sub_order WHERE order_id = orders.id AND state = 'pending'))
"""

_PAUSES = """
    SELECT concat_ws(' ', orders.number, clock.kind) AS subject,
        CASE clock.state WHEN 'paused' THEN 'it stands still, and nothing holds it'
            ELSE 'it runs, and ' || pause.cause || ' holds it' END AS detail
    FROM sla_clock clock JOIN orders ON orders.id = clock.order_id
    LEFT JOIN LATERAL (SELECT cause FROM sla_pause
        WHERE sla_pause.order_id = clock.order_id AND resumed_at IS NULL
            AND (sla_pause.subject_id IS NULL OR sla_pause.subject_id = clock.subject_id) LIMIT 1
    ) pause ON true
    WHERE clock.state = 'paused' AND pause.cause IS NULL
        -- What was due when the pause began was missed, whenever that is noticed.
        OR clock.state IN ('running', 'warned') AND clock.kind <> 'pay_by'
            AND pause.cause IS NOT NULL AND clock.due_at >= (SELECT max(paused_at) FROM sla_pause
                WHERE sla_pause.order_id = clock.order_id AND resumed_at IS NULL)
"""

_ACTIONS = """
    SELECT concat_ws(' ', orders.number, clock.kind) AS subject,
        action.action || ' was done, and nothing was near or missed' AS detail
    FROM sla_action_run run
    JOIN sla_clock clock ON clock.id = run.clock_id
    JOIN sla_action action ON action.id = run.action_id
    JOIN orders ON orders.id = run.order_id
    WHERE CASE action.moment WHEN 'warned' THEN clock.warned_at IS NULL
        ELSE clock.state <> 'breached' END
"""

CHECKS = (
    Check(
        "finished-sub-orders-run-no-clock",
        "A clock runs only while what it waits for can still be done.",
        _CLOCKS,
    ),
    Check(
        "paused-clocks-have-a-pause",
        "A clock stands still exactly while something holds it.",
        _PAUSES,
    ),
    Check(
        "actions-follow-deadlines",
        "Whatever a deadline set off was near or missed then.",
        _ACTIONS,
    ),
)
