"""What is known of orders, for rules to judge: one statement, however many orders and rules."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from marketplace.kit.transactions import connection
from marketplace.risk.scoring import Facts, Rules

MOST_OTHERS = 200  # nobody needs to count further to be alarmed

# Other orders before each asked one, as far back as the rules look, by the indexes of e-mail,
# customer and postal code. The card's country of an order that was judged is in what was kept.
_FACTS = f"""
    SELECT asked.id, asked.placed_at, asked.total_minor, asked.currency,
        coalesce(asked.address->>'country', '') AS ships_to,
        assessment.inputs->>'card_country' AS card_country,
        EXISTS (SELECT 1 FROM orders earlier WHERE lower(earlier.email) = lower(asked.email)
            AND earlier.placed_at < asked.placed_at) AS has_earlier,
        ARRAY(SELECT other.placed_at FROM orders other
            WHERE lower(other.email) = lower(asked.email) AND other.id <> asked.id
                AND other.placed_at BETWEEN asked.placed_at - $2 * interval '1 hour'
                    AND asked.placed_at LIMIT {MOST_OTHERS}) AS same_email,
        ARRAY(SELECT other.placed_at FROM orders other
            WHERE other.customer_id = asked.customer_id AND other.id <> asked.id
                AND other.placed_at BETWEEN asked.placed_at - $2 * interval '1 hour'
                    AND asked.placed_at LIMIT {MOST_OTHERS}) AS same_customer,
        ARRAY(SELECT other.placed_at FROM orders other
            WHERE other.address->>'postal_code' = asked.address->>'postal_code'
                AND lower(other.address->>'line1') = lower(asked.address->>'line1')
                AND other.address->>'country' = asked.address->>'country'
                AND other.id <> asked.id
                AND other.placed_at BETWEEN asked.placed_at - $2 * interval '1 hour'
                    AND asked.placed_at LIMIT {MOST_OTHERS}) AS same_address
    FROM orders asked LEFT JOIN risk_assessment assessment ON assessment.order_id = asked.id
    WHERE asked.id = ANY($1)
"""


async def of_orders(order_ids: Sequence[UUID], rules: Rules) -> dict[UUID, Facts]:
    """Call it in a transaction that sees all rows."""
    rows = await connection().fetch(_FACTS, list(order_ids), rules.hours)
    return {row["id"]: _facts(row) for row in rows}


def inputs(facts: Facts) -> dict[str, object]:
    """Facts as they are kept: numbers instead of lists."""
    return {
        "total_minor": facts.total_minor,
        "currency": facts.currency,
        "ships_to": facts.ships_to,
        "card_country": facts.card_country,
        "has_earlier": facts.has_earlier,
        "same_email": len(facts.same_email),
        "same_customer": len(facts.same_customer),
        "same_address": len(facts.same_address),
    }


def _facts(row: Mapping[str, Any]) -> Facts:
    return Facts(**{name: value for name, value in row.items() if name != "id"})


def read(text: str) -> Any:
    """A kept document: the driver hands JSON over as text."""
    return json.loads(text)
