"""What paying costs the database: the same for any number of lines and vendors."""

from typing import Any
from uuid import UUID

from tortoise.connection import get_connections

from tests.factories import make_offer, make_order
from tests.payments.world import OVER_HTTP, World

pytestmark = OVER_HTTP
# Beginning, recording and answering, with what a release does; the pool's own are not counted.
MOST = 39


async def statements_of_paying(world: World, order_id: UUID, *, key: str) -> list[str]:
    """Those of the pool's one connection that is used while nothing else goes on."""
    seen: list[str] = []
    client: Any = get_connections().get("default")
    async with client._pool.acquire() as connection:
        connection.add_query_logger(lambda logged: seen.append(logged.query))
        backend = connection.get_server_pid()
    await world.pay(order_id, key=key)
    async with client._pool.acquire() as connection:
        assert connection.get_server_pid() == backend
    return [query for query in seen if "pg_advisory_unlock_all" not in query]


async def test_paying_a_large_order_takes_no_more_statements_than_a_small_one(
    world: World,
) -> None:
    await world.sandbox.fault("webhook_lost", count=1000)
    # The driver asks for a type the first time it meets it.
    await world.pay(await make_order({(await make_offer()).id: 1}, key="warm"), key="warm")
    small = await make_order({(await make_offer()).id: 1}, key="small")
    basket = {(await make_offer(sku=f"mug-{number}")).id: 2 for number in range(6)}
    large = await make_order(basket, key="large")

    for_small = await statements_of_paying(world, small, key="small")
    for_large = await statements_of_paying(world, large, key="large")

    assert len(for_large) == len(for_small)
    assert 20 < len(for_small) <= MOST
