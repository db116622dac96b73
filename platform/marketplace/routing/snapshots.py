"""Who could serve which variant now: one SQL function for a cart's lines and for lines on the move.

What it answers are the fields of `requests.Candidate`; nothing is locked, so whoever takes stock
compares again.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from marketplace.kit.transactions import connection
from marketplace.routing.requests import Candidate

# For one line: places of the customer's own choice first, and those with most pieces of it.
MOST_CANDIDATES = 20

_OF_VARIANTS = """
    SELECT to_jsonb(candidate) AS found FROM unnest($1::uuid[]) AS variant (id)
    CROSS JOIN LATERAL routing_candidates(variant.id, $2, $7, $3, $4, $5, $6, $8) candidate
"""


async def of_variants(
    variant_ids: Sequence[UUID],
    *,
    currency: str,
    destination: Mapping[str, str],
    now: datetime,
    first: UUID | None = None,
    method: str | None = None,
) -> list[Candidate]:
    """Who sells them in this currency; who has no rate there does not ship there.

    The cheapest, where there are very many, but the places of the offer `first` always. What each
    asks for sending is by `method` where it has it, else by its usual one.
    """
    rows = await connection().fetch(
        _OF_VARIANTS, list(variant_ids), currency, destination["country"],
        destination.get("postal_code", ""), now, MOST_CANDIDATES, first, method,
    )  # fmt: skip
    found = [Candidate(**json.loads(row["found"])) for row in rows]
    return [
        one if one.shipping_minor is not None else replace(one, ships_there=False) for one in found
    ]
