import re
from datetime import datetime
from pathlib import Path
from uuid import UUID

import jsonschema
import pytest

from marketplace.inventory import alerting, shortening, uploading
from marketplace.kit.errors import InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace.notifications.messages import MESSAGES
from marketplace.orders.states import SubOrderState
from marketplace.outbox import replaying
from marketplace.outbox.claiming import claim
from marketplace.outbox.consuming import consume
from marketplace.outbox.draining import drain
from marketplace.outbox.models import OutboxEvent
from marketplace.outbox.recording import record_unstreamed
from marketplace.outbox.routes import Kind, Queue, Received, Route
from marketplace.outbox.routing import route
from marketplace.payments.inbox import RECEIVED, SETTLEMENT_RECEIVED
from marketplace.payments.stripe_gateway import StripeGateway
from marketplace.scorecards import appealing
from marketplace.scorecards import moving as standings
from marketplace.scorecards.standing_models import AppealState
from marketplace.scorecards.states import APPEAL
from marketplace_runtime import cataloguing, telling
from marketplace_runtime.jobs import Jobs
from marketplace_runtime.routes import MAIL, PAYOUTS, SETTLEMENT, all_routes, ledger_routes
from settlement.connected import applying
from settlement.connected.stripe_connect import StripeConnect
from settlement.history.keeping import Subject
from settlement.payouts import moving
from tests.orders.living import lead
from tests.outbox.recorded import NOW, Listener, Rang, an_order, happened

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTATION = (ROOT / "docs" / "events.md").read_text()
KEPT = re.compile(r'event="([a-z_.]+)"')


async def table() -> dict[str, list[Route]]:
    gateway = StripeGateway(api_key="sk_test_none", api_base="http://127.0.0.1:9")
    connect = StripeConnect(api_key="sk_test_none", api_base="http://127.0.0.1:9")
    routes = all_routes(postman=Listener(), gateway=gateway, connect=connect)
    await gateway.close()
    await connect.close()
    return {name: list(ways) for name, ways in routes.items()}


def kept_by_settlement() -> set[str]:
    """The names that settlement's histories are kept under, as they stand in its source."""
    sources = (path.read_text() for path in (ROOT / "settlement").rglob("*.py"))
    return {name for source in sources for name in KEPT.findall(source)}


async def test_every_event_has_its_row_and_every_row_its_event() -> None:
    rows = set(await table())
    of_orders = {*(kind.name for kind in cataloguing.kinds()), RECEIVED, SETTLEMENT_RECEIVED}
    named = {*kept_by_settlement(), *moving.EVENTS.values(), *applying.EVENTS.values()}
    of_stock = {alerting.LOW, shortening.SHORT, uploading.WANTED}
    of_vendors = {
        *standings.EVENTS.values(), appealing.OPENED,
        *(f"appeal.{state}" for state in AppealState if not APPEAL.allows(state)),
    }  # fmt: skip
    others = of_orders | of_stock | of_vendors

    assert others | named <= rows
    assert {name.partition(".")[0] for name in rows - others} <= set(Subject)


async def test_a_consumer_has_one_queue_and_money_does_not_wait_with_orders() -> None:
    queues = {(way.consumer, way.queue) for ways in (await table()).values() for way in ways}

    assert len(queues) == len({consumer for consumer, _ in queues})
    assert {consumer for consumer, queue in queues if queue is Queue.MONEY} == {
        PAYOUTS,
        SETTLEMENT,
    }


async def test_every_message_has_its_route_and_is_sent_outside_of_transactions() -> None:
    routes = await table()

    mailed = {name: way for name, ways in routes.items() for way in ways if way.consumer == MAIL}

    assert set(mailed) == set(MESSAGES)
    assert {way.kind for way in mailed.values()} == {Kind.OUTSIDE}


async def test_what_a_replay_drains_is_what_the_worker_tells_the_ledger() -> None:
    routes = await table()

    for name, ways in ledger_routes().items():
        assert [way for way in routes[name] if way.consumer == "ledger"] == list(ways)


async def test_a_job_that_its_worker_dies_of_again_and_again_is_on_record(
    committed_db: object,
) -> None:
    listener = Listener()
    routes = {"bell.rang": [Route("tower", listener)]}
    await happened(Rang(order_id=an_order()))
    await route(routes=routes, now=NOW)
    [claimed] = await claim(now=NOW, limit=1)

    outcome = await Jobs(routes).deliver(
        {"job_try": 4}, delivery_id=str(claimed.delivery_id), attempts=claimed.attempts
    )

    assert outcome == "failed"

    assert listener.heard == []
    async with transaction(SYSTEM):
        error = await connection().fetchval("SELECT last_error FROM delivery")
    assert error == "the worker ended 3 times while handling it"


async def test_an_event_from_outside_tells_of_no_order_and_is_delivered_all_the_same(
    db: object,
) -> None:
    heard: list[Received] = []

    async def hear(event: Received, *, now: datetime) -> None:
        heard.append(event)

    kept = str(new_id(NOW))
    await record_unstreamed(RECEIVED, {"provider_event_id": kept}, now=NOW)
    routes = {RECEIVED: [Route("provider", hear)]}
    await route(routes=routes, now=NOW)
    [claimed] = await claim(now=NOW, limit=1)

    await consume(delivery_id=claimed.delivery_id, routes=routes, now=NOW)

    assert heard[0].id_of("provider_event_id") == UUID(kept)
    assert heard[0].stream_id is None


async def test_every_event_stands_in_the_documentation() -> None:
    undocumented = {name for name in await table() if f"| `{name}` |" not in DOCUMENTATION}

    assert undocumented == set()


async def test_the_catalogue_is_what_the_code_says_and_every_event_has_words() -> None:
    assert cataloguing.document(DOCUMENTATION, await telling.known_routes()) == DOCUMENTATION
    assert "(*, " not in DOCUMENTATION  # the signature of a class that nobody described


async def test_what_is_recorded_is_what_its_schema_says(db: object) -> None:
    schemas = cataloguing.schemas()
    part = await lead(SubOrderState.CLOSED)
    await lead(SubOrderState.CANCELLED)

    events = await OutboxEvent.all()

    assert {event.name for event in events} > {"order.placed", "sub_order.closed"}
    for event in events:
        jsonschema.validate(event.payload, schemas[event.name])
    assert part.state is SubOrderState.CLOSED


async def test_a_consumer_that_is_told_again_does_its_part_once(db: object) -> None:
    part = await lead(SubOrderState.SHIPPED)
    other = await lead(SubOrderState.SHIPPED)
    routes = ledger_routes()
    await drain(routes=routes, now=NOW)
    booked = await connection().fetchval("SELECT count(*) FROM ledger_transaction")

    told = await replaying.tell_again(
        consumer="ledger", routes=routes, order_id=part.order_id, now=NOW
    )
    await drain(routes=routes, now=NOW)
    of_all = await replaying.tell_again(
        consumer="ledger", routes=routes, since=part.placed_at, now=NOW
    )
    await drain(routes=routes, now=NOW)

    assert 0 < told < of_all
    assert await connection().fetchval("SELECT count(*) FROM ledger_transaction") == booked
    heard = await replaying.stream(other.order_id)
    assert [one.seq for one in heard] == list(range(1, len(heard) + 1))
    assert "ledger" in heard[1].heard_by
    with pytest.raises(InvalidInput):
        await replaying.tell_again(consumer="nobody", routes=routes, since=NOW, now=NOW)
    with pytest.raises(InvalidInput):
        await replaying.tell_again(consumer="ledger", routes=routes, now=NOW)
    with pytest.raises(NotFound):
        await replaying.find_order("M-1")
