import asyncio
from datetime import timedelta

import pytest

from marketplace.kit.errors import NotFound
from marketplace.kit.principal import SYSTEM
from marketplace.outbox.claiming import claim
from marketplace.outbox.consuming import Outcome, consume, wait_after
from marketplace.outbox.draining import drain
from marketplace.outbox.reviving import dead_letters, revive
from marketplace.outbox.routes import Kind, Route, Routes
from marketplace.outbox.routing import route
from tests.outbox.recorded import (
    LATER,
    NOW,
    Fell,
    Listener,
    Rang,
    an_order,
    deliveries,
    effects,
    happened,
)

pytestmark = pytest.mark.anyio


def to(listener: Listener, *, kind: Kind = Kind.INSIDE) -> Routes:
    """Both kinds of events go to one consumer."""
    return {
        "bell.rang": [Route("tower", listener, kind)],
        "bell.fell": [Route("tower", listener, kind)],
    }


async def test_an_event_gets_one_delivery_for_each_of_its_consumers(db: object) -> None:
    listener = Listener()
    routes = {"bell.rang": [Route("tower", listener), Route("street", listener)]}
    await happened(Rang(order_id=an_order()))

    assert await route(routes=routes, now=NOW) == 1
    assert await route(routes=routes, now=NOW) == 0

    assert [row["consumer"] for row in await deliveries()] == ["street", "tower"]


async def test_an_event_nobody_waits_for_is_routed_nowhere(db: object) -> None:
    await happened(Fell(order_id=an_order()))

    assert await route(routes={}, now=NOW) == 1

    assert await deliveries() == []


async def test_a_consumer_gets_the_event_as_it_was_recorded(db: object) -> None:
    listener = Listener()
    order_id = an_order()
    await happened(Rang(order_id=order_id, tune="dong"))

    await drain(routes=to(listener), now=LATER)

    [event] = listener.heard
    assert (event.name, event.order_id, event.seq) == ("bell.rang", order_id, 1)
    assert event.payload == {"order_id": str(order_id), "tune": "dong"}
    assert event.id_of("order_id") == order_id
    assert event.happened_at == NOW


async def test_what_was_consumed_is_not_consumed_again(db: object) -> None:
    listener = Listener()
    await happened(Rang(order_id=an_order()))
    await route(routes=to(listener), now=NOW)
    [claimed] = await claim(now=NOW, limit=10)

    outcomes = [
        await consume(delivery_id=claimed.delivery_id, routes=to(listener), now=NOW)
        for _ in range(3)
    ]

    assert outcomes == [Outcome.DONE, Outcome.SKIPPED, Outcome.SKIPPED]
    assert await effects() == 1


async def test_a_claimed_delivery_is_nobody_elses_until_it_counts_as_lost(db: object) -> None:
    await happened(Rang(order_id=an_order()))
    await route(routes=to(Listener()), now=NOW)
    claimed = await claim(now=NOW, limit=10, in_flight=timedelta(seconds=20))

    assert await claim(now=NOW + timedelta(seconds=19), limit=10) == []
    assert await claim(now=NOW + timedelta(seconds=20), limit=10) == claimed


async def test_an_orders_events_arrive_in_their_order(db: object) -> None:
    listener = Listener(refuses={"flat"})
    # The failing one comes first, or the batch it fails would have the free one heard twice.
    stuck, free = sorted((an_order(), an_order()))
    await happened(Rang(order_id=stuck, tune="flat"), Fell(order_id=stuck))
    await happened(Rang(order_id=free), Rang(order_id=free, tune="dong"), Fell(order_id=free))

    assert await drain(routes=to(listener), now=NOW) == 3

    assert [(event.order_id, event.seq) for event in listener.heard] == [
        (free, 1),
        (free, 2),
        (free, 3),
    ]
    listener.refuses.clear()
    assert await drain(routes=to(listener), now=LATER) == 2
    assert [event.seq for event in listener.heard if event.order_id == stuck] == [1, 2]


async def test_a_failure_leaves_no_effect_and_is_on_record(db: object) -> None:
    listener = Listener(refuses={"flat"})
    await happened(Rang(order_id=an_order(), tune="flat"))

    assert await drain(routes=to(listener), now=NOW) == 0

    [row] = await deliveries()
    assert (row["attempts"], row["done_at"], row["dead_at"]) == (1, None, None)
    assert row["last_error"] == "ValueError: out of tune"
    assert row["next_at"] == NOW + timedelta(seconds=2)
    assert await effects() == 0


async def test_one_failure_costs_the_others_nothing(db: object) -> None:
    listener = Listener(refuses={"flat"})
    await happened(Rang(order_id=an_order(), tune="flat"))
    for _ in range(5):
        await happened(Rang(order_id=an_order()))

    assert await drain(routes=to(listener), now=NOW) == 5

    assert await effects() == 5


async def test_a_delivery_is_set_aside_after_eight_failures_and_can_be_revived(db: object) -> None:
    listener = Listener(refuses={"flat"})
    await happened(Rang(order_id=an_order(), tune="flat"))
    at = NOW
    for attempt in range(8):
        await drain(routes=to(listener), now=at)
        at += wait_after(attempt)
    [dead] = await dead_letters(principal=SYSTEM)
    listener.refuses.clear()
    assert await drain(routes=to(listener), now=LATER) == 0

    await revive(principal=SYSTEM, delivery_id=dead.delivery_id, now=LATER)

    assert (dead.consumer, dead.event) == ("tower", "bell.rang")
    assert dead.last_error == "ValueError: out of tune"
    assert await drain(routes=to(listener), now=LATER) == 1
    assert await dead_letters(principal=SYSTEM) == []
    with pytest.raises(NotFound):
        await revive(principal=SYSTEM, delivery_id=dead.delivery_id, now=LATER)


async def test_a_delivery_without_a_route_any_more_is_on_record_and_not_lost(db: object) -> None:
    await happened(Rang(order_id=an_order()))
    await route(routes=to(Listener()), now=NOW)
    [claimed] = await claim(now=NOW, limit=10)

    assert await consume(delivery_id=claimed.delivery_id, routes={}, now=NOW) is Outcome.FAILED

    [row] = await deliveries()
    assert row["last_error"] == "LookupError: no route from bell.rang to tower"


async def test_draining_some_consumers_leaves_the_others_theirs(db: object) -> None:
    tower, street = Listener(), Listener()
    routes = {"bell.rang": [Route("tower", tower), Route("street", street)]}
    await happened(Rang(order_id=an_order()))

    assert await drain(routes=routes, now=NOW, consumers=["tower"]) == 1
    assert (len(tower.heard), len(street.heard)) == (1, 0)
    assert await drain(routes=routes, now=NOW) == 1
    assert (len(tower.heard), len(street.heard)) == (1, 1)


async def test_draining_reaches_what_consumers_themselves_record(db: object) -> None:
    listener = Listener()

    async def echo(event: object, *, now: object) -> None:
        await happened(Fell(order_id=order_id))

    order_id = an_order()
    routes = {"bell.rang": [Route("echo", echo)], "bell.fell": [Route("tower", listener)]}
    await happened(Rang(order_id=order_id))

    assert await drain(routes=routes, now=NOW) == 2
    assert [event.name for event in listener.heard] == ["bell.fell"]


@pytest.mark.parametrize("kind", list(Kind))
async def test_ten_workers_with_the_same_delivery_make_one_effect_inside(
    committed_db: object, kind: Kind
) -> None:
    listener = Listener()
    await happened(Rang(order_id=an_order()))
    await route(routes=to(listener, kind=kind), now=NOW)
    [claimed] = await claim(now=NOW, limit=10)

    async def work() -> Outcome:
        return await consume(
            delivery_id=claimed.delivery_id, routes=to(listener, kind=kind), now=NOW
        )

    outcomes = await asyncio.gather(*(work() for _ in range(10)))

    assert Outcome.FAILED not in outcomes
    assert Outcome.DONE in outcomes
    # Outside may repeat itself; inside never does.
    assert await effects() == 1 if kind is Kind.INSIDE else await effects() >= 1
    [row] = await deliveries()
    assert row["done_at"] == NOW


async def test_routers_and_claimers_beside_each_other_hand_out_each_delivery_once(
    committed_db: object,
) -> None:
    for _ in range(60):
        await happened(Rang(order_id=an_order()))
    routes = to(Listener())

    routed = await asyncio.gather(*(route(routes=routes, now=NOW, limit=20) for _ in range(6)))
    claimed = await asyncio.gather(*(claim(now=NOW, limit=20) for _ in range(6)))

    routed_later = await route(routes=routes, now=NOW)
    ids = [one.delivery_id for batch in claimed for one in batch]
    assert sum(routed) + routed_later == 60
    assert len(ids) == len(set(ids))
    assert len(await deliveries()) == 60
