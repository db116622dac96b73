"""Who does a vendor's books, and who reads the marketplace's, changes nothing about orders."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest

from marketplace.kit.errors import Forbidden
from marketplace.kit.principal import Kind, Principal, StaffRole, VendorRole
from marketplace.orders import (
    accepting,
    calling_off,
    collecting,
    delays,
    delivering,
    labelling,
    losing,
    preparing,
    shipping,
    substituting,
)
from marketplace.orders.history_models import StateChange
from marketplace.orders.tracks import Resolution
from tests.factories import NOON
from tests.orders.parcelling import accepted, sent

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def test_who_only_looks_changes_nothing() -> None:
    part = await accepted()
    parcel = await sent(part, 1)
    of: dict[str, Any] = {"sub_order_id": part.id}
    this: dict[str, Any] = {"shipment_id": parcel.id}
    before = await StateChange.all().count()
    for by in (
        Principal(Kind.VENDOR, part.id, part.vendor_id, frozenset({VendorRole.FINANCE})),
        Principal(Kind.STAFF, part.id, None, frozenset({StaffRole.FINANCE_VIEWER})),
    ):
        me: dict[str, Any] = {"principal": by, "now": NOON}
        acts: list[Callable[..., Awaitable[object]]] = [
            lambda **me: accepting.accept(**of, **me),
            lambda **me: preparing.start(**of, **me),
            lambda **me: preparing.make_ready(**of, **me),
            lambda **me: shipping.ship(**of, carrier="Post", tracking_number="1", key="k", **me),
            lambda **me: shipping.hand_over(**this, **me),
            lambda **me: labelling.pack(**of, carrier="Post", key="k", **me),
            lambda **me: labelling.unpack(**this, **me),
            lambda **me: collecting.make_ready(**of, location_id=part.id, key="k", **me),
            lambda **me: collecting.collect(**this, code="A", **me),
            lambda **me: delivering.deliver(**this, **me),
            lambda **me: losing.report(**this, came_back=False, reason="gone", **me),
            lambda **me: losing.resolve(**this, wish=Resolution.REFUNDED, **me),
            lambda **me: delays.announce(**of, day=date(2026, 4, 1), reason="snow", **me),
            lambda **me: calling_off.cancel(order_id=part.order_id, reason="x", key="k", **me),
            lambda **me: substituting.propose(
                **of, line_id=part.id, offer_id=part.id, units=1, **me
            ),
            lambda **me: substituting.withdraw(substitution_id=part.id, **me),
        ]
        for act in acts:
            with pytest.raises(Forbidden):
                await act(**me)

    assert await StateChange.all().count() == before
