"""The order whose life is played, and who has part in it."""

from uuid import UUID

from marketplace.accounts.models import Vendor
from marketplace.kit.errors import DomainError
from marketplace.orders.models import OrderLine, Shipment, SubOrder
from tests.factories import NOON, make_offer, make_order


class Nothing(DomainError):
    code = "NOTHING_THERE"
    message = "There is none yet."


class Life:
    """One order of two vendors: three mugs and two lamps, five of each on the shelf.

    A third vendor has four such mugs too, and the first one has cups that it may offer instead.
    """

    def __init__(self) -> None:
        self.now = NOON
        self.order_id = UUID(int=0)
        self.done: list[str] = []
        self.heard: set[UUID] = set()

    async def begin(self) -> None:
        mug = await make_offer(on_hand=5, price=9_99)
        lamp = await make_offer(sku="lamp", on_hand=5, price=33_33)
        await make_offer(like=mug, on_hand=4, price=10_49)
        await make_offer(
            vendor=await Vendor.get(id=mug.vendor_id), sku="cup", on_hand=2, price=7_77
        )
        self.order_id = await make_order({mug.id: 3, lamp.id: 2})

    async def part(self, which: int) -> SubOrder:
        parts = await SubOrder.filter(order_id=self.order_id).order_by("number")
        return parts[which % len(parts)]

    async def line(self, which: int) -> OrderLine:
        """The first that has something to send, or the first."""
        part = await self.part(which)
        lines = await OrderLine.filter(sub_order_id=part.id).order_by("position")
        return next((line for line in lines if line.live > line.shipped), lines[0])

    async def parcel(self, which: int) -> Shipment:
        found = await Shipment.filter(order_id=self.order_id).order_by("id")
        if not found:
            raise Nothing
        return found[which % len(found)]
