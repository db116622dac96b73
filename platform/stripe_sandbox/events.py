"""Every change becomes an event, stored in the transaction of the change."""

from stripe_sandbox import deliveries, ids
from stripe_sandbox.call import Call
from stripe_sandbox.shapes import JsonObject


def record(
    call: Call, kind: str, thing: JsonObject, *, before: JsonObject | None = None
) -> JsonObject:
    """Store what happened, with the object as it is now, and queue its webhook.

    `before` is the object as it was, for the event's previous attributes.
    """
    data: JsonObject = {"object": thing}
    if before is not None:
        data["previous_attributes"] = {
            name: before[name] for name in thing if name in before and before[name] != thing[name]
        }
    event: JsonObject = {
        "id": ids.new("evt"),
        "object": "event",
        "api_version": call.config.api_version,
        "created": call.now,
        "data": data,
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": call.request_id, "idempotency_key": call.idempotency_key},
        "type": kind,
    }
    if call.account != call.config.account:
        event["account"] = call.account
    call.add(event)
    deliveries.enqueue(call, event)
    return event
