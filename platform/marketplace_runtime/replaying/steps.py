"""One step of one order, by the operations that the faces call.

Every step may be taken again after it broke off anywhere: what is done of it is left alone.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from marketplace.catalog import repricing
from marketplace.checkout import carts, paying, placing
from marketplace.checkout.paying import PaymentResult
from marketplace.checkout.payment_errors import PaymentInProgress
from marketplace.checkout.placing import Agreement
from marketplace.kit import clock
from marketplace.kit.money import Money
from marketplace.kit.principal import SYSTEM, Kind, Principal, VendorRole
from marketplace.kit.transactions import connection, transaction
from marketplace.orders import accepting, delivering, refunding, shipping
from marketplace.orders.models import Shipment, SubOrder
from marketplace.orders.states import UNDER_WAY, SubOrderState
from marketplace.payments import submitting
from marketplace.payments.gateway import PaymentGateway
from marketplace.payments.models import AttemptState, Refund, RefundState
from marketplace.sla import clocks
from marketplace.sla.clocks import Start
from marketplace.sla.models import ClockKind
from marketplace_runtime.replaying.errors import ReplayRefused
from marketplace_runtime.replaying.planning import Line, Plan, PlannedOrder
from marketplace_runtime.replaying.preparing import CHANNEL, COUNTRY, CURRENCY, customer_email
from marketplace_runtime.replaying.progress import Shop

# The history's customers paid when they did; nothing expires before that.
PAY_WITHIN = timedelta(hours=1)
METHOD = "pm_card_visa"
RETURN_URL = "https://replay.invalid/paid"
CARRIER = "Correios"

# A call to the provider that broke off belongs to whoever made it until then.
_FREE_AT = """
    SELECT max(next_at) FROM provider_operation
    WHERE state IN ('planned', 'sent') AND subject_id IN (
        SELECT payment_attempt.id FROM payment_attempt JOIN payment
            ON payment.id = payment_attempt.payment_id WHERE payment.order_id = $1
        UNION ALL SELECT id FROM refund WHERE order_id = $1)
"""


@dataclass(frozen=True, slots=True)
class Steps:
    """`order_ids` grows with every order placed."""

    plan: Plan
    shop: Shop
    order_ids: dict[str, UUID]
    gateway: PaymentGateway

    async def place(self, order: PlannedOrder, now: datetime) -> None:
        """The cart and its order in one transaction, prices as the history has them that day."""
        async with transaction(SYSTEM):
            await clock.advance(now)
            for line in order.lines:
                await self._ask_price(line)
            token = await self._fill_cart(order, now)
            order_id = await placing.place_order(
                principal=SYSTEM,
                token=token,
                key=_key(order, "place"),
                now=now,
                expected_total=Money(order.total_minor, CURRENCY),
                agreement=self._agreement(order),
            )
        self.shop.prices.update({line.offer: line.price_minor for line in order.lines})
        self.order_ids[order.id] = order_id

    async def pay(self, order: PlannedOrder, now: datetime) -> None:
        """Paid by card at the provider, and accepted by every seller at once."""
        await clock.advance(now)
        result = await self._pay(order, now)
        if result.state is not AttemptState.CAPTURED:
            raise ReplayRefused(
                f"the payment of order {order.id} is {result.state.replace('_', ' ')}: "
                f"{result.failure_message or 'the payment provider did not answer'}. "
                "Run the same command again to go on."
            )
        order_id = self.order_ids[order.id]
        for sub_order in await self._of(order_id, SubOrderState.AWAITING_ACCEPTANCE):
            vendor = _vendor(sub_order.vendor_id)
            await accepting.accept(principal=vendor, sub_order_id=sub_order.id, now=now)

    async def ship(self, order: PlannedOrder, now: datetime) -> None:
        """Each seller hands its parcel over when the carrier got the order. It is to arrive on the
        day that the history promised; no policy has a rule for that."""
        for sub_order in await self._of(self.order_ids[order.id], SubOrderState.ACCEPTED):
            vendor = _vendor(sub_order.vendor_id)
            async with transaction(vendor):
                await clock.advance(now)
                shipment_id = await shipping.ship(
                    principal=vendor,
                    sub_order_id=sub_order.id,
                    carrier=CARRIER,
                    tracking_number=sub_order.number,
                    key=_key(order, f"ship:{sub_order.vendor_id}"),
                    now=now,
                )
                await clocks.start([_arrival(order, sub_order, shipment_id, now)])

    async def deliver(self, order: PlannedOrder, now: datetime) -> None:
        async with transaction(SYSTEM):
            await clock.advance(now)
            under_way = await Shipment.filter(
                order_id=self.order_ids[order.id], state__in=UNDER_WAY
            )
            for shipment in under_way:
                await delivering.deliver(principal=SYSTEM, shipment_id=shipment.id, now=now)

    async def refund(self, order: PlannedOrder, now: datetime) -> None:
        """All of it, by the provider."""
        await clock.advance(now)
        order_id = self.order_ids[order.id]
        refund_id = await refunding.request_full(
            principal=SYSTEM,
            order_id=order_id,
            reason="Canceled in the history",
            key=_key(order, "refund"),
            now=now,
        )
        await submitting.submit_refund(refund_id=refund_id, gateway=self.gateway, now=now)
        if await _refund_state(refund_id) is RefundState.SUBMITTING:
            free_at = await _free_at(order_id, now)
            await submitting.submit_refund(refund_id=refund_id, gateway=self.gateway, now=free_at)
        state = await _refund_state(refund_id)
        if state is not RefundState.SUCCEEDED:
            raise ReplayRefused(
                f"the refund of order {order.id} is {state.replace('_', ' ')}. "
                "Run the same command again to go on."
            )

    async def _ask_price(self, line: Line) -> None:
        if self.shop.prices[line.offer] != line.price_minor:
            await repricing.change_price(
                principal=_vendor(self.shop.vendors[line.offer.seller_id]),
                offer_id=self.shop.offers[line.offer],
                price=Money(line.price_minor, CURRENCY),
            )

    async def _fill_cart(self, order: PlannedOrder, now: datetime) -> str:
        customer = self._customer(order)
        _, token = await carts.create(principal=customer, channel_code=CHANNEL, now=now)
        for line in order.lines:
            await carts.set_line(
                principal=customer,
                token=token,
                offer_id=self.shop.offers[line.offer],
                quantity=line.quantity,
            )
        place = self.plan.customers[order.customer_id]
        await carts.set_details(
            principal=customer,
            token=token,
            email=customer_email(order.customer_id),
            name=f"Customer {order.customer_id[:8]}",
            address={
                "line1": "not in the history",
                "city": place.city,
                "postal_code": place.postal_code,
                "region": place.state,
                "country": COUNTRY,
            },
        )
        return token

    def _agreement(self, order: PlannedOrder) -> Agreement:
        vendors = self.shop.vendors
        return Agreement(
            source_ref=order.id,
            pay_by=order.times.paid_at + PAY_WITHIN,
            shipping_minor={vendors[name]: minor for name, minor in order.freight_minor.items()},
            ship_by={vendors[name]: at for name, at in order.ship_by.items()},
        )

    async def _pay(self, order: PlannedOrder, now: datetime) -> PaymentResult:
        try:
            return await self._try_to_pay(order, now)
        except PaymentInProgress:
            # An earlier run of ours broke off in this very call.
            return await self._try_to_pay(order, await _free_at(self.order_ids[order.id], now))

    async def _try_to_pay(self, order: PlannedOrder, now: datetime) -> PaymentResult:
        return await paying.pay_order(
            principal=self._customer(order),
            order_id=self.order_ids[order.id],
            payment_method=METHOD,
            return_url=RETURN_URL,
            key=_key(order, "pay"),
            gateway=self.gateway,
            now=now,
        )

    def _customer(self, order: PlannedOrder) -> Principal:
        return Principal(Kind.CUSTOMER, id=self.shop.customers[order.customer_id])

    async def _of(self, order_id: UUID, state: SubOrderState) -> list[SubOrder]:
        async with transaction(SYSTEM, read_only=True):
            return await SubOrder.filter(order_id=order_id, state=state).order_by("id")


def _vendor(vendor_id: UUID) -> Principal:
    """Somebody of the vendor: the history does not say who."""
    return Principal(Kind.VENDOR, vendor_id=vendor_id, roles=frozenset({VendorRole.OWNER}))


def _arrival(order: PlannedOrder, sub_order: SubOrder, shipment_id: UUID, now: datetime) -> Start:
    return Start(
        kind=ClockKind.DELIVER_BY,
        subject_id=shipment_id,
        order_id=sub_order.order_id,
        sub_order_id=sub_order.id,
        vendor_id=sub_order.vendor_id,
        started_at=now,
        due_at=order.deliver_by,
    )


def _key(order: PlannedOrder, step: str) -> str:
    return f"replay:{order.id}:{step}"


async def _free_at(order_id: UUID, now: datetime) -> datetime:
    async with transaction(SYSTEM, read_only=True):
        free_at: datetime | None = await connection().fetchval(_FREE_AT, order_id)
    return max(now, free_at or now)


async def _refund_state(refund_id: UUID) -> RefundState:
    async with transaction(SYSTEM, read_only=True):
        return (await Refund.get(id=refund_id)).state
