"""The tracking page: all parcels of one order, for whoever holds its signed link."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace.orders.views import LineView, OrderView, ShipmentView, SubOrderView
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.signing import read_order
from marketplace.orders import delivering, queries
from marketplace.orders.states import ShipmentState, SubOrderState
from marketplace.payments.models import RefundState
from marketplace_web.flashing import see_other
from marketplace_web.rendering import render

_ENDED = {
    SubOrderState.REFUSED: "The seller cannot send this. Your money is on its way back.",
    SubOrderState.EXPIRED: "The seller did not answer in time. Your money is on its way back.",
    SubOrderState.CANCELLED: "This was not paid in time, so it was not ordered.",
}
_REACHED = {
    SubOrderState.PENDING: 0,
    SubOrderState.AWAITING_ACCEPTANCE: 1,
    SubOrderState.ACCEPTED: 2,
    SubOrderState.PARTLY_SHIPPED: 2,
    SubOrderState.SHIPPED: 3,
    SubOrderState.DELIVERED: 4,
}
_STEPS = ("Paid", "Confirmed", "Shipped", "Delivered")


@dataclass(frozen=True, slots=True)
class Parcel:
    id: UUID
    number: int
    carrier: str
    tracking_number: str
    is_delivered: bool
    shipped_at: datetime
    delivered_at: datetime | None
    contents: Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Part:
    """What one seller sends, in the words of the page."""

    vendor: str
    number: str
    ended: str | None
    steps: Sequence[dict[str, object]]
    lines: Sequence[LineView]
    parcels: Sequence[Parcel]
    waiting: Sequence[tuple[int, str]]


def tracking_routes(*, secret_key: str) -> list[Route]:
    """The page and its one form, below the prefix that it is mounted under."""

    def customer(request: Request) -> Principal:
        order_id = read_order(secret_key, request.path_params["token"])
        if order_id is None:
            raise NotFound("order")
        return Principal(Kind.TOKEN, id=order_id)

    async def show(request: Request) -> Response:
        principal = customer(request)
        assert principal.id is not None
        order = await queries.find(principal=principal, order_id=principal.id)
        response = render(request, "tracking/order.html", **_context(order))
        response.headers["X-Robots-Tag"] = "noindex"
        response.headers["Cache-Control"] = "private, no-store"
        return response

    async def confirm(request: Request) -> Response:
        await delivering.deliver(
            principal=customer(request),
            shipment_id=request.path_params["shipment_id"],
            now=request.state.now,
        )
        address = request.url_for("tracking", token=request.path_params["token"]).path
        return see_other(request, address, notice="Thank you. The parcel is marked as received.")

    return [
        Route("/{token}", show, name="tracking"),
        Route("/{token}/shipments/{shipment_id:uuid}/receipt", confirm, methods=["POST"]),
    ]


def _context(order: OrderView) -> dict[str, object]:
    parcels = [shipment for part in order.sub_orders for shipment in part.shipments]
    numbers = {shipment.id: number for number, shipment in enumerate(parcels, start=1)}

    def money(minor: int) -> Money:
        return Money(minor, order.currency)

    sums = [
        ("Items", money(order.items_minor)),
        ("Discount", money(-order.discount_minor)),
        ("Shipping", money(order.shipping_minor)),
        ("Tax", money(_tax_on_top(order))),
    ]
    return {
        "order": order,
        "parts": [_part(part, numbers) for part in order.sub_orders],
        "parcel_count": len(parcels),
        "sums": [(label, value) for label, value in sums if value.minor]
        + [("Total", money(order.total_minor))],
        "refunds": [
            {
                "amount": money(refund.amount_minor),
                "is_done": refund.state is RefundState.SUCCEEDED,
                "at": refund.finished_at or refund.requested_at,
                "reason": refund.reason,
            }
            for refund in order.refunds
            if refund.state is not RefundState.FAILED
        ],
    }


def _tax_on_top(order: OrderView) -> int:
    """What tax adds to the prices shown; nothing where they include it."""
    return order.total_minor - (order.items_minor - order.discount_minor + order.shipping_minor)


def _part(part: SubOrderView, numbers: dict[UUID, int]) -> Part:
    names = {line.id: line.name for line in part.lines}
    return Part(
        vendor=part.vendor_name,
        number=part.number,
        ended=_ENDED.get(part.state),
        steps=_steps(part),
        lines=part.lines,
        parcels=[_parcel(shipment, numbers[shipment.id], names) for shipment in part.shipments],
        waiting=[
            (line.live - line.shipped, line.name) for line in part.lines if line.live > line.shipped
        ],
    )


def _steps(part: SubOrderView) -> list[dict[str, object]]:
    reached = _REACHED.get(part.state, 0)
    partly = part.state is SubOrderState.PARTLY_SHIPPED
    steps: list[dict[str, object]] = []
    for number, label in enumerate(_STEPS, start=1):
        state = "done" if number <= reached else "current" if number == reached + 1 else "coming"
        shown = "Partly shipped" if partly and label == "Shipped" else label
        steps.append({"label": shown, "state": state})
    return steps


def _parcel(shipment: ShipmentView, number: int, names: dict[UUID, str]) -> Parcel:
    return Parcel(
        id=shipment.id,
        number=number,
        carrier=shipment.carrier,
        tracking_number=shipment.tracking_number,
        is_delivered=shipment.state is ShipmentState.DELIVERED,
        shipped_at=shipment.shipped_at,
        delivered_at=shipment.delivered_at,
        contents=[(count, names[line_id]) for line_id, count in shipment.units.items()],
    )
