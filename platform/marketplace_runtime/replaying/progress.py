"""How far a replay has come, read off its database alone, so that it can go on from there."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace_runtime.replaying.planning import Entry, OfferKey, Plan
from marketplace_runtime.replaying.preparing import customer_email

_VENDORS = "SELECT code, id FROM vendor"
_CUSTOMERS = "SELECT email, id FROM customer"
_OFFERS = """
    SELECT variant.sku, vendor.code, offer.id, offer.price_minor FROM offer
    JOIN variant ON variant.id = offer.variant_id JOIN vendor ON vendor.id = offer.vendor_id
"""
# A step counts when it is done for all sub-orders; what is done in part is finished by doing the
# step again, which leaves alone what is done.
_STAGES = """
    SELECT orders.source_ref, orders.id, CASE
        WHEN bool_or(sub_order.state IN ('pending', 'awaiting_acceptance')) THEN 1
        WHEN bool_or(sub_order.state = 'accepted') THEN 2
        WHEN bool_or(sub_order.state = 'shipped') THEN 3
        WHEN NOT EXISTS (SELECT 1 FROM refund WHERE refund.order_id = orders.id
            AND refund.state = 'succeeded') THEN 4
        ELSE 5 END AS stage
    FROM orders JOIN sub_order ON sub_order.order_id = orders.id
    GROUP BY orders.id
"""


@dataclass(frozen=True, slots=True)
class Shop:
    """The prepared marketplace by the history's own names; `prices` are the offers' of now."""

    vendors: Mapping[str, UUID]
    customers: Mapping[str, UUID]
    offers: Mapping[OfferKey, UUID]
    prices: dict[OfferKey, int]


@dataclass(frozen=True, slots=True)
class Done:
    """The orders that were placed, and how many of its steps each has behind it."""

    order_ids: dict[str, UUID]
    stages: Mapping[str, int]

    def is_done(self, entry: Entry, plan: Plan) -> bool:
        return entry.step < self.stages.get(plan.orders[entry.number].id, 0)


async def load_shop(plan: Plan) -> Shop:
    async with transaction(SYSTEM, read_only=True):
        fetch = connection().fetch
        vendors = {row["code"]: row["id"] for row in await fetch(_VENDORS)}
        by_email = {row["email"]: row["id"] for row in await fetch(_CUSTOMERS)}
        by_sku = {(row["sku"], row["code"]): row for row in await fetch(_OFFERS)}
    rows = {key: by_sku[key.sku, key.seller_id] for key in plan.first_prices}
    return Shop(
        vendors=vendors,
        customers={name: by_email[customer_email(name)] for name in plan.customers},
        offers={key: row["id"] for key, row in rows.items()},
        prices={key: row["price_minor"] for key, row in rows.items()},
    )


async def load_done() -> Done:
    async with transaction(SYSTEM, read_only=True):
        rows = await connection().fetch(_STAGES)
    return Done(
        order_ids={row["source_ref"]: row["id"] for row in rows},
        stages={row["source_ref"]: row["stage"] for row in rows},
    )
