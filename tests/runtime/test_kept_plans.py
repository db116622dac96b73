"""Plans that a connection keeps are good for every call, whatever the tables looked like before."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection
from marketplace.orders import staff_lists, vendor_queries
from marketplace.orders.vendor_worklists import Narrowed, Slice, Sort, View
from marketplace.sla import claiming
from marketplace.sla.models import ClockKind
from marketplace_runtime.benching.ordering import shop
from tests.factories import make_vendor, member
from tests.runtime.plans import conditions

pytestmark = pytest.mark.anyio

NOON = datetime(2024, 6, 3, 12, tzinfo=UTC)
_KEPT = """
    SELECT generic_plans, custom_plans FROM pg_prepared_statements
    WHERE statement LIKE '%FROM sla_clock AS clock JOIN orders%'
        AND statement NOT LIKE '%generic_plans%'
"""
_LISTS = """
    SELECT generic_plans, custom_plans FROM pg_prepared_statements
    WHERE statement LIKE '%FROM page%' AND statement NOT LIKE '%generic_plans%'
"""
# As the function that reads a cart has them.
_SETTINGS = """
    SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off;
    SET LOCAL enable_mergejoin = off; SET LOCAL join_collapse_limit = 1
"""
_CANDIDATES = """
    EXPLAIN (GENERIC_PLAN, FORMAT json)
    SELECT * FROM routing_candidates($1, $2, $3, $4, $5, $6, $7)
"""


async def test_what_a_tick_asks_for_is_planned_once_a_connection(db: object) -> None:
    for _ in range(8):
        await claiming.warnings(now=NOON, limit=50)
        await claiming.due(now=NOON, limit=1, kinds=[ClockKind.PAY_BY, ClockKind.ACCEPT_BY])
        await claiming.due(now=NOON, limit=50, kinds=[ClockKind.SHIP_BY])
        await claiming.later_actions(now=NOON, limit=1)
        await claiming.delayed(now=NOON, ahead=timedelta(hours=12), limit=1)

    kept = [tuple(row) for row in await connection().fetch(_KEPT)]
    assert kept == [(3, 5)] * 6, "PostgreSQL weighs a plan five times, and then keeps it"


async def test_lists_are_planned_once_a_connection(db: object) -> None:
    vendor = member((await make_vendor()).id)
    whole = Slice(sort=Sort.DUE, rising=True, limit=50)
    for _ in range(8):
        await staff_lists.orders(
            principal=SYSTEM, search=None, flag=None, after=UUID(int=1), before=None, most=50
        )
        await vendor_queries.worklist(
            principal=vendor, view=View.TO_DO, narrowed=Narrowed(), part=whole, now=NOON
        )

    kept = [tuple(row) for row in await connection().fetch(_LISTS)]
    assert kept == [(3, 5)] * 2


async def test_who_could_serve_a_line_is_looked_up_from_its_offer_in_tables_never_counted(
    db: object,
) -> None:
    await shop.open_shop(NOON)
    for _ in range(2):  # what was sold makes it look larger than it is
        await connection().execute("UPDATE stock SET reserved = reserved")
    await connection().execute(_SETTINGS)

    asked = (UUID(int=1), "EUR", UUID(int=1), "DE", "10115", NOON, 20)
    [plan] = json.loads(await connection().fetchval(_CANDIDATES, *asked))

    found_by = {
        relation: conditions(plan["Plan"], relation)
        for relation in ("offer", "stock", "location", "vendor")
    }
    assert all("variant_id = " in led for led in found_by["offer"])
    assert all("offer_id = " in led for led in found_by["stock"])
    assert all("id = stock.location_id" in led for led in found_by["location"])
    assert all("id = stock.vendor_id" in led for led in found_by["vendor"])
    assert all(found_by.values())
