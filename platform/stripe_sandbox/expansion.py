"""`expand[]`: put whole objects where ids stand; and show what depends on the time asked."""

from stripe_sandbox import deliveries
from stripe_sandbox.call import Call
from stripe_sandbox.errors import StripeError, invalid_request
from stripe_sandbox.shapes import JsonObject

DEEPEST = 4
# Which kind of object an id in a field names; None: its own prefix tells.
EXPANDABLE: dict[tuple[str, str], str | None] = {
    ("payment_intent", "latest_charge"): "charge",
    ("payment_intent", "payment_method"): "payment_method",
    ("charge", "balance_transaction"): "balance_transaction",
    ("charge", "payment_intent"): "payment_intent",
    ("refund", "balance_transaction"): "balance_transaction",
    ("refund", "charge"): "charge",
    ("refund", "failure_balance_transaction"): "balance_transaction",
    ("refund", "payment_intent"): "payment_intent",
    ("dispute", "charge"): "charge",
    ("dispute", "payment_intent"): "payment_intent",
    ("balance_transaction", "source"): None,
    ("charge", "source_transfer"): "transfer",
    ("payout", "balance_transaction"): "balance_transaction",
    ("payout", "failure_balance_transaction"): "balance_transaction",
    ("payout", "original_payout"): "payout",
    ("payout", "reversed_by"): "payout",
    ("transfer", "balance_transaction"): "balance_transaction",
    ("transfer", "destination"): "account",
    ("transfer", "destination_payment"): "charge",
    ("transfer", "source_transaction"): "charge",
    ("transfer_reversal", "balance_transaction"): "balance_transaction",
    ("transfer_reversal", "transfer"): "transfer",
}
KINDS_BY_PREFIX = {
    "ch": "charge",
    "du": "dispute",
    "pi": "payment_intent",
    "po": "payout",
    "py": "charge",
    "pyr": "refund",
    "re": "refund",
    "tr": "transfer",
    "trr": "transfer_reversal",
}


SENDER = "SELECT account FROM objects WHERE type = 'transfer' AND id = ?"


def expanded(call: Call, thing: JsonObject) -> JsonObject:
    """The object as answered: current, and with what `expand[]` asked for in place of ids."""
    shown = _current(call, thing)
    for path in call.params.get("expand", []):
        parts = path.split(".")
        if len(parts) > DEEPEST:
            raise invalid_request(
                f"You cannot expand more than {DEEPEST} levels of a property. Property: {path}",
                param="expand",
            )
        _expand(call, shown, parts)
    return shown


def _current(call: Call, thing: JsonObject) -> JsonObject:
    shown = dict(thing)
    if thing["object"] == "balance_transaction":
        shown["status"] = "available" if thing["available_on"] <= call.now else "pending"
    elif thing["object"] == "dispute":
        moved = thing["balance_transactions"]
        shown["balance_transactions"] = [
            _current(call, call.get("balance_transaction", one["id"])) for one in moved
        ]
    elif thing["object"] == "event":
        shown["pending_webhooks"] = deliveries.pending_webhooks(call.store, thing["id"])
    elif thing["object"] == "list":
        shown["data"] = [_current(call, one) for one in thing["data"]]
    return shown


def _expand(call: Call, thing: JsonObject, path: list[str]) -> None:
    name, *deeper = path
    if thing["object"] == "list":
        if name != "data" or not deeper:
            raise _refused(name, hint="data")
        for one in thing["data"]:
            _expand(call, one, deeper)
        return
    if (thing["object"], name) == ("charge", "refunds"):
        thing.setdefault("refunds", _refunds_of(call, thing["id"]))
    elif (thing["object"], name) not in EXPANDABLE:
        raise _refused(name)
    elif isinstance(value := thing.get(name), str):
        kind = EXPANDABLE[thing["object"], name] or KINDS_BY_PREFIX[value.partition("_")[0]]
        home = _home(call, thing, name)
        thing[name] = _current(home, home.get(kind, value))
    if deeper and isinstance(thing.get(name), dict):
        _expand(_home(call, thing, name), thing[name], deeper)


def _home(call: Call, thing: JsonObject, name: str) -> Call:
    """Whose books hold what the field names: a transfer's other side is another account's."""
    match thing["object"], name:
        case "transfer", "destination_payment":
            destination = thing["destination"]
            return call.acting_as(
                destination if isinstance(destination, str) else destination["id"]
            )
        case "transfer", "destination":
            return call.acting_as(call.config.account)
        case "charge", "source_transfer":
            transfer = thing[name]
            sender = call.store.row(
                SENDER, (transfer if isinstance(transfer, str) else transfer["id"],)
            )
            return call.acting_as(sender["account"]) if sender else call
        case _:
            return call


def _refunds_of(call: Call, charge_id: str) -> JsonObject:
    found = call.store.where(call.account, "refund", {"charge": charge_id})
    return {
        "object": "list",
        "data": found[::-1][:10],
        "has_more": len(found) > 10,
        "url": f"/v1/charges/{charge_id}/refunds",
    }


def _refused(name: str, *, hint: str | None = None) -> StripeError:
    message = f"This property cannot be expanded ({name})."
    if hint is not None:
        message += f" You may want to try expanding '{hint}.{name}' instead."
    return invalid_request(message)
