"""One state change, one event; events are numbered without gaps; the history leads to today."""

from settlement.invariants.check import Check

_EVENTS = """
    SELECT concat_ws(' ', change.subject, change.subject_id, change.move) AS subject,
        CASE WHEN event.id IS NULL THEN 'no event was recorded with it'
            ELSE format('its event %s is of another order', event.name) END AS detail
    FROM state_change change LEFT JOIN outbox_event event ON event.id = change.event_id
    WHERE event.stream_id IS DISTINCT FROM change.order_id
"""

_NUMBERS = """
    SELECT coalesce(orders.number, stream.id::text) AS subject,
        format('%s events, %s numbers from %s to %s, the last given was %s', coalesce(events, 0),
            coalesce(numbers, 0), lowest, highest, last_seq) AS detail
    FROM event_stream stream
    FULL JOIN (
        SELECT stream_id, count(*) AS events, count(DISTINCT seq) AS numbers,
            min(seq) AS lowest, max(seq) AS highest
        FROM outbox_event WHERE stream_id IS NOT NULL GROUP BY stream_id
    ) recorded ON recorded.stream_id = stream.id
    LEFT JOIN orders ON orders.id = coalesce(stream.id, stream_id)
    WHERE (lowest, highest, events, numbers)
        IS DISTINCT FROM (1::bigint, last_seq, last_seq, last_seq)
"""

_CHAIN = """
    SELECT sub_order.number AS subject,
        format('it is %s; its history: %s', sub_order.state, coalesce(story, 'none')) AS detail
    FROM sub_order LEFT JOIN (
        SELECT subject_id, string_agg(concat_ws(' to ', from_state, to_state), ', ' ORDER BY seq)
                AS story,
            (array_agg(to_state ORDER BY seq DESC))[1] AS last,
            bool_and(from_state IS NOT DISTINCT FROM coalesce(before, from_state)) AS unbroken
        FROM (
            SELECT change.subject_id, from_state, to_state, event.seq, lag(to_state)
                OVER (PARTITION BY change.subject_id ORDER BY event.seq) AS before
            FROM state_change change JOIN outbox_event event ON event.id = change.event_id
            WHERE change.subject = 'sub_order'
        ) step GROUP BY subject_id
    ) history ON history.subject_id = sub_order.id
    WHERE sub_order.state <> coalesce(last, 'pending') OR NOT coalesce(unbroken, true)
"""

CHECKS = (
    Check("changes-have-events", "Each state change has one event of its order.", _EVENTS),
    Check("events-have-no-gaps", "The events of an order are numbered 1, 2, 3.", _NUMBERS),
    Check(
        "histories-lead-to-today",
        "A sub-order's history is unbroken and ends in the state it is in.",
        _CHAIN,
    ),
)
