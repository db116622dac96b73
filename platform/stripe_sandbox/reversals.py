"""Transfer reversals: money that was transferred comes back, in whole or in parts."""

from stripe_sandbox import balance, currencies, events, holdings, ids, listing, receipts
from stripe_sandbox.call import Call
from stripe_sandbox.errors import invalid_request, missing
from stripe_sandbox.expansion import expanded
from stripe_sandbox.listing import Conditions
from stripe_sandbox.metadata import merged
from stripe_sandbox.shapes import JsonObject

MOST_SHOWN = 10


def create(call: Call) -> JsonObject:
    """Bring back what is asked, or all that is left.

    Refused: more than is left, and what the receiving account does not have any more.
    """
    transfer = call.get("transfer", call.path["id"])
    amount = _amount(call, transfer)
    theirs = call.acting_as(transfer["destination"])
    available_on = _check_funds(theirs, transfer, amount)
    reversal: JsonObject = {
        "id": ids.new("trr"),
        "object": "transfer_reversal",
        "amount": amount,
        "balance_transaction": None,
        "created": call.now,
        "currency": transfer["currency"],
        "destination_payment_refund": None,
        "metadata": merged({}, call.params.get("metadata")),
        "source_refund": None,
        "transfer": transfer["id"],
    }
    reversal["destination_payment_refund"] = receipts.give_back(
        theirs, transfer, reversal, available_on=available_on
    )
    moved = balance.move(
        call,
        kind="transfer_refund",
        amount=amount,
        fee=0,
        source=reversal,
        description=f"REFUND FOR TRANSFER ({transfer['description'] or transfer['id']})"[:500],
        available_on=available_on,
    )
    reversal = call.add(reversal | {"balance_transaction": moved["id"]})
    _count(call, transfer, reversal)
    return expanded(call, reversal)


def _amount(call: Call, transfer: JsonObject) -> int:
    left = transfer["amount"] - transfer["amount_reversed"]
    if left <= 0:
        raise invalid_request(f"Transfer {transfer['id']} is already fully reversed.")
    amount: int = call.params.get("amount", left)
    if amount < 1:
        raise currencies.too_low()
    if amount > left:
        currency = transfer["currency"]
        raise invalid_request(
            f"Transfer reversal amount ({currencies.money(amount, currency)}) is greater than "
            f"unreversed amount on transfer ({currencies.money(left, currency)})",
            param="amount",
        )
    return amount


def _check_funds(theirs: Call, transfer: JsonObject, amount: int) -> int:
    """When it can come back: now out of what is available, or with the payment still pending."""
    payment = theirs.get("charge", transfer["destination_payment"])
    arrives: int = theirs.get("balance_transaction", payment["balance_transaction"])["available_on"]
    by = max(theirs.now, arrives)
    if holdings.available(theirs, transfer["currency"], by=by) < amount:
        raise invalid_request(
            "The recipient of this transfer does not have sufficient funds in their Stripe "
            "balance to reverse this amount.",
            code="balance_insufficient",
        )
    return by


def _count(call: Call, transfer: JsonObject, reversal: JsonObject) -> None:
    total = transfer["amount_reversed"] + reversal["amount"]
    listed = transfer["reversals"]
    data = [reversal, *listed["data"]]
    changed = transfer | {
        "amount_reversed": total,
        "reversals": listed
        | {
            "data": data[:MOST_SHOWN],
            "has_more": listed["has_more"] or len(data) > MOST_SHOWN,
        },
        "reversed": total == transfer["amount"],
    }
    events.record(call, "transfer.reversed", call.save(changed), before=transfer)


def update(call: Call) -> JsonObject:
    reversal = _find(call)
    changed = reversal | {"metadata": merged(reversal["metadata"], call.params.get("metadata"))}
    call.save(changed)
    transfer = call.get("transfer", reversal["transfer"])
    shown = [
        changed if one["id"] == changed["id"] else one for one in transfer["reversals"]["data"]
    ]
    call.save(transfer | {"reversals": transfer["reversals"] | {"data": shown}})
    return expanded(call, changed)


def retrieve(call: Call) -> JsonObject:
    return expanded(call, _find(call))


def _find(call: Call) -> JsonObject:
    transfer = call.get("transfer", call.path["transfer"])
    reversal = call.get("transfer_reversal", call.path["id"])
    if reversal["transfer"] != transfer["id"]:
        raise missing("transfer_reversal", reversal["id"])
    return reversal


def list_all(call: Call) -> JsonObject:
    transfer = call.get("transfer", call.path["id"])
    conditions = Conditions(call, "transfer_reversal")
    conditions.add("json_extract(body, '$.transfer') = ?", transfer["id"])
    url = f"/v1/transfers/{transfer['id']}/reversals"
    return listing.page(call, "transfer_reversal", url, (), conditions)
