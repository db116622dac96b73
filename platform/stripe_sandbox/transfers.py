"""Transfers: money moved between the platform's balance and a connected account's."""

from stripe_sandbox import balance, currencies, events, holdings, ids, listing, receipts
from stripe_sandbox.call import Call
from stripe_sandbox.errors import StripeError, invalid_request, missing
from stripe_sandbox.expansion import expanded
from stripe_sandbox.metadata import merged
from stripe_sandbox.shapes import JsonObject

NEEDED = "transfers, crypto_transfers, legacy_payments"


def create(call: Call) -> JsonObject:
    """Move it at once; with a `source_transaction` it becomes available as that charge does.

    Refused: what the available balance does not cover, more than the source charge brought, an
    account that may not receive.
    """
    asked = call.params
    if "amount" not in asked:
        raise invalid_request(
            "Missing required param: amount.", code="parameter_missing", param="amount"
        )
    amount, currency = asked["amount"], asked["currency"]
    currencies.check_movable(amount, currency)
    destination = _destination(call, asked["destination"])
    source = _source(call, amount, currency)
    if source is None and holdings.available(call, currency) < amount:
        raise insufficient()
    available_on = call.now if source is None else receipts.available_on(call, source)
    transfer = _new(call, destination, source)
    transfer["destination_payment"] = receipts.receive(
        call.acting_as(destination), transfer, available_on=available_on
    )
    moved = balance.move(
        call,
        kind="transfer",
        amount=-amount,
        fee=0,
        source=transfer,
        description=transfer["description"],
        available_on=available_on,
    )
    transfer = call.add(transfer | {"balance_transaction": moved["id"]})
    events.record(call, "transfer.created", transfer)
    return expanded(call, transfer)


def _destination(call: Call, account_id: str) -> str:
    """A connected account that may receive; from a connected account, the platform only."""
    platform = call.config.account
    if call.account != platform:
        if account_id != platform:
            raise missing("destination", account_id, param="destination", status=400)
        return platform
    account = call.store.find(platform, "account", account_id)
    if account is None:
        raise missing("destination", account_id, param="destination", status=400)
    if account["capabilities"].get("transfers") != "active":
        raise invalid_request(
            "Your destination account needs to have at least one of the following capabilities "
            f"enabled: {NEEDED}",
            code="insufficient_capabilities_for_transfer",
        )
    return account_id


def _source(call: Call, amount: int, currency: str) -> JsonObject | None:
    """The charge that pays for the transfer, if one is named."""
    if "source_transaction" not in call.params:
        return None
    charge = call.get(
        "charge", call.params["source_transaction"], param="source_transaction", status=400
    )
    if not charge["captured"]:
        raise invalid_request(
            f"Charge {charge['id']} has not been captured.", param="source_transaction"
        )
    if charge["currency"] != currency:
        raise invalid_request(
            f"The currency of source_transaction's balance transaction ({charge['currency']}) "
            f"must be the same as the transfer currency ({currency})",
            param="currency",
        )
    before = call.store.where(call.account, "transfer", {"source_transaction": charge["id"]})
    sent = sum(one["amount"] - one["amount_reversed"] for one in before)
    if sent + amount > charge["amount_captured"]:
        most = currencies.money(charge["amount_captured"], currency)
        already = currencies.money(sent, currency)
        so_far = f" (There is already a transfer using this source, amounting to {already}.)"
        raise invalid_request(
            "Transfers using this transaction as a source must not exceed the source amount of "
            f"{most}.{so_far if sent else ''}",
            param="amount",
        )
    return charge


def _new(call: Call, destination: str, source: JsonObject | None) -> JsonObject:
    id_ = ids.new("tr")
    group = call.params.get("transfer_group")
    if group is None and source is not None:
        group = source["transfer_group"] or f"group_{source['payment_intent'] or source['id']}"
    return {
        "id": id_,
        "object": "transfer",
        "amount": call.params["amount"],
        "amount_reversed": 0,
        "balance_transaction": None,
        "created": call.now,
        "currency": call.params["currency"],
        "description": call.params.get("description"),
        "destination": destination,
        "destination_payment": None,
        "livemode": False,
        "metadata": merged({}, call.params.get("metadata")),
        "reversals": {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": f"/v1/transfers/{id_}/reversals",
        },
        "reversed": False,
        "source_transaction": None if source is None else source["id"],
        "source_type": "card",
        "transfer_group": group,
    }


def insufficient() -> StripeError:
    return invalid_request(
        "You have insufficient available funds in your Stripe account. Try adding funds directly "
        "to your available balance by creating Charges using the 4000000000000077 test card. "
        "See: https://stripe.com/docs/testing#available-balance",
        code="balance_insufficient",
    )


def update(call: Call) -> JsonObject:
    transfer = call.get("transfer", call.path["transfer"])
    changed = transfer | {"metadata": merged(transfer["metadata"], call.params.get("metadata"))}
    if "description" in call.params:
        changed["description"] = call.params["description"]
    if changed != transfer:
        events.record(call, "transfer.updated", call.save(changed), before=transfer)
    return expanded(call, changed)


def retrieve(call: Call) -> JsonObject:
    return expanded(call, call.get("transfer", call.path["transfer"]))


def list_all(call: Call) -> JsonObject:
    filters = ("destination", "transfer_group")
    return listing.page(call, "transfer", "/v1/transfers", filters)
