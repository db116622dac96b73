"""A paid order, and its money on the way back."""

from uuid import UUID

from marketplace.kit.principal import SYSTEM
from marketplace.orders import refunding
from tests.factories import make_offer, make_order
from tests.payments.world import World

TOTAL = 2 * 14_28 + 4_76
THROUGH = ["refund.requested", "refund.submitting", "refund.succeeded"]
PROVIDER_REFUND = "SELECT provider_refund_id FROM refund"
COUNTERS = "SELECT captured_minor, refund_claimed_minor, refunded_minor FROM "


async def a_paid_order(world: World, *, card: str = "pm_card_visa") -> UUID:
    order_id = await make_order({(await make_offer(price=12_00)).id: 2})
    await world.pay(order_id, card=card)
    return order_id


async def ask_for_all(world: World, order_id: UUID, *, key: str = "refund") -> UUID:
    return await refunding.request_full(
        principal=SYSTEM, order_id=order_id, reason="broken", key=key, now=world.now
    )


async def counters(world: World) -> list[tuple[int, int, int]]:
    """Captured, claimed and refunded, of the payment and of its only allocation."""
    rows = [(await world.rows(COUNTERS + table))[0] for table in ("payment", "payment_allocation")]
    return [tuple(row) for row in rows]


async def refund_events(world: World, order_id: UUID) -> list[str]:
    return [name for name in await world.events(order_id) if name.startswith("refund.")]


async def at_provider(world: World) -> list[str]:
    found = await world.sandbox.refunds.list_async({"limit": 100})
    return [refund.status or "" for refund in found.data]
