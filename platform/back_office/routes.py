"""Every page and form of the back office."""

from starlette.routing import BaseRoute, Route

from back_office import deliveries, failed_refunds, orders, refunds, set_aside
from back_office.finance import routes as finance
from back_office.routing import routes as routing

_ORDER = "/orders/{order_id:uuid}"
_REFUNDS = f"{_ORDER}/refunds"
_DELIVERY = f"{_ORDER}/shipments/{{shipment_id:uuid}}/delivery"
_ATTEMPTS = f"{_REFUNDS}/{{refund_id:uuid}}/attempts"
_SETTLEMENT = f"{_REFUNDS}/{{refund_id:uuid}}/settlement"
_RETRY = "/set-aside/{delivery_id:uuid}/retry"

routes: list[BaseRoute] = [
    Route("/", orders.index, methods=["GET"]),
    Route("/orders.csv", orders.export, methods=["GET"]),
    Route(_ORDER, orders.show, methods=["GET"]),
    Route(_REFUNDS, refunds.create, methods=["POST"]),
    Route(_DELIVERY, deliveries.create, methods=["POST"]),
    Route(_ATTEMPTS, failed_refunds.resend, methods=["POST"]),
    Route(_SETTLEMENT, failed_refunds.settle, methods=["POST"]),
    # Where a refused form was left open, or was sent by somebody whose session had ended.
    Route(_REFUNDS, orders.back, methods=["GET"]),
    Route(_DELIVERY, orders.back, methods=["GET"]),
    Route(_ATTEMPTS, orders.back, methods=["GET"]),
    Route(_SETTLEMENT, orders.back, methods=["GET"]),
    Route("/set-aside", set_aside.index, methods=["GET"]),
    Route(_RETRY, set_aside.retry, methods=["POST"]),
    Route(_RETRY, set_aside.back, methods=["GET"]),
    *routing.routes,
    *finance.routes,
]
