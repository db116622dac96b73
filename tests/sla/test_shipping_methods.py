"""What was placed as express is due when a rule for express says so."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.orders import accepting
from marketplace.sla import drafting
from marketplace.sla.drafting import RuleDraft
from marketplace.sla.models import ClockKind, SlaClock
from marketplace.sla.policy_models import Unit
from tests.factories import NOON, make_offer, make_paid_order, make_rate, member, parts_of

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]

RULES = [
    RuleDraft(
        kind=kind, shipping_method="express", amount=amount, unit=Unit.BUSINESS_HOURS, warn_hours=1
    )
    for kind, amount in ((ClockKind.ACCEPT_BY, 2), (ClockKind.SHIP_BY, 4))
]


async def due(order_id: UUID) -> dict[ClockKind, datetime]:
    """After its vendor has accepted the one part it has."""
    [part] = await parts_of(order_id)
    await accepting.accept(principal=member(part.vendor_id), sub_order_id=part.id, now=NOON)
    clocks = await SlaClock.filter(order_id=order_id, sub_order_id=part.id)
    return {clock.kind: clock.due_at for clock in clocks}


async def test_an_express_part_is_due_before_a_standard_one_of_the_same_vendor() -> None:
    mug = await make_offer(on_hand=9)
    await make_rate(mug.vendor_id, "express")
    version_id = await drafting.save(
        principal=SYSTEM, rules=RULES, actions=[], note="Express is quicker", now=NOON
    )
    await drafting.activate(principal=SYSTEM, version_id=version_id, now=NOON)

    standard = await make_paid_order({mug.id: 1})
    express = await make_paid_order({mug.id: 1}, methods={mug.vendor_id: "express"})

    # A Monday, 13:00 in Berlin; the vendor works from 9 to 17, and has 8 and 16 hours by itself.
    assert await due(express) == {
        ClockKind.ACCEPT_BY: datetime(2026, 3, 2, 14, tzinfo=UTC),
        ClockKind.SHIP_BY: datetime(2026, 3, 2, 16, tzinfo=UTC),
    }
    assert await due(standard) == {
        ClockKind.ACCEPT_BY: datetime(2026, 3, 3, 12, tzinfo=UTC),
        ClockKind.SHIP_BY: datetime(2026, 3, 4, 12, tzinfo=UTC),
    }
