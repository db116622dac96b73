import asyncio
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace.orders.models import Order, OrderLine, SubOrder
from marketplace.orders.states import SubOrderState
from marketplace.payments.models import Payment, Refund, RefundState
from marketplace.routing.models import RoutingDecision
from marketplace_runtime.checking import check
from marketplace_runtime.embedded.services import RunningServices
from marketplace_runtime.orm import connected
from marketplace_runtime.replaying.exclusive import alone
from marketplace_runtime.replaying.reconciling import ARRIVES_WITHIN
from marketplace_runtime.replaying.treasury import GOES_ON_FOR
from tests.conftest import Database
from tests.factories import make_channel
from tests.replay import sellers
from tests.replay.histories import ITEMS, SMALL, changed, set_cell, small_plan
from tests.replay.rules import Undone, simulated
from tests.replay.running import Replay, count, expected_figures, facts, read

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def replayed(
    services: RunningServices, template: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Replay]:
    """The small history, replayed once; tests look at it and leave it as it is."""
    name = "souk_replayed"
    services.ensure_database(name, template=template.name)
    database = Database(
        name,
        services.database_url(name),
        services.database_url(name, role="souk_owner"),
    )
    replay = Replay(tmp_path_factory.mktemp("home"), database)
    assert facts(replay.figures()) == expected_figures()
    yield replay
    services.drop_database(name)


def of(replay: Replay) -> Database:
    assert replay.database is not None
    return replay.database


async def test_it_comes_to_the_figures_of_the_files_and_every_invariant_holds(
    replayed: Replay,
) -> None:
    report = await check(of(replayed).url)

    assert report.violations == ()
    assert report.waiting == 0
    assert replayed.charges() == 40


async def test_run_again_it_changes_nothing_and_says_the_same(replayed: Replay) -> None:
    url = of(replayed).owner_url
    before = await count(url, "SELECT count(*) FROM outbox_event")

    done = replayed.run()

    assert done.returncode == 0
    assert facts(read(done.stdout)) == expected_figures()
    assert await count(url, "SELECT count(*) FROM outbox_event") == before
    assert replayed.charges() == 40


async def test_every_seller_has_got_or_is_owed_what_the_files_give_it(replayed: Replay) -> None:
    paid, owed, accounts = await sellers.booked(of(replayed).owner_url)
    sent = sellers.arrived(replayed.home / "sandbox" / "souk_replayed.sqlite3", accounts)
    wanted = sellers.earned(SMALL, None)

    assert sellers.differences(wanted, paid, owed, sent) == []
    assert sum(paid.values()) > sum(owed.values()) > 0
    [one, *_] = (seller for seller, minor in paid.items() if minor)
    assert sellers.differences(wanted, paid | {one: paid[one] + 1}, owed, sent) != []


async def test_an_order_has_the_historys_times_prices_freight_and_deadlines(
    replayed: Replay,
) -> None:
    planned = small_plan().orders[7]

    async with connected(of(replayed).url), transaction(SYSTEM, read_only=True):
        order = await Order.get(source_ref=planned.id)
        parts = await SubOrder.filter(order_id=order.id)
        lines = await OrderLine.filter(order_id=order.id)

    assert order.placed_at == planned.times.purchased_at
    assert sorted(part.shipping_gross_minor for part in parts) == sorted(
        planned.freight_minor.values()
    )
    assert {part.fixed_ship_by for part in parts} == set(planned.ship_by.values())
    assert {part.released_at for part in parts} == {planned.times.paid_at}
    assert {part.shipped_at for part in parts} == {planned.times.handed_over_at}
    assert {part.delivered_at for part in parts} == {planned.times.delivered_at}
    assert {(line.sku, line.quantity, line.unit_price_minor) for line in lines} == {
        (line.offer.sku, line.quantity, line.price_minor) for line in planned.lines
    }


async def test_the_canceled_order_ends_refunded_in_full(replayed: Replay) -> None:
    (canceled,) = [order for order in small_plan().orders if order.is_canceled]

    async with connected(of(replayed).url), transaction(SYSTEM, read_only=True):
        order = await Order.get(source_ref=canceled.id)
        payment = await Payment.get(order_id=order.id)
        refund = await Refund.get(order_id=order.id)
        states = {part.state for part in await SubOrder.filter(order_id=order.id)}

    assert payment.refunded_minor == payment.captured_minor == canceled.total_minor
    assert refund.state is RefundState.SUCCEEDED
    assert refund.requested_at == canceled.times.delivered_at
    assert states == {SubOrderState.DELIVERED}


async def test_all_stock_is_sold_and_nobody_is_written_to(replayed: Replay) -> None:
    url = of(replayed).owner_url

    assert await count(url, "SELECT sum(on_hand) + sum(reserved) FROM stock") == 0
    assert await count(url, "SELECT count(*) FROM outgoing_mail") == 0
    assert await count(url, "SELECT count(*) FROM outbox_event WHERE routed_at IS NULL") == 0


async def test_its_clock_stands_where_the_last_payouts_had_arrived(replayed: Replay) -> None:
    ended_at = small_plan().timeline()[-1].at
    last = int((ended_at + GOES_ON_FOR + ARRIVES_WITHIN).timestamp())

    clock = "SELECT extract(epoch FROM virtual_now)::bigint FROM clock WHERE mode = 'virtual'"
    assert await count(of(replayed).owner_url, clock) == last
    assert datetime.fromtimestamp(last, UTC).year == 2018


async def test_another_part_of_the_history_is_refused_in_the_same_database(
    replayed: Replay,
) -> None:
    done = replayed.run("--limit=10")

    assert done.returncode == 1
    assert "holds a replay of something else (Replay of 40 orders" in done.stderr
    assert done.stdout == ""


async def test_a_database_with_a_marketplace_in_it_is_refused(
    committed_db: Database, tmp_path: Path
) -> None:
    await make_channel()

    done = Replay(tmp_path / "home", committed_db).run()

    assert done.returncode == 1
    assert "this database holds a marketplace already" in done.stderr
    assert await count(committed_db.owner_url, "SELECT count(*) FROM vendor") == 0


async def test_a_second_replay_beside_the_first_is_refused(
    replayed: Replay, tmp_path: Path
) -> None:
    beside = Replay(tmp_path / "home", replayed.database)

    async with alone(of(replayed).url):
        done = await asyncio.to_thread(beside.run)

    assert done.returncode == 1
    assert "another replay works in this database" in done.stderr


def test_a_dry_run_checks_all_and_writes_nothing(tmp_path: Path) -> None:
    done = Replay(tmp_path / "home").run("--dry-run")

    assert done.returncode == 0
    assert "40 orders of 56 units from 8 sellers" in done.stderr
    assert "olist_order_items.csv, line 42" in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "home").exists()


def test_a_broken_row_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    directory = tmp_path / "history"
    directory.mkdir()
    changed(directory, ITEMS, set_cell(8, "price", "-5.00"))

    done = Replay(tmp_path / "home", directory=directory).run()

    assert done.returncode == 1
    said = "olist_order_items.csv, line 8, price: '-5.00' is negative. Accepted: an amount such as"
    assert said in done.stderr
    assert "1 error; nothing was written" in done.stderr
    assert not (tmp_path / "home").exists()


def test_an_address_without_a_database_is_refused(tmp_path: Path) -> None:
    done = Replay(tmp_path / "home").run("--database-url=postgres://somebody@localhost")

    assert done.returncode == 1
    assert "--database-url names no database; accepted is postgres://" in done.stderr


async def test_changed_routing_rules_tell_how_far_they_agree_with_what_was_replayed(
    replayed: Replay,
) -> None:
    dear = 50_00
    async with connected(of(replayed).url):
        with suppress(Undone):
            async with transaction(SYSTEM):
                now = datetime(2030, 1, 1, tzinfo=UTC)
                done = await simulated(f"candidate.price_minor >= {dear}", now)
                others = await connection().fetchval(
                    "SELECT count(DISTINCT sub_order_id) FROM order_line"
                    " WHERE unit_price_minor >= $1",
                    dear,
                )
                decisions = await RoutingDecision.all().count()
                raise Undone

    assert (done.done, done.differing) == (decisions, others)
    assert 0 < others < decisions
    first = done.differences[0]["lines"][0]
    assert first["would_be"] == "nobody"
