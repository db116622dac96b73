"""What a vendor is measured by: worked by hand, with the orders behind it, and nobody else's."""

from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest

from marketplace.accounts.models import Vendor
from marketplace.kit.errors import NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.orders import accepting, calling_off, shipping
from marketplace.orders.models import SubOrder
from marketplace.scorecards import computing
from marketplace.scorecards.metrics import Metric
from marketplace.sla import pausing
from marketplace.sla.models import ClockKind, ClockState, PauseCause, SlaClock
from tests.factories import NOON, member
from tests.marketplace_web.conftest import ManualClock
from tests.vendor_portal.desks import line_of, order_for, sign_in

pytestmark = pytest.mark.anyio
TODAY = NOON + timedelta(days=5)  # what is accepted at NOON is to leave after two


async def accepted(vendor: Vendor, *, sent_at: datetime | None = None) -> SubOrder:
    [part] = await order_for(vendor)
    accepted = await accepting.accept(principal=member(vendor.id), sub_order_id=part, now=NOON)
    if sent_at is not None:
        await shipping.ship(
            principal=member(vendor.id), sub_order_id=part, carrier="DHL",
            tracking_number="JD014600", key=str(part), now=sent_at,
        )  # fmt: skip
    return accepted


async def refused(vendor: Vendor) -> None:
    [part] = await order_for(vendor)
    line = await line_of(part)
    await accepting.accept(
        principal=member(vendor.id), sub_order_id=part, refused={line.id: 3}, reason="Broken",
        now=NOON,
    )  # fmt: skip


async def figures(vendor_id: UUID, days: int) -> dict[Metric, tuple[int, int]]:
    measured = await computing.measure(principal=member(vendor_id), vendor_id=vendor_id, now=TODAY)
    return {one.metric: (one.counted, one.sample) for one in measured[days]}


@pytest.fixture
async def late(mine: Vendor, theirs: Vendor) -> SubOrder:
    """Mine: one in time, one late, one unsent, one refused, one held up by us. Theirs: one."""
    await accepted(mine, sent_at=NOON + timedelta(days=1))
    late = await accepted(mine, sent_at=NOON + timedelta(days=3))
    await accepted(mine)
    await refused(mine)
    held_up = await accepted(mine)
    async with transaction(SYSTEM):
        await pausing.pause(order_id=held_up.order_id, cause=PauseCause.PLATFORM, now=NOON)
    await accepted(theirs)
    return late


async def test_a_vendors_rates_are_those_worked_by_hand(
    mara: httpx.AsyncClient, mine: Vendor, theirs: Vendor, late: SubOrder, clock: ManualClock
) -> None:
    clock.moment = TODAY
    await sign_in(mara, "mara@kiln.test")

    week = await figures(mine.id, 7)
    page = await mara.get("/portal/performance")
    behind = await mara.get("/portal/performance/late_shipment/7")

    assert week[Metric.ACCEPTANCE] == (4, 5)
    assert week[Metric.LATE_SHIPMENT] == (2, 3)  # what stands still is not late
    assert week[Metric.CANCELLATION] == (0, 5)
    assert week[Metric.VALID_TRACKING] == (0, 2)
    assert week[Metric.ACCEPTANCE_DELAY] == (0, 5)
    assert week[Metric.REFUND] == (0, 2)
    assert (await figures(theirs.id, 7))[Metric.LATE_SHIPMENT] == (1, 1)
    assert "66.67&nbsp;%" in page.text
    assert "2 of 3" in page.text
    assert "0&nbsp;min" in page.text
    assert late.number in behind.text
    assert behind.text.count("/portal/sub-orders/") == 3


async def test_what_a_vendor_calls_off_counts_against_it(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    await accepted(mine)
    called_off = await accepted(mine)
    await calling_off.cancel(
        principal=member(mine.id), order_id=called_off.order_id, reason="Broken", key="once",
        now=NOON,
    )  # fmt: skip

    week = await figures(mine.id, 7)

    assert week[Metric.CANCELLATION] == (1, 2)
    assert week[Metric.LATE_SHIPMENT] == (1, 1)  # nobody waits for what was called off


async def test_what_arrived_late_or_never_is_not_in_time(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    part = await accepted(mine)
    due = NOON + timedelta(days=4)
    async with transaction(SYSTEM):
        for met_at in (due, due + timedelta(hours=1), None):
            await SlaClock.create(
                id=new_id(NOON), kind=ClockKind.DELIVER_BY, subject_id=new_id(NOON),
                order_id=part.order_id, sub_order_id=part.id, vendor_id=mine.id,
                state=ClockState.MET if met_at == due else ClockState.BREACHED, started_at=NOON,
                due_at=due, met_at=met_at, breached_at=None if met_at == due else due,
            )  # fmt: skip

    assert (await figures(mine.id, 7))[Metric.ON_TIME_DELIVERY] == (1, 3)


async def test_another_vendors_rates_do_not_exist(
    mara: httpx.AsyncClient, mine: Vendor, theirs: Vendor
) -> None:
    with pytest.raises(NotFound):
        await computing.measure(principal=member(mine.id), vendor_id=theirs.id, now=TODAY)
    with pytest.raises(NotFound):
        await computing.behind(
            principal=member(mine.id), vendor_id=theirs.id, metric=Metric.REFUND, days=7, now=TODAY
        )

    for address in ("fame/7", "refund/8"):
        assert (await mara.get(f"/portal/performance/{address}")).status_code == 404
