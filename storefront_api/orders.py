"""An order as its customer sees it: a part for each vendor, parcels, refunds, and its story."""

from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry

from marketplace.kit.principal import Principal
from marketplace.orders.states import SubOrderState
from marketplace.orders.status import OrderStatus, PaymentStatus
from marketplace.orders.timelines import EventsAsked
from marketplace.orders.views import (
    LineView,
    OrderAction,
    OrderEventKind,
    OrderEventView,
    OrderView,
    RefundView,
    SubOrderView,
)
from marketplace.payments.models import RefundState
from storefront_api.carts import Address
from storefront_api.catalogue import Vendor
from storefront_api.context import StorefrontInfo
from storefront_api.described import described
from storefront_api.ids import Of, encode
from storefront_api.money import Money
from storefront_api.nodes import Node
from storefront_api.paging import DEFAULT_PAGE, Connection, behind_number, page_size
from storefront_api.shipments import Shipment

for words in (
    OrderStatus, PaymentStatus, SubOrderState, RefundState, OrderAction, OrderEventKind,
):  # fmt: skip
    strawberry.enum(words)


@strawberry.type
class OrderLine:
    id: strawberry.ID
    sku: str
    name: str
    quantity: int = strawberry.field(description="Ordered: live, refused and cancelled units.")
    refused: int
    cancelled: int
    shipped: int
    delivered: int
    refunded: int
    unit_price: Money
    discount: Money
    tax: Money
    total: Money = strawberry.field(description="What was paid for the line, tax included.")

    @classmethod
    def of(cls, view: LineView, currency: str) -> Self:
        return cls(
            id=encode(Of.LINE, view.id),
            sku=view.sku,
            name=view.name,
            quantity=view.quantity,
            refused=view.refused,
            cancelled=view.cancelled,
            shipped=view.shipped,
            delivered=view.delivered,
            refunded=view.refunded,
            unit_price=Money.of(view.unit_price_minor, currency),
            discount=Money.of(view.discount_minor, currency),
            tax=Money.of(view.tax_minor, currency),
            total=Money.of(view.gross_minor, currency),
        )


@strawberry.type(
    description="`tax` is inside the other amounts where the channel's prices include it."
)
class Totals:
    items: Money
    discount: Money
    shipping: Money
    tax: Money
    total: Money = strawberry.field(description="What the customer pays.")

    @classmethod
    def of(cls, view: OrderView | SubOrderView, currency: str) -> Self:
        return cls(
            items=Money.of(view.items_minor, currency),
            discount=Money.of(view.discount_minor, currency),
            shipping=Money.of(view.shipping_minor, currency),
            tax=Money.of(view.tax_minor, currency),
            total=Money.of(view.total_minor, currency),
        )


@strawberry.type(description="One vendor's part of an order.")
class SubOrder:
    id: strawberry.ID
    number: str = strawberry.field(description="M-100234-A")
    vendor: Vendor
    status: SubOrderState
    shipping_method: str = strawberry.field(description="A code: standard, express …")
    totals: Totals
    lines: list[OrderLine]
    shipments: list[Shipment]

    @classmethod
    def of(cls, view: SubOrderView, currency: str) -> Self:
        return cls(
            id=encode(Of.SUB_ORDER, view.id),
            number=view.number,
            vendor=Vendor(id=encode(Of.VENDOR, view.vendor_id), name=view.vendor_name),
            status=view.state,
            shipping_method=view.shipping_method,
            totals=Totals.of(view, currency),
            lines=[OrderLine.of(line, currency) for line in view.lines],
            shipments=[Shipment.of(shipment) for shipment in view.shipments],
        )


@strawberry.type
class Refund:
    id: strawberry.ID
    status: RefundState
    amount: Money
    reason: str
    requested_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, view: RefundView, currency: str) -> Self:
        return cls(
            id=encode(Of.REFUND, view.id),
            status=view.state,
            amount=Money.of(view.amount_minor, currency),
            reason=view.reason,
            requested_at=view.requested_at,
            finished_at=view.finished_at,
        )


@strawberry.type
class OrderEvent:
    kind: OrderEventKind
    happened_at: datetime
    sub_order_number: str | None = strawberry.field(description="The part it is about, if it is.")

    @classmethod
    def of(cls, view: OrderEventView) -> Self:
        return cls(
            kind=view.kind,
            happened_at=view.happened_at,
            sub_order_number=view.sub_order_number,
        )


@strawberry.type
class Order(Node):
    number: str = strawberry.field(description="M-100234")
    version: int = strawberry.field(description="For changeAddress; rises when that is done.")
    status: OrderStatus
    payment_status: PaymentStatus
    placed_at: datetime
    pay_by: datetime | None = strawberry.field(description="Unpaid, it is cancelled then.")
    email: str | None = strawberry.field(description="Null for who came by a signed link.")
    address: Address = strawberry.field(description="City and country only by a signed link.")
    totals: Totals
    sub_orders: list[SubOrder]
    refunds: list[Refund]
    available_actions: list[OrderAction]
    key: strawberry.Private[UUID]
    seen_by: strawberry.Private[Principal]

    @described("A page with all parcels, for whoever holds its address.")
    def tracking_url(self, info: StorefrontInfo) -> str:
        return info.context.surroundings.tracking_url(self.key)

    @described("Opens this order without an account: orderByToken, payOrder.")
    def token(self, info: StorefrontInfo) -> str:
        return info.context.surroundings.order_token(self.key)

    @described("What happened, the oldest first.")
    async def events(
        self, info: StorefrontInfo, first: int = DEFAULT_PAGE, after: str | None = None
    ) -> Connection[OrderEvent]:
        most = page_size(first)
        asked = EventsAsked(self.key, behind_number(after), most + 1)
        found = await info.context.loaders.order_events.load((self.seen_by, asked))
        return Connection[OrderEvent].of(
            found, first=most, node=OrderEvent.of, key=lambda event: event.seq
        )

    @classmethod
    def of(cls, view: OrderView, *, seen_by: Principal) -> Self:
        return cls(
            id=encode(Of.ORDER, view.id),
            number=view.number,
            version=view.version,
            status=view.status,
            payment_status=view.payment_status,
            placed_at=view.placed_at,
            pay_by=view.pay_by,
            email=view.email,
            address=Address.of(dict(view.address)),
            totals=Totals.of(view, view.currency),
            sub_orders=[SubOrder.of(part, view.currency) for part in view.sub_orders],
            refunds=[Refund.of(refund, view.currency) for refund in view.refunds],
            available_actions=list(view.available_actions),
            key=view.id,
            seen_by=seen_by,
        )
