"""What a sale consists of in a settlement: own discounts, shipping, tax that the vendor owes."""

from datetime import timedelta

import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.orders import accepting
from marketplace.pricing.models import TaxRate
from settlement.earnings import maturing
from settlement.payouts import drafting
from settlement.reports.definitions.settlement import SETTLEMENT
from settlement.reports.report import Value
from tests.factories import NOON, make_channel, make_offer, make_paid_order, member, parts_of
from tests.settlement.books import hear
from tests.settlement.reports.rows import number, rows_of
from tests.settlement.test_journeys import hear_all, settle_refunds
from tests.settlement.test_journeys import ship as ship_units
from tests.settlement.worked import place, ship

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]

LATE = NOON + timedelta(days=7 * 40)  # a Monday, long after everything matured


async def settled() -> list[dict[str, Value]]:
    await maturing.mature_due(now=LATE)
    await drafting.draft_cycle(day=LATE.date(), principal=SYSTEM, now=LATE)
    rows = await rows_of(SETTLEMENT)
    for row in rows:
        assert (row["difference"], row["other"]) == (0, 0)
    return rows


async def test_the_worked_order_shows_its_own_discount_and_shipping_apart() -> None:
    order = await place()
    await hear(order.captured(), order.fee_known())
    await ship(order, "A")
    await hear(order.shipped("A"))

    [row] = await settled()

    assert (row["gross_sales"], row["vendor_discounts"], row["shipping"]) == (60_00, -5_00, 6_00)
    assert (row["commission"], row["commission_vat"], row["tax_passed_on"]) == (-8_25, 0, 0)


async def test_tax_that_the_vendor_owes_is_passed_on_to_it() -> None:
    await make_channel()
    await TaxRate.filter(country="DE").update(liable="vendor")
    mugs = await make_offer(price=10_00, on_hand=9)
    [part] = await parts_of(await make_paid_order({mugs.id: 2}))
    me = member(part.vendor_id)
    await accepting.accept(principal=me, sub_order_id=part.id, now=NOON)
    await ship_units(part.id, part.vendor_id)
    await hear_all()

    [row] = await settled()

    assert (row["gross_sales"], row["shipping"]) == (20_00, 4_00)
    assert row["tax_passed_on"] == part.tax_minor
    assert number(row, "tax_passed_on") > 0


async def test_what_was_refused_before_it_shipped_was_never_sold() -> None:
    mugs = await make_offer(price=10_00, on_hand=9)
    [part] = await parts_of(await make_paid_order({mugs.id: 3}))
    [line] = part.lines
    await accepting.accept(
        principal=member(part.vendor_id), sub_order_id=part.id, refused={line.id: 1},
        reason="broken", now=NOON,
    )  # fmt: skip
    await settle_refunds()
    await ship_units(part.id, part.vendor_id)
    await hear_all()

    [row] = await settled()

    assert (row["gross_sales"], row["shipping"], row["refunds"]) == (20_00, 4_00, 0)
