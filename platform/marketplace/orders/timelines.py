"""What happened to orders, event by event, as whoever may see an order may read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from marketplace.kit.ids import day_before
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection, transaction
from marketplace.orders import finding
from marketplace.orders.views import OrderEventKind, OrderEventView

_EVENTS = """
    SELECT asked.place, event.seq, event.name, event.happened_at, sub_order.number
    FROM unnest($2::int[], $3::uuid[], $4::bigint[], $5::int[])
        AS asked (place, order_id, after, most)
    JOIN orders ON orders.id = asked.order_id AND {mine}
    CROSS JOIN LATERAL (
        SELECT * FROM outbox_event
        WHERE stream_id = asked.order_id AND seq > asked.after AND name = ANY($6)
            AND id >= $7  -- months before the oldest of the orders are not looked into
        ORDER BY seq LIMIT asked.most
    ) event
    LEFT JOIN sub_order ON sub_order.id = (event.payload->>'sub_order_id')::uuid
    ORDER BY asked.place, event.seq
"""


@dataclass(frozen=True, slots=True)
class EventsAsked:
    """At most `most` events of an order behind number `after`."""

    order_id: UUID
    after: int
    most: int


async def of_orders(
    *, principal: Principal, asked: Sequence[EventsAsked]
) -> list[list[OrderEventView]]:
    """What happened, oldest first, for each of the orders asked for; of other people's nothing."""
    answers: list[list[OrderEventView]] = [[] for _ in asked]
    async with transaction(principal, read_only=True):
        mine, limit = finding.condition(principal)
        rows = await connection().fetch(
            _EVENTS.format(mine=mine),
            limit,
            list(range(len(asked))),
            [one.order_id for one in asked],
            [one.after for one in asked],
            [one.most for one in asked],
            list(OrderEventKind),
            min((day_before(one.order_id) for one in asked), default=None),
        )
    for row in rows:
        kind = OrderEventKind(row["name"])
        event = OrderEventView(row["seq"], kind, row["happened_at"], row["number"])
        answers[row["place"]].append(event)
    return answers
