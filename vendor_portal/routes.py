"""Every page and form of the portal."""

from starlette.routing import BaseRoute, Route

from settlement.connected.gateway import ConnectGateway
from vendor_portal import (
    acceptances,
    appeals,
    balance,
    cancellations,
    delays,
    entries,
    parcels,
    payouts,
    performance,
    places,
    preparations,
    shipments,
    shipping,
    statements,
    sub_orders,
    substitutions,
    vacations,
    worklist,
)
from vendor_portal.getting_paid import getting_paid_routes
from vendor_portal.stock_routes import stock_routes

_SUB_ORDER = "/sub-orders/{sub_order_id:uuid}"
_ACCEPTANCE = f"{_SUB_ORDER}/acceptance"
_SHIPMENTS = f"{_SUB_ORDER}/shipments"
_PARCEL = f"{_SHIPMENTS}/{{shipment_id:uuid}}"
_DELIVERY = f"{_PARCEL}/delivery"
_PREPARATION = f"{_SUB_ORDER}/preparation"
_READINESS = f"{_SUB_ORDER}/readiness"
_PICK_LIST = f"{_SUB_ORDER}/pick-list"
_PICKUPS = f"{_SUB_ORDER}/pickups"
_CANCELLATION = f"{_SUB_ORDER}/cancellation"
_SUBSTITUTION = f"{_SUB_ORDER}/substitution"
_WITHDRAWAL = f"{_SUB_ORDER}/substitutions/{{substitution_id:uuid}}/withdrawal"
_DELAY = f"{_SUB_ORDER}/delay"
_TAKEN_BACK = "/vacations/{closure_id:uuid}/cancellation"
_PLACE = "/places/{location_id:uuid}"
_CLOSURE = "/closures/{closure_id:uuid}/end"
_ENDED = "/shipping/{rate_id:uuid}/end"

# All that need nothing but the database.
routes: list[BaseRoute] = [
    Route("/", worklist.show, methods=["GET"]),
    Route("/orders.csv", worklist.export, methods=["GET"]),
    Route(_SUB_ORDER, sub_orders.show, methods=["GET"]),
    Route(_ACCEPTANCE, acceptances.create, methods=["POST"]),
    Route(_SHIPMENTS, shipments.create, methods=["POST"]),
    Route(_DELIVERY, shipments.deliver, methods=["POST"]),
    Route(_PREPARATION, preparations.create, methods=["POST"]),
    Route(_READINESS, preparations.make_ready, methods=["POST"]),
    Route(_PICK_LIST, preparations.print_pick_list, methods=["POST"]),
    Route(_PICK_LIST, preparations.pick_list, methods=["GET"]),
    Route(_PICKUPS, parcels.lay_ready, methods=["POST"]),
    Route(f"{_PARCEL}/label", parcels.show_label, methods=["GET"]),
    *(Route(f"{_PARCEL}/{name}", act, methods=["POST"]) for name, act in parcels.ACTS.items()),
    Route(_CANCELLATION, cancellations.show, methods=["GET"]),
    Route(_CANCELLATION, cancellations.create, methods=["POST"]),
    Route(_SUBSTITUTION, substitutions.show, methods=["GET"]),
    Route(_SUBSTITUTION, substitutions.create, methods=["POST"]),
    Route(_WITHDRAWAL, substitutions.withdraw, methods=["POST"]),
    Route(_WITHDRAWAL, substitutions.back, methods=["GET"]),
    *(
        Route(address, sub_orders.back, methods=["GET"])
        for address in (
            _PREPARATION,
            _READINESS,
            _PICKUPS,
            *(f"{_PARCEL}/{name}" for name in parcels.ACTS),
        )
    ),
    Route(_DELAY, delays.create, methods=["POST"]),
    # Where a refused form was left open, or was sent by somebody whose session had ended.
    Route(_ACCEPTANCE, sub_orders.back, methods=["GET"]),
    Route(_SHIPMENTS, sub_orders.back, methods=["GET"]),
    Route(_DELIVERY, sub_orders.back, methods=["GET"]),
    Route("/places", places.index, methods=["GET"]),
    Route("/places", places.close, methods=["POST"]),
    Route(_PLACE, places.change, methods=["POST"]),
    Route(_PLACE, places.back, methods=["GET"]),
    Route(_CLOSURE, places.reopen, methods=["POST"]),
    Route(_CLOSURE, places.back, methods=["GET"]),
    Route(_DELAY, sub_orders.back, methods=["GET"]),
    Route("/shipping", shipping.show, methods=["GET"]),
    Route("/shipping", shipping.create, methods=["POST"]),
    Route(_ENDED, shipping.end, methods=["POST"]),
    Route(_ENDED, shipping.back, methods=["GET"]),
    Route("/vacations", vacations.show, methods=["GET"]),
    Route("/vacations", vacations.create, methods=["POST"]),
    Route(_TAKEN_BACK, vacations.take_back, methods=["POST"]),
    Route(_TAKEN_BACK, vacations.back, methods=["GET"]),
    Route("/performance", performance.show, methods=["GET"]),
    Route("/performance/appeals", appeals.create, methods=["POST"]),
    Route("/performance/appeals", appeals.back, methods=["GET"]),
    Route("/performance/{metric}/{days:int}", performance.show_behind, methods=["GET"]),
    *stock_routes,
    Route("/balance", balance.show, methods=["GET"]),
    Route("/balance.csv", balance.export, methods=["GET"]),
    Route("/balance/entries/{entry_id:int}", entries.show, methods=["GET"]),
    Route("/payouts", payouts.show_all, methods=["GET"]),
    Route("/payouts", payouts.create, methods=["POST"]),
    Route("/payouts.csv", payouts.export, methods=["GET"]),
    Route("/payouts/{payout_id:uuid}", payouts.show, methods=["GET"]),
    Route("/statements", statements.show_all, methods=["GET"]),
    Route("/statements/lines.{ending}", statements.export, methods=["GET"]),
    Route("/statements/{currency}/{number:int}", statements.show, methods=["GET"]),
    Route("/statements/{currency}/{number:int}.pdf", statements.pdf, methods=["GET"]),
]


def portal_routes(*, connect: ConnectGateway, base_url: str) -> list[BaseRoute]:
    """With the pages that ask the payment provider; it sends people back under `base_url`."""
    return [*routes, *getting_paid_routes(connect=connect, base_url=base_url)]
