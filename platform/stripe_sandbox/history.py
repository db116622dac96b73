"""The account's events, as its owner lists them."""

from stripe_sandbox import listing
from stripe_sandbox.call import Call
from stripe_sandbox.errors import invalid_request
from stripe_sandbox.expansion import expanded
from stripe_sandbox.listing import Conditions
from stripe_sandbox.shapes import JsonObject

KEPT_FOR = 30 * 86_400
UNDELIVERED = "SELECT event FROM deliveries WHERE state <> 'delivered'"


def retrieve(call: Call) -> JsonObject:
    return expanded(call, call.get("event", call.path["id"]))


def list_all(call: Call) -> JsonObject:
    """Those of the last 30 days, newest first."""
    asked = call.params
    conditions = Conditions(call, "event")
    conditions.add("created >= ?", call.now - KEPT_FOR)
    if "types" in asked:
        if "type" in asked:
            raise invalid_request("You may only specify one of these parameters: type, types.")
        marks = ", ".join("?" for _ in asked["types"])
        conditions.add(f"json_extract(body, '$.type') IN ({marks})", *asked["types"])
    elif asked.get("type", "").endswith(".*"):
        conditions.add("json_extract(body, '$.type') GLOB ?", asked["type"])
    elif "type" in asked:
        conditions.add("json_extract(body, '$.type') = ?", asked["type"])
    if "delivery_success" in asked:
        word = "NOT IN" if asked["delivery_success"] else "IN"
        conditions.add(f"id {word} ({UNDELIVERED})")
    return listing.page(call, "event", "/v1/events", (), conditions)
