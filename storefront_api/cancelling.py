"""Cancel units of an order, or correct its address: look first, then do it."""

from typing import Annotated, Self
from uuid import UUID

import strawberry

from marketplace.accounts.addresses import ADDRESS_FIELDS
from marketplace.orders import calling_off, editing
from marketplace.orders.calling_off import Plan
from storefront_api.cart_inputs import AddressInput
from storefront_api.context import StorefrontInfo
from storefront_api.described import described
from storefront_api.ids import Of, decode, encode
from storefront_api.money import Money, MoneyInput
from storefront_api.ordering import OrderBy, Placed, holder_of
from storefront_api.refusals import InvalidInput, Refused


@strawberry.input
class CancelledUnitsInput:
    line_id: strawberry.ID
    quantity: int


@strawberry.input
class CancelOrderInput:
    order: OrderBy
    lines: list[CancelledUnitsInput] | None = strawberry.field(
        default=None, description="Null: all that may still be cancelled."
    )
    reason: str = strawberry.field(description="The seller reads it.")
    expected_refund: MoneyInput | None = strawberry.field(
        default=None, description="What the shopper was shown; another amount is refused."
    )
    idempotency_key: str


@strawberry.input
class ChangeAddressInput:
    order: OrderBy
    name: str | None = strawberry.field(default=None, description="Null: the one it has.")
    address: AddressInput
    expected_version: int = strawberry.field(description="The order's version as it was shown.")


@strawberry.type
class CancelledUnits:
    line_id: strawberry.ID
    quantity: int


@strawberry.type(description="What cancelling does, to the smallest unit of money.")
class CancellationPreview:
    lines: list[CancelledUnits]
    refund: Money = strawberry.field(description="Shipping and tax included.")
    shipping: Money = strawberry.field(description="The part of it that was for shipping.")

    @classmethod
    def of(cls, plan: Plan) -> Self:
        return cls(
            lines=[
                CancelledUnits(line_id=encode(Of.LINE, line_id), quantity=quantity)
                for part in plan.parts
                for line_id, quantity in part.units.items()
            ],
            refund=Money.of(plan.refund.minor, plan.currency),
            shipping=Money.of(sum(part.shipping_minor for part in plan.parts), plan.currency),
        )


@strawberry.type
class OrderChanged(Placed):
    pass


CancellationPreviewResult = Annotated[
    CancellationPreview | InvalidInput | Refused, strawberry.union("CancellationPreviewResult")
]
OrderChangeResult = Annotated[
    OrderChanged | InvalidInput | Refused, strawberry.union("OrderChangeResult")
]


@strawberry.type
class CancelQueries:
    @described("What cancelOrder would do now.")
    async def cancellation_preview(
        self,
        info: StorefrontInfo,
        order: OrderBy,
        lines: list[CancelledUnitsInput] | None = None,
    ) -> CancellationPreviewResult:
        principal, order_id = await holder_of(info, order)
        plan = await calling_off.preview(
            principal=principal, order_id=order_id, units=_units(lines)
        )
        return CancellationPreview.of(plan)


@strawberry.type
class CancelMutations:
    @described("Cancel units that have not been prepared yet; their money goes back at once.")
    async def cancel_order(
        self,
        info: StorefrontInfo,
        input: CancelOrderInput,  # noqa: A002
    ) -> OrderChangeResult:
        principal, order_id = await holder_of(info, input.order)
        expected = input.expected_refund
        await calling_off.cancel(
            principal=principal,
            order_id=order_id,
            units=_units(input.lines),
            reason=input.reason,
            key=input.idempotency_key,
            expected_refund=expected.read(field="expectedRefund") if expected else None,
            now=await info.context.now(),
        )
        return OrderChanged(order_id=order_id)

    @described("Correct where the order goes, within its country, before a seller accepts it.")
    async def change_address(
        self,
        info: StorefrontInfo,
        input: ChangeAddressInput,  # noqa: A002
    ) -> OrderChangeResult:
        principal, order_id = await holder_of(info, input.order)
        await editing.change_address(
            principal=principal,
            order_id=order_id,
            name=input.name,
            address={name: getattr(input.address, name) for name in ADDRESS_FIELDS},
            expected_version=input.expected_version,
            now=await info.context.now(),
        )
        return OrderChanged(order_id=order_id)


def _units(lines: list[CancelledUnitsInput] | None) -> dict[UUID, int] | None:
    """The same line twice counts once, as it was said last."""
    if lines is None:
        return None
    return {decode(one.line_id, Of.LINE, field="lineId"): one.quantity for one in lines}
