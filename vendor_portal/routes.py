"""Every page and form of the portal."""

from starlette.routing import BaseRoute, Route

from vendor_portal import acceptances, balance, shipments, sub_orders, worklist

_SUB_ORDER = "/sub-orders/{sub_order_id:uuid}"
_ACCEPTANCE = f"{_SUB_ORDER}/acceptance"
_SHIPMENTS = f"{_SUB_ORDER}/shipments"
_DELIVERY = f"{_SHIPMENTS}/{{shipment_id:uuid}}/delivery"

routes: list[BaseRoute] = [
    Route("/", worklist.show, methods=["GET"]),
    Route("/orders.csv", worklist.export, methods=["GET"]),
    Route(_SUB_ORDER, sub_orders.show, methods=["GET"]),
    Route(_ACCEPTANCE, acceptances.create, methods=["POST"]),
    Route(_SHIPMENTS, shipments.create, methods=["POST"]),
    Route(_DELIVERY, shipments.deliver, methods=["POST"]),
    # Where a refused form was left open, or was sent by somebody whose session had ended.
    Route(_ACCEPTANCE, sub_orders.back, methods=["GET"]),
    Route(_SHIPMENTS, sub_orders.back, methods=["GET"]),
    Route(_DELIVERY, sub_orders.back, methods=["GET"]),
    Route("/balance", balance.show, methods=["GET"]),
    Route("/balance.csv", balance.export, methods=["GET"]),
]
