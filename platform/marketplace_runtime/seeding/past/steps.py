"""One step of one order's story, by the operations that the faces call."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from marketplace.checkout import carts, paying, placing
from marketplace.kit.principal import SYSTEM, Kind, Principal
from marketplace.kit.transactions import transaction
from marketplace.orders import accepting, delivering, refunding, shipping
from marketplace.orders.models import OrderLine, Shipment, SubOrder
from marketplace.orders.states import UNDER_WAY, SubOrderState
from marketplace.payments.gateway import PaymentGateway
from marketplace.payments.models import Capture
from marketplace_runtime.seeding.past.people import People
from marketplace_runtime.seeding.past.shelves import OfferKey
from marketplace_runtime.seeding.past.stand_in import StandIn
from marketplace_runtime.seeding.past.stories import DISCOUNT, Fate, Step, Story
from settlement.disputes import answering
from settlement.disputes.models import Dispute

METHOD = "pm_card_visa"
CARRIERS = ("DHL", "UPS", "PostNord", "CTT")
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
            await shipping.ship(
                principal=self.people.owners[sub_order.vendor_id],
                sub_order_id=sub_order.id,
                carrier=CARRIERS[story.number % len(CARRIERS)],
                tracking_number=f"{sub_order.number.replace('-', '')}{story.number:03}",
                key=f"past:{sub_order.id}",
                units=units,
                now=now,
            )

    async def _deliver(self, order_id: UUID, now: datetime) -> None:
        async with transaction(SYSTEM, read_only=True):
            under_way = await Shipment.filter(order_id=order_id, state__in=UNDER_WAY)
        for shipment in under_way:
            await delivering.deliver(principal=SYSTEM, shipment_id=shipment.id, now=now)

    async def _complain(self, story: Story, order_id: UUID, now: datetime) -> None:
        support = self.people.staff["support"]
        match story.fate:
            case Fate.WON | Fate.DISPUTED:
                async with transaction(SYSTEM, read_only=True):
                    capture = await Capture.get(order_id=order_id)
                await self.stripe.dispute(capture.charge_id, reason="product_not_received")
            case Fate.WHOLLY_REFUNDED:
                await refunding.request_full(
                    principal=support, order_id=order_id, reason="Lost on the way",
                    key=f"past:{story.number}", now=now,
                )  # fmt: skip
            case _:
                async with transaction(SYSTEM, read_only=True):
                    line = await OrderLine.filter(order_id=order_id).order_by("position").first()
                assert line is not None
                await refunding.request(
                    principal=support, order_id=order_id, units={line.id: 1}, shipping_of=(),
                    reason="One came broken", key=f"past:{story.number}", now=now,
                )  # fmt: skip

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


async def _dispute(order_id: UUID) -> Dispute:
    async with transaction(SYSTEM, read_only=True):
        return await Dispute.get(order_id=order_id)


async def _lines(sub_order: SubOrder) -> list[OrderLine]:
    async with transaction(SYSTEM, read_only=True):
        return await OrderLine.filter(sub_order_id=sub_order.id).order_by("position")
