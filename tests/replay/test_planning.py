from itertools import pairwise

from marketplace_runtime.replaying.planning import Step
from tests.replay.expected import expected
from tests.replay.histories import SMALL, small_plan


def test_the_plan_holds_what_the_files_alone_say() -> None:
    plan, facts = small_plan(), expected(SMALL)

    lines = [line for order in plan.orders for line in order.lines]
    late = [
        line.quantity
        for order in plan.orders
        for line in order.lines
        if order.times.handed_over_at > order.ship_by[line.offer.seller_id]
    ]
    assert sum(line.quantity for line in lines) == facts["items"]
    assert sum(line.quantity * line.price_minor for line in lines) == facts["items_total"] * 100
    assert sum(order.total_minor for order in plan.orders) == facts["captured"] * 100
    assert sum(len(order.ship_by) for order in plan.orders) == facts["sub_orders"]
    assert (len(plan.sellers), sum(late)) == (facts["vendors"], facts["late_items"])


def test_equal_units_are_one_line_and_another_price_is_another_variant() -> None:
    plan = small_plan()

    assert [line.quantity for line in plan.orders[3].lines] == [3]
    (order,) = [o for o in plan.orders if any(line.offer.variant > 1 for line in o.lines)]
    dear, cheap = order.lines
    assert (dear.offer.product_id, dear.offer.seller_id) == (
        cheap.offer.product_id,
        cheap.offer.seller_id,
    )
    assert (dear.offer.sku, cheap.offer.sku) == (
        dear.offer.product_id,
        f"{dear.offer.product_id}-2",
    )
    assert dear.price_minor - cheap.price_minor == 150


def test_an_offer_begins_at_its_first_price_with_stock_for_all_its_orders() -> None:
    plan = small_plan()

    prices, units = plan.first_prices, plan.units

    assert prices.keys() == units.keys()
    assert sum(units.values()) == 56
    first = plan.orders[0].lines[0]
    assert prices[first.offer] == first.price_minor


def test_time_never_goes_back_and_an_order_keeps_the_order_of_its_steps() -> None:
    plan = small_plan()

    timeline = plan.timeline()

    assert len(timeline) == 40 * 4 + 1
    assert all(before.at <= after.at for before, after in pairwise(timeline))
    for number, order in enumerate(plan.orders):
        steps = [entry.step for entry in timeline if entry.number == number]
        assert steps == (list(Step) if order.is_canceled else list(Step)[:4])


def test_a_limit_takes_the_first_orders_by_purchase_and_only_what_they_need() -> None:
    whole, part = small_plan(), small_plan(limit=6)

    assert list(part.orders) == list(whole.orders[:6])
    assert part.sellers.keys() == {name for order in part.orders for name in order.ship_by}
    assert part.customers.keys() == {order.customer_id for order in part.orders}
    assert part.fingerprint not in {whole.fingerprint, small_plan(limit=7).fingerprint}
    assert part.fingerprint == small_plan(limit=6).fingerprint
