"""Hot queries find their rows by indexes: PostgreSQL itself says how it ran each statement.

It is told to avoid reading tables whole, for a test's are small; where it does so all the same, no
index could serve.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.orders.models import SubOrder
from marketplace.payments.stripe_gateway import StripeGateway
from marketplace.scorecards import computing
from marketplace_runtime.benching import databases as benching
from marketplace_runtime.benching.databases import Bench
from marketplace_runtime.benching.ordering import shop
from marketplace_runtime.benching.scale import copying, samples, timing
from marketplace_runtime.embedded import databases
from marketplace_runtime.embedded.services import RunningServices
from marketplace_runtime.orm import connected
from marketplace_runtime.replaying.stripe_process import KEY, stripe_process
from tests.runtime.plans import conditions, nodes
from tests.runtime.processes import PYTHONPATH

pytestmark = pytest.mark.anyio

ORDERS = 3000
# Those that grow with the orders; a shop's few vendors, rates and rules may well be read whole.
BIG = {
    "orders", "sub_order", "order_line", "reservation", "payment", "payment_allocation",
    "payment_attempt", "capture", "customer", "shipment", "shipment_line", "sla_clock",
    "outbox_event", "event_stream", "state_change", "cart", "cart_line", "idempotency_record",
    "routing_decision", "provider_operation", "delivery", "stock", "stock_movement",
    "refund", "refund_line",
}  # fmt: skip
# A vendor's last days are read from their first moment on, whatever else there is of it.
OF_A_VENDOR = {
    "sla_clock_of_vendor", "sla_clock_answered", "sub_order_shipped", "shipment_shipped",
}  # fmt: skip
EXPLAINED = """
    ALTER DATABASE souk_bench SET session_preload_libraries = 'auto_explain';
    ALTER DATABASE souk_bench SET auto_explain.log_min_duration = 0;
    ALTER DATABASE souk_bench SET auto_explain.log_nested_statements = on;
    ALTER DATABASE souk_bench SET auto_explain.log_format = 'json';
    ALTER DATABASE souk_bench SET enable_seqscan = off;
"""


@pytest.fixture
def bench(services: RunningServices) -> Iterator[Bench]:
    with benching.bench_server(services.home.path) as made, made.fresh():
        yield made


async def test_no_hot_query_reads_a_big_table_whole(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", PYTHONPATH)
    monkeypatch.setattr(timing, "CALLS", 8)  # more than a prepared statement's first, custom plans
    monkeypatch.setattr(timing, "LONG_CALLS", 1)
    now = datetime.now(UTC)  # noqa: TID251 - the sandbox lives by it too
    log = bench.home.logs / "postgres.log"
    with stripe_process(
        bench.url, data_file=bench.stripe_file, log=bench.home.logs / "bench-stripe.log"
    ) as stripe:
        gateway = StripeGateway(api_key=KEY, api_base=stripe.url)
        async with connected(bench.url, pool_size=2):
            open_shop = await shop.open_shop(now - timedelta(days=1))
            made = await samples.make(open_shop, gateway, now)
            await copying.multiply(bench.owner_url, made, ORDERS, start=0)
            accepted = next(one for one in made if one.stage.name == "accepted")
            async with transaction(SYSTEM, read_only=True):
                sub_order = await SubOrder.filter(order_id=accepted.order_id).first()
        await gateway.close()
        assert sub_order is not None
    await explain_everything(bench)
    begin = log.stat().st_size

    async with connected(bench.url, pool_size=2):
        await timing.time_all(open_shop, sub_order, now)
        for _ in range(timing.CALLS):
            await computing.measure(principal=SYSTEM, vendor_id=sub_order.vendor_id, now=now)

    plans = list(plans_in(log, begin))
    whole = {
        (relation, " ".join(plan["Query Text"].split())[:200])
        for plan in plans
        for relation in read_whole(plan["Plan"])
        if relation in BIG
    }
    assert len(plans) > 500, "PostgreSQL told of its plans"
    assert whole == set()
    measuring = [plan["Plan"] for plan in plans if "called_off" in plan["Query Text"]]
    assert len(measuring) == timing.CALLS
    for measured in measuring:
        assert set(indexes(measured)) >= OF_A_VENDOR
    lists = [plan["Plan"] for plan in plans if "orders.customer_id = $1" in plan["Query Text"]]
    assert len(lists) == timing.CALLS
    assert all("customer_id = " in led for plan in lists for led in conditions(plan, "orders"))


async def explain_everything(bench: Bench) -> None:
    superuser = await asyncpg.connect(
        databases.database_url(bench.postgres, benching.DATABASE, role=databases.SUPERUSER)
    )
    try:
        await superuser.execute(EXPLAINED)
    finally:
        await superuser.close()


def plans_in(log: Path, begin: int) -> Iterator[dict[str, Any]]:
    with log.open("rb") as file:
        file.seek(begin)
        said = file.read().decode(errors="replace")
    for found in re.finditer(r"plan:\n(\t\{.*?\n\t\})\n", said, re.DOTALL):
        yield json.loads(found[1])


def indexes(plan: dict[str, Any]) -> Iterator[str]:
    return (node["Index Name"] for node in nodes(plan) if "Index Name" in node)


def read_whole(plan: dict[str, Any]) -> Iterator[str]:
    for node in nodes(plan):
        if node["Node Type"] == "Seq Scan":
            # A month's, or the whole.
            yield re.sub(r"_(rest|\d{4}_\d\d)$", "", node["Relation Name"])
