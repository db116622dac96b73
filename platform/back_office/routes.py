"""Every page and form of the back office."""

from starlette.routing import BaseRoute, Route

from back_office import (
    addresses,
    cancellations,
    deadlines,
    decisions,
    deliveries,
    failed_refunds,
    holds,
    orders,
    pauses,
    policy_drafts,
    refunds,
    risk,
    set_aside,
    stock,
    substitutions,
    vendors,
)
from back_office.finance import routes as finance
from back_office.routing import routes as routing
from back_office.standing import routes as standing

_ORDER = "/orders/{order_id:uuid}"
_REFUNDS = f"{_ORDER}/refunds"
_DELIVERY = f"{_ORDER}/shipments/{{shipment_id:uuid}}/delivery"
_CANCELLATION = f"{_ORDER}/cancellation"
_ADDRESS = f"{_ORDER}/address"
_DECISION = f"{_ORDER}/shipments/{{shipment_id:uuid}}/decision"
_ATTEMPTS = f"{_REFUNDS}/{{refund_id:uuid}}/attempts"
_SETTLEMENT = f"{_REFUNDS}/{{refund_id:uuid}}/settlement"
_HOLDS = f"{_ORDER}/holds"
_RELEASE = f"{_HOLDS}/{{hold_id:uuid}}/release"
_LINK = f"{_HOLDS}/{{hold_id:uuid}}/link"
_RULES = "/risk/{version_id:uuid}"
_TAKING = "/deadlines/escalations/{run_id:uuid}/taking"
_POLICY = "/deadlines/policies/{version_id:uuid}"
_VENDOR = "/vendors/{vendor_id:uuid}"
_REOPENING = f"{_VENDOR}/vacations/{{closure_id:uuid}}/cancellation"
_REVOKING = f"{_VENDOR}/keys/{{key_id:uuid}}/revocation"
_OFFERING = f"{_ORDER}/sub-orders/{{sub_order_id:uuid}}/substitution"
_OFFERED = f"{_ORDER}/substitutions/{{substitution_id:uuid}}"
_STOCK = "/stock/{stock_id:uuid}"
_PAUSES = f"{_ORDER}/pauses"
_RESUMING = f"{_PAUSES}/{{cause}}/end"
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
    Route(_CANCELLATION, cancellations.show, methods=["GET"]),
    Route(_CANCELLATION, cancellations.create, methods=["POST"]),
    Route(_ADDRESS, addresses.show, methods=["GET"]),
    Route(_ADDRESS, addresses.create, methods=["POST"]),
    Route(_DECISION, decisions.create, methods=["POST"]),
    Route(_DECISION, orders.back, methods=["GET"]),
    Route(_OFFERING, substitutions.show, methods=["GET"]),
    Route(_OFFERING, substitutions.create, methods=["POST"]),
    Route(f"{_OFFERED}/withdrawal", substitutions.withdraw, methods=["POST"]),
    Route(f"{_OFFERED}/withdrawal", orders.back, methods=["GET"]),
    Route(f"{_OFFERED}/answer", substitutions.answer, methods=["POST"]),
    Route(f"{_OFFERED}/answer", orders.back, methods=["GET"]),
    Route("/holds", holds.index, methods=["GET"]),
    Route(_HOLDS, holds.create, methods=["POST"]),
    Route(_RELEASE, holds.release, methods=["POST"]),
    Route(_LINK, holds.ask_again, methods=["POST"]),
    Route(_HOLDS, orders.back, methods=["GET"]),
    Route(_RELEASE, orders.back, methods=["GET"]),
    Route(_LINK, orders.back, methods=["GET"]),
    Route("/risk", risk.index, methods=["GET"]),
    Route("/risk", risk.save, methods=["POST"]),
    Route(f"{_RULES}/activation", risk.activate, methods=["POST"]),
    Route(f"{_RULES}/removal", risk.discard, methods=["POST"]),
    Route(f"{_RULES}/activation", risk.back, methods=["GET"]),
    Route(f"{_RULES}/removal", risk.back, methods=["GET"]),
    Route("/set-aside", set_aside.index, methods=["GET"]),
    Route(_RETRY, set_aside.retry, methods=["POST"]),
    Route(_RETRY, set_aside.back, methods=["GET"]),
    *routing.routes,
    Route("/deadlines", deadlines.index, methods=["GET"]),
    Route(_TAKING, deadlines.take, methods=["POST"]),
    Route(_TAKING, deadlines.back, methods=["GET"]),
    Route("/deadlines/draft", policy_drafts.edit, methods=["GET"]),
    Route("/deadlines/draft", policy_drafts.save, methods=["POST"]),
    Route(_POLICY, deadlines.show, methods=["GET"]),
    Route(f"{_POLICY}/activation", policy_drafts.activate, methods=["POST"]),
    Route(f"{_POLICY}/activation", deadlines.back, methods=["GET"]),
    Route(f"{_POLICY}/end", policy_drafts.discard, methods=["POST"]),
    Route(f"{_POLICY}/end", deadlines.back, methods=["GET"]),
    Route("/stock", stock.index, methods=["GET"]),
    Route(_STOCK, stock.show, methods=["GET"]),
    Route(f"{_STOCK}/adjustments", stock.adjust, methods=["POST"]),
    Route(f"{_STOCK}/adjustments", stock.back, methods=["GET"]),
    Route("/vendors", vendors.index, methods=["GET"]),
    Route(_VENDOR, vendors.show, methods=["GET"]),
    Route(f"{_VENDOR}/tier", vendors.change_tier, methods=["POST"]),
    Route(f"{_VENDOR}/tier", vendors.back, methods=["GET"]),
    Route(f"{_VENDOR}/vacations", vendors.close, methods=["POST"]),
    Route(f"{_VENDOR}/vacations", vendors.back, methods=["GET"]),
    Route(_REOPENING, vendors.reopen, methods=["POST"]),
    Route(_REOPENING, vendors.back, methods=["GET"]),
    Route(_REVOKING, vendors.revoke_key, methods=["POST"]),
    Route(_REVOKING, vendors.back, methods=["GET"]),
    Route(_PAUSES, pauses.create, methods=["POST"]),
    Route(_PAUSES, orders.back, methods=["GET"]),
    Route(_RESUMING, pauses.end, methods=["POST"]),
    Route(_RESUMING, orders.back, methods=["GET"]),
    *standing.routes,
    *finance.routes,
]
