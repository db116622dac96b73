"""What moves with the units of a replacement: exact money, to whom the rules say."""

from uuid import UUID

import pytest

from marketplace.kit.principal import SYSTEM, Kind, Principal
from marketplace.kit.transactions import connection, transaction
from marketplace.orders import accepting, calling_off, delivering, refunding
from marketplace.orders.models import Shipment
from marketplace.orders.states import SubOrderState
from marketplace.payments.models import PaymentAllocation, Refund
from marketplace.pricing.models import Discount
from marketplace.routing.models import RoutingRuleSet
from settlement.adjustments.models import Adjustment
from tests.factories import NOON, make_commission_rule, make_paid_order, member, parts_of, stock_of
from tests.orders.rerouting import asks_again, refuse, two_sellers
from tests.settlement.test_journeys import assert_sound, hear_all, settle_refunds, ship

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def test_a_refused_sub_order_is_sent_by_another_vendor_and_paid_out_to_it() -> None:
    mine, theirs = await two_sellers()
    order_id = await make_paid_order({mine.id: 2})
    [first] = await parts_of(order_id)

    await refuse(first)

    refused, second = await parts_of(order_id)
    assert (refused.state, refused.total_minor) == (SubOrderState.REFUSED, 0)
    assert (second.state, second.total_minor) == (
        SubOrderState.AWAITING_ACCEPTANCE, first.total_minor,
    )  # fmt: skip
    assert second.number.endswith("-B")
    assert second.vendor_id == theirs.vendor_id
    assert (await stock_of(mine.id), await stock_of(theirs.id)) == ((5, 0), (5, 2))
    assert await Refund.all().count() == 0
    await hear_all()
    await assert_sound()

    await accepting.accept(principal=member(second.vendor_id), sub_order_id=second.id, now=NOON)
    await ship(second.id, second.vendor_id)
    [parcel] = await Shipment.all()
    await delivering.deliver(principal=member(second.vendor_id), shipment_id=parcel.id, now=NOON)
    await hear_all()

    await assert_sound()
    earned = "SELECT vendor_id, net_minor FROM earning"
    [earning] = await connection().fetch(earned)
    # 2 at 12.00 less 15 % and 20 % VAT on that, and 4.00 of shipping.
    assert tuple(earning) == (theirs.vendor_id, 24_00 - 3_60 - 72 + 4_00)


async def ship_everything(order_id: UUID) -> None:
    for part in await parts_of(order_id):
        if part.state is SubOrderState.AWAITING_ACCEPTANCE:
            await accepting.accept(principal=member(part.vendor_id), sub_order_id=part.id, now=NOON)
        if part.state is not SubOrderState.REFUSED:
            await ship(part.id, part.vendor_id)


async def test_a_cheaper_replacement_leaves_the_platform_the_difference() -> None:
    mine, _ = await two_sellers(price=12_00, other_price=11_00)
    order_id = await make_paid_order({mine.id: 2})
    [first] = await parts_of(order_id)

    await refuse(first)

    second = await asks_again(order_id)
    assert (second.lines[0].funding_minor, second.total_minor) == (-2_00, first.total_minor)
    await ship_everything(order_id)
    await hear_all()
    await assert_sound()
    await refunding.request(
        principal=SYSTEM, order_id=order_id, units={second.lines[0].id: 1}, shipping_of=[],
        reason="broken", key="r", now=NOON,
    )  # fmt: skip
    await settle_refunds()
    await hear_all()
    await assert_sound()


async def test_each_vendor_pays_its_own_commission() -> None:
    mine, theirs = await two_sellers()
    order_id = await make_paid_order({mine.id: 1})
    await make_commission_rule(rate_ppm=80_000, vendor_id=theirs.vendor_id)
    [first] = await parts_of(order_id)

    await refuse(first)

    [line] = (await asks_again(order_id)).lines
    assert (line.commission_ppm, line.commission_minor) == (80_000, 96)


@pytest.mark.parametrize("funded_by", ["platform", "vendor"])
async def test_a_discount_goes_along_and_nobody_new_pays_for_it(funded_by: str) -> None:
    mine, theirs = await two_sellers(price=10_01)
    await Discount.create(
        id=mine.id, code="SPRING", amount_minor=7_00, currency="EUR", valid_from=NOON,
        vendor_id=mine.vendor_id if funded_by == "vendor" else None,
    )  # fmt: skip
    order_id = await make_paid_order({mine.id: 3}, discount="SPRING")
    [first] = await parts_of(order_id)

    await refuse(first, {first.lines[0].id: 2})

    kept, second = await parts_of(order_id)
    assert kept.discount_minor + second.discount_minor == 7_00
    assert second.lines[0].vendor_minor == 2 * 12_00
    assert second.vendor_id == theirs.vendor_id
    await ship_everything(order_id)
    await hear_all()
    await assert_sound()


async def test_units_that_support_gave_back_are_not_sent_again() -> None:
    mine, _ = await two_sellers()
    order_id = await make_paid_order({mine.id: 2})
    [first] = await parts_of(order_id)
    await refunding.request(
        principal=SYSTEM, order_id=order_id, units={first.lines[0].id: 1}, shipping_of=[],
        reason="goodwill", key="r", now=NOON,
    )  # fmt: skip

    await refuse(first)

    assert len(await parts_of(order_id)) == 1
    await settle_refunds()
    await hear_all()
    await assert_sound()


async def test_money_that_a_bank_wants_back_stays_where_it_is() -> None:
    mine, _ = await two_sellers()
    order_id = await make_paid_order({mine.id: 1})
    [first] = await parts_of(order_id)
    async with transaction(SYSTEM):
        await PaymentAllocation.filter(sub_order_id=first.id).update(disputed_minor=1)

    await refuse(first)

    assert len(await parts_of(order_id)) == 1


async def test_the_ledger_may_hear_of_the_money_after_it_moved_on() -> None:
    mine, _ = await two_sellers()
    order_id = await make_paid_order({mine.id: 2})
    [first] = await parts_of(order_id)
    await refuse(first)
    second = await asks_again(order_id)
    await accepting.accept(principal=member(second.vendor_id), sub_order_id=second.id, now=NOON)
    await ship(second.id, second.vendor_id)

    await hear_all()

    await assert_sound()


async def test_the_rules_may_let_the_first_vendor_pay_what_a_replacement_costs_more() -> None:
    mine, _ = await two_sellers(price=10_00, other_price=11_00)
    order_id = await make_paid_order({mine.id: 2})
    await RoutingRuleSet.all().update(
        document={"rankers": [{"name": "price"}], "bearer": "vendor"}, edition=2
    )
    [first] = await parts_of(order_id)
    await refuse(first)
    await hear_all()
    assert await Adjustment.all().count() == 0

    await ship_everything(order_id)
    for _ in range(2):
        await hear_all()

    [charged] = await Adjustment.all()
    assert (charged.vendor_id, charged.amount_minor) == (mine.vendor_id, 2_00)
    await assert_sound()


async def test_who_could_not_send_it_pays_for_no_more_than_was_sent_instead() -> None:
    mine, _ = await two_sellers(price=10_00, other_price=11_00)
    order_id = await make_paid_order({mine.id: 2})
    await RoutingRuleSet.all().update(
        document={"rankers": [{"name": "price"}], "bearer": "vendor"}, edition=2
    )
    await refuse((await parts_of(order_id))[0])
    second = await asks_again(order_id)
    await calling_off.cancel(
        principal=Principal(Kind.TOKEN, id=order_id), order_id=order_id, reason="one will do",
        units={second.lines[0].id: 1}, key="k", now=NOON,
    )  # fmt: skip

    await ship_everything(order_id)
    await settle_refunds()
    await hear_all()

    [charged] = await Adjustment.all()
    assert (charged.vendor_id, charged.amount_minor) == (mine.vendor_id, 1_00)
    await assert_sound()
