"""One step of one order's story, by the operations that the faces call."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from marketplace.accounts.models import Vendor
from marketplace.carriers import simulated
from marketplace.checkout import carts, paying, placing
from marketplace.kit.principal import SYSTEM, Kind, Principal
from marketplace.kit.transactions import transaction
from marketplace.orders import accepting, delivering, losing, refunding, shipping
from marketplace.orders.models import OrderLine, Shipment, SubOrder
from marketplace.orders.states import UNDER_WAY, SubOrderState
from marketplace.orders.tracks import Resolution
from marketplace.payments.gateway import PaymentGateway
from marketplace.payments.models import Capture
from marketplace_runtime.seeding import demo
from marketplace_runtime.seeding.past.people import People
from marketplace_runtime.seeding.past.shelves import OfferKey
from marketplace_runtime.seeding.past.stand_in import StandIn
from marketplace_runtime.seeding.past.stories import DISCOUNT, Fate, Step, Story
from settlement.disputes import answering
from settlement.disputes.models import Dispute

METHOD = "pm_card_visa"
# The last two digits are what becomes of a parcel at the carrier whose news we get.
LOST, TROUBLED, TROUBLED_EVERY = 95, 92, 15
# Now and then this vendor sends with somebody who tells us nothing.
SILENT_CARRIER, SILENT_VENDOR, SILENT_EVERY = "UPS", "lumen", 4
EVIDENCE = {
    "customer_name": "as on the order",
    "shipping_carrier": "DHL",
    "uncategorized_text": "The parcel was signed for at the customer's own door.",
}


@dataclass(frozen=True, slots=True)
class Steps:
    """`order_ids`, by the story's number, grows with every order."""

    people: People
    offers: dict[OfferKey, UUID]
    gateway: PaymentGateway
    stripe: StandIn
    return_url: str
    order_ids: dict[int, UUID] = field(default_factory=dict)

    async def take(self, step: Step, story: Story, now: datetime) -> None:
        if step is Step.BUY:
            await self._buy(story, now)
            return
        order_id = self.order_ids[story.number]
        match step:
            case Step.ANSWER:
                await self._answer(story, order_id, now)
            case Step.SHIP:
                await self._ship(story, order_id, now)
            case Step.DELIVER:
                await self._deliver(order_id, now)
            case Step.COMPLAIN:
                await self._complain(story, order_id, now)
            case Step.REPLY:
                await self._reply(story, order_id, now)
            case Step.RULE:
                await self.stripe.rule((await _dispute(order_id)).provider_dispute_id)

    async def _buy(self, story: Story, now: datetime) -> None:
        shopper = story.shopper
        guest = Principal(Kind.GUEST)
        cart, token = await carts.create(principal=guest, channel_code="eu", now=now)
        for wanted in story.wanted:
            offer_id = self.offers[wanted.sku, wanted.vendor]
            await carts.set_line(
                principal=guest, token=token, offer_id=offer_id, quantity=wanted.quantity
            )
        await carts.set_details(
            principal=guest, token=token, email=shopper.email, name=shopper.name,
            address=shopper.address,
        )  # fmt: skip
        if story.is_express:
            await _hurry(token, {wanted.vendor for wanted in story.wanted})
        if story.has_discount:
            await carts.set_discount(principal=guest, token=token, code=DISCOUNT)
        order_id = await placing.place_order(
            principal=guest, token=token, key=f"past:{story.number}", now=now
        )
        self.order_ids[story.number] = order_id
        if story.fate is not Fate.UNPAID:
            await paying.pay_order(
                principal=Principal(Kind.GUEST, id=cart.id),
                order_id=order_id,
                payment_method=METHOD,
                return_url=self.return_url,
                key=f"past:{story.number}",
                gateway=self.gateway,
                now=now,
            )

    async def _answer(self, story: Story, order_id: UUID, now: datetime) -> None:
        """Whoever refuses is the first of the order's vendors; the others send theirs."""
        waiting = await self._of(order_id, SubOrderState.AWAITING_ACCEPTANCE)
        for number, sub_order in enumerate(waiting):
            refused, reason = {}, None
            if story.fate is Fate.REFUSED and number == 0:
                refused = {line.id: line.live for line in await _lines(sub_order)}
                reason = "The last one broke in the kiln."
            await accepting.accept(
                principal=self.people.owners[sub_order.vendor_id],
                sub_order_id=sub_order.id,
                refused=refused,
                reason=reason,
                now=now,
            )

    async def _ship(self, story: Story, order_id: UUID, now: datetime) -> None:
        for number, sub_order in enumerate(await self._of(order_id, SubOrderState.ACCEPTED)):
            units = None
            if story.fate is Fate.PARTLY_SHIPPED and number == 0:
                units = {line.id: 1 for line in await _lines(sub_order)}
            carrier, tracking_number = self._parcel(story, number, sub_order.vendor_id)
            await shipping.ship(
                principal=self.people.owners[sub_order.vendor_id],
                sub_order_id=sub_order.id,
                carrier=carrier,
                tracking_number=tracking_number,
                key=f"past:{sub_order.id}",
                units=units,
                now=now,
            )

    def _parcel(self, story: Story, number: int, vendor_id: UUID) -> tuple[str, str]:
        """Carrier and tracking number of the order's parcel of this number."""
        is_silent = vendor_id == self.people.vendors[SILENT_VENDOR]
        if is_silent and story.number % SILENT_EVERY == 0:
            return SILENT_CARRIER, f"1Z{story.number:014}{number:02}"
        end = number
        if story.fate is Fate.WHOLLY_REFUNDED:
            end = LOST
        elif story.fate is Fate.USUAL and story.number % TROUBLED_EVERY == 1:
            end = TROUBLED
        return simulated.NAME, f"SP{story.number:08}{number:02}{end:02}"

    async def _deliver(self, order_id: UUID, now: datetime) -> None:
        """The carrier tells of its parcels by itself; of the others their vendors do."""
        for shipment in await _under_way(order_id):
            if shipment.carrier != simulated.NAME:
                await delivering.deliver(
                    principal=self.people.owners[shipment.vendor_id],
                    shipment_id=shipment.id, now=now,
                )  # fmt: skip

    async def _complain(self, story: Story, order_id: UUID, now: datetime) -> None:
        support = self.people.staff["support"]
        match story.fate:
            case Fate.WON | Fate.DISPUTED:
                async with transaction(SYSTEM, read_only=True):
                    capture = await Capture.get(order_id=order_id)
                await self.stripe.dispute(capture.charge_id, reason="product_not_received")
            case Fate.WHOLLY_REFUNDED:
                await self._give_up(order_id, now)
            case _:
                async with transaction(SYSTEM, read_only=True):
                    line = await OrderLine.filter(order_id=order_id).order_by("position").first()
                assert line is not None
                await refunding.request(
                    principal=support, order_id=order_id, units={line.id: 1}, shipping_of=(),
                    reason="One came broken", key=f"past:{story.number}", now=now,
                )  # fmt: skip

    async def _give_up(self, order_id: UUID, now: datetime) -> None:
        """The carrier cannot find the parcels: support believes the customer, who is paid back."""
        support = self.people.staff["support"]
        for shipment in await _under_way(order_id):
            await losing.report(
                principal=support, shipment_id=shipment.id, came_back=False,
                reason="Lost on the way", now=now,
            )  # fmt: skip
            await losing.resolve(
                principal=support, shipment_id=shipment.id, wish=Resolution.REFUNDED, now=now
            )

    async def _reply(self, story: Story, order_id: UUID, now: datetime) -> None:
        dispute = await _dispute(order_id)
        await answering.submit(
            principal=self.people.staff["support"],
            dispute_id=dispute.id,
            evidence=EVIDENCE | {"customer_name": story.shopper.name},
            now=now,
        )

    async def _of(self, order_id: UUID, state: SubOrderState) -> list[SubOrder]:
        """By their vendors' codes: the same vendor is the first at every start."""
        codes = {vendor_id: code for code, vendor_id in self.people.vendors.items()}
        async with transaction(SYSTEM, read_only=True):
            found = await SubOrder.filter(order_id=order_id, state=state)
        return sorted(found, key=lambda sub_order: codes[sub_order.vendor_id])


async def _hurry(token: str, codes: Collection[str]) -> None:
    """By express from all of these vendors that have it."""
    quick = [one.code for one in demo.VENDORS if one.express_eur is not None and one.code in codes]
    async with transaction(SYSTEM, read_only=True):
        vendors = await Vendor.filter(code__in=quick)
    for vendor in vendors:
        await carts.set_shipping(
            principal=Principal(Kind.GUEST), token=token, vendor_id=vendor.id, method=demo.EXPRESS
        )


async def _under_way(order_id: UUID) -> list[Shipment]:
    async with transaction(SYSTEM, read_only=True):
        return await Shipment.filter(order_id=order_id, state__in=UNDER_WAY).order_by("created_at")


async def _dispute(order_id: UUID) -> Dispute:
    async with transaction(SYSTEM, read_only=True):
        return await Dispute.get(order_id=order_id)


async def _lines(sub_order: SubOrder) -> list[OrderLine]:
    async with transaction(SYSTEM, read_only=True):
        return await OrderLine.filter(sub_order_id=sub_order.id).order_by("position")
