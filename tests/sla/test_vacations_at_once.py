import asyncio
from datetime import date, timedelta

import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.orders import releasing
from marketplace.sla import vacations
from marketplace.sla.models import ClockKind, OffersAway
from tests.factories import NOON, make_offer, make_order, member, parts_of
from tests.sla.clocked import clock_of

pytestmark = pytest.mark.anyio


async def test_a_deadline_that_begins_while_days_off_are_planned_is_extended_too(
    committed_db: object,
) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    [part] = await parts_of(order_id)
    me, has_begun = member(part.vendor_id), asyncio.Event()

    async def release() -> None:
        async with transaction(SYSTEM):
            await releasing.release(order_id=order_id, now=NOON)
            has_begun.set()
            await asyncio.sleep(0.2)  # while the vacation waits for it

    async def close() -> None:
        await has_begun.wait()
        await vacations.close(
            principal=me, vendor_id=part.vendor_id, first_day=date(2026, 3, 3),
            last_day=date(2026, 3, 4), offers=OffersAway.VISIBLE, note="", now=NOON,
        )  # fmt: skip

    await asyncio.gather(release(), close())

    # To be answered by Tuesday, and Tuesday and Wednesday are off.
    assert (await clock_of(part, ClockKind.ACCEPT_BY)).due_at == NOON + timedelta(days=3)
