"""Order a cart, pay the order, and look at it again."""

from enum import Enum
from typing import Annotated
from uuid import UUID

import strawberry

from marketplace.checkout import paying, placing
from marketplace.checkout.paying import PaymentResult
from marketplace.kit.errors import NotFound
from marketplace.kit.principal import Kind, Principal
from marketplace.orders import queries
from marketplace.payments.models import AttemptState
from storefront_api.context import StorefrontInfo
from storefront_api.described import described
from storefront_api.ids import Of, decode
from storefront_api.money import MoneyInput
from storefront_api.orders import Order
from storefront_api.refusals import (
    CartAlreadyOrdered,
    CartIncomplete,
    InsufficientStock,
    InvalidInput,
    PriceChanged,
    Refusal,
    Refused,
    ShippingMethodUnavailable,
    UnknownOffers,
)


@strawberry.input
class PlaceOrderInput:
    cart_token: str
    idempotency_key: str = strawberry.field(
        description="Chosen by the client and kept on a retry: one key, one order."
    )
    expected_total: MoneyInput | None = strawberry.field(
        default=None, description="What the shopper agreed to; another price is refused."
    )


@strawberry.input(
    one_of=True, description="Exactly one: the id, for who is signed in, or the order's token."
)
class OrderBy:
    id: strawberry.ID | None = strawberry.UNSET
    token: str | None = strawberry.UNSET


@strawberry.input
class PayOrderInput:
    order: OrderBy
    payment_method: str = strawberry.field(description="The provider's id of the shopper's card.")
    return_url: str = strawberry.field(description="Where the bank sends the shopper back to.")
    idempotency_key: str = strawberry.field(
        description="Kept on a retry and after the bank's page; a new one after a decline."
    )


@strawberry.type
class Placed:
    """Carries what its `order` field needs; the order is read when it is asked for."""

    order_id: strawberry.Private[UUID]

    @strawberry.field
    async def order(self, info: StorefrontInfo) -> Order:
        # Who placed or paid it may see it, as the holder of its token.
        holder = Principal(Kind.TOKEN, self.order_id)
        return Order.of(
            await queries.find(principal=holder, order_id=self.order_id), seen_by=holder
        )


@strawberry.type
class OrderPlaced(Placed):
    @described("Opens the order without an account: orderByToken, payOrder.")
    def token(self, info: StorefrontInfo) -> str:
        return info.context.surroundings.order_token(self.order_id)


@strawberry.enum
class PaymentState(Enum):
    CAPTURED = "captured"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"


@strawberry.type(description="Not declined. Ask again with the same key to see where it stands.")
class PaymentTaken(Placed):
    state: PaymentState
    redirect_url: str | None = strawberry.field(
        description="REQUIRES_ACTION: send the shopper there, then ask again with the same key."
    )


@strawberry.type(
    description="Nothing was charged. Pay again with a new key, most likely by another card."
)
class PaymentDeclined(Refusal):
    decline_code: str | None = strawberry.field(description="The provider's own word.")


OrderResult = Annotated[Order | InvalidInput | Refused, strawberry.union("OrderResult")]
PlaceOrderResult = Annotated[
    OrderPlaced
    | InsufficientStock
    | PriceChanged
    | CartIncomplete
    | CartAlreadyOrdered
    | UnknownOffers
    | ShippingMethodUnavailable
    | InvalidInput
    | Refused,
    strawberry.union("PlaceOrderResult"),
]
PayOrderResult = Annotated[
    PaymentTaken | PaymentDeclined | InvalidInput | Refused, strawberry.union("PayOrderResult")
]


@strawberry.type
class OrderQueries:
    @described("One of the signed-in customer's orders.")
    async def order(
        self,
        info: StorefrontInfo,
        id: strawberry.ID,  # noqa: A002
    ) -> OrderResult:
        order_id = decode(id, Of.ORDER, field="id")
        return await find_order(info, order_id)

    @described("The order a signed link or placeOrder's token speaks for.")
    async def order_by_token(self, info: StorefrontInfo, token: str) -> OrderResult:
        holder = _holder(info, token)
        assert holder.id is not None
        order = await queries.find(principal=holder, order_id=holder.id)
        return Order.of(order, seen_by=holder)


@strawberry.type
class OrderMutations:
    @described("Order a cart: its stock is held until the order's payBy.")
    async def place_order(
        self,
        info: StorefrontInfo,
        input: PlaceOrderInput,  # noqa: A002
    ) -> PlaceOrderResult:
        expected = input.expected_total
        order_id = await placing.place_order(
            principal=await info.context.principal(),
            token=input.cart_token,
            key=input.idempotency_key,
            now=await info.context.now(),
            expected_total=expected.read(field="expectedTotal") if expected else None,
        )
        return OrderPlaced(order_id=order_id)

    @strawberry.mutation
    async def pay_order(
        self,
        info: StorefrontInfo,
        input: PayOrderInput,  # noqa: A002
    ) -> PayOrderResult:
        principal, order_id = await holder_of(info, input.order)
        result = await paying.pay_order(
            principal=principal,
            order_id=order_id,
            payment_method=input.payment_method,
            return_url=input.return_url,
            key=input.idempotency_key,
            gateway=info.context.surroundings.gateway,
            now=await info.context.now(),
        )
        return _answer(result, order_id)


async def find_order(info: StorefrontInfo, order_id: UUID) -> Order:
    """Refuses an order that is not the signed-in customer's as if it did not exist."""
    principal = await info.context.principal()
    return Order.of(await queries.find(principal=principal, order_id=order_id), seen_by=principal)


async def holder_of(info: StorefrontInfo, order: OrderBy) -> tuple[Principal, UUID]:
    """Who asks about which order: a token's holder, or the signed-in customer."""
    if isinstance(order.token, str):
        holder = _holder(info, order.token)
        assert holder.id is not None
        return holder, holder.id
    order_id = decode(order.id or "", Of.ORDER, field="order.id")
    principal = await info.context.principal()
    if principal.kind is not Kind.CUSTOMER:
        raise NotFound("order")
    return principal, order_id


def _holder(info: StorefrontInfo, token: str) -> Principal:
    holder = info.context.surroundings.holder_of(token)
    if holder is None:
        raise NotFound("order")
    return holder


def _answer(result: PaymentResult, order_id: UUID) -> PaymentTaken | PaymentDeclined:
    match result.state:
        case AttemptState.FAILED | AttemptState.EXPIRED:
            return PaymentDeclined(
                code="PAYMENT_DECLINED",
                message=result.failure_message or "The payment was not completed.",
                field="paymentMethod",
                retryable=False,
                decline_code=result.failure_code,
            )
        case AttemptState.CAPTURED:
            state = PaymentState.CAPTURED
        case AttemptState.REQUIRES_ACTION:
            state = PaymentState.REQUIRES_ACTION
        case AttemptState.CREATED | AttemptState.PROCESSING:
            state = PaymentState.PROCESSING
    return PaymentTaken(order_id=order_id, state=state, redirect_url=result.next_action_url)
