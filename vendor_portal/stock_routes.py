"""The pages of a vendor's stock."""

from starlette.routing import BaseRoute, Route

from vendor_portal import stock, stock_connections, stock_files, stock_items, stock_places

_ITEM = "/stock/{stock_id:uuid}"
_RECEIPTS = f"{_ITEM}/deliveries/{{inbound_id:uuid}}/receipts"
_FILE = "/stock/uploads/{upload_id:uuid}"
_REVOCATION = "/stock/connections/{key_id:uuid}/revocation"
_PLACE = "/locations/{location_id:uuid}"
_CHANGES = {
    f"{_ITEM}/adjustments": stock_items.adjust,
    f"{_ITEM}/levels": stock_items.set_levels,
    f"{_ITEM}/deliveries": stock_items.announce,
    _RECEIPTS: stock_items.receive,
    f"{_ITEM}/selling-ahead": stock_items.sell_ahead,
}

stock_routes: list[BaseRoute] = [
    Route("/stock", stock.show, methods=["GET"]),
    Route("/stock.csv", stock.export, methods=["GET"]),
    Route("/stock/uploads", stock_files.show_all, methods=["GET"]),
    Route("/stock/uploads", stock_files.create, methods=["POST"]),
    Route(_FILE, stock_files.show, methods=["GET"]),
    Route(f"{_FILE}/start", stock_files.start, methods=["POST"]),
    Route(f"{_FILE}/discard", stock_files.discard, methods=["POST"]),
    Route("/stock/connections", stock_connections.show, methods=["GET"]),
    Route("/stock/connections", stock_connections.create, methods=["POST"]),
    Route(_REVOCATION, stock_connections.revoke, methods=["POST"]),
    Route("/locations", stock_places.show, methods=["GET"]),
    Route("/locations", stock_places.create, methods=["POST"]),
    Route(f"{_PLACE}/closing", stock_places.close, methods=["POST"]),
    Route(f"{_PLACE}/reopening", stock_places.reopen, methods=["POST"]),
    Route(_ITEM, stock_items.show, methods=["GET"]),
    *(Route(path, change, methods=["POST"]) for path, change in _CHANGES.items()),
    # Where a refused form was left open, or was sent by somebody whose session had ended.
    *(Route(path, stock_items.back, methods=["GET"]) for path in _CHANGES),
    # The same for files, keys and locations.
    Route(f"{_FILE}/start", stock_files.back, methods=["GET"]),
    Route(f"{_FILE}/discard", stock_files.back, methods=["GET"]),
    Route(_REVOCATION, stock_connections.back, methods=["GET"]),
    Route(f"{_PLACE}/closing", stock_places.back, methods=["GET"]),
    Route(f"{_PLACE}/reopening", stock_places.back, methods=["GET"]),
]
