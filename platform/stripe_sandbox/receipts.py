"""The receiving side of a transfer: a payment in the other account, and its refunds."""

from stripe_sandbox import balance, cards, charges, events, ids
from stripe_sandbox.call import Call
from stripe_sandbox.shapes import JsonObject


def available_on(call: Call, charge: JsonObject) -> int:
    """When a charge's money is available: now, if it is already."""
    if charge["balance_transaction"] is None:
        return balance.settlement_date(call.now)
    transaction = call.get("balance_transaction", charge["balance_transaction"])
    return max(call.now, int(transaction["available_on"]))


def receive(call: Call, transfer: JsonObject, *, available_on: int) -> str:
    """Book the payment in the receiving account, which `call` acts as; its id."""
    payment = _payment(call, transfer)
    moved = balance.move(
        call,
        kind="payment",
        amount=transfer["amount"],
        fee=0,
        source=payment,
        description=transfer["description"],
        available_on=available_on,
    )
    payment = call.add(payment | {"balance_transaction": moved["id"]})
    events.record(call, "payment.created", payment)
    id_: str = payment["id"]
    return id_


def _payment(call: Call, transfer: JsonObject) -> JsonObject:
    return dict.fromkeys(charges.OPEN) | {
        "id": ids.new("py"),
        "object": "charge",
        "amount": transfer["amount"],
        "amount_captured": transfer["amount"],
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": cards.billing_details(),
        "calculated_statement_descriptor": None,
        "captured": True,
        "created": call.now,
        "currency": transfer["currency"],
        "description": None,
        "disputed": False,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": {},
        "outcome": None,
        "paid": True,
        "payment_intent": None,
        "payment_method": None,
        "payment_method_details": {"stripe_account": {}, "type": "stripe_account"},
        "radar_options": {},
        "receipt_email": None,
        "refunded": False,
        "shipping": None,
        "source_transfer": transfer["id"],
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "succeeded",
        "transfer_group": transfer["transfer_group"],
    }


def give_back(call: Call, transfer: JsonObject, reversal: JsonObject, *, available_on: int) -> str:
    """Take a reversal out of the receiving account, which `call` acts as; the refund's id."""
    payment = call.get("charge", transfer["destination_payment"])
    refund = _refund(call, payment, reversal)
    moved = balance.move(
        call,
        kind="payment_refund",
        amount=-reversal["amount"],
        fee=0,
        source=refund,
        description=f"REFUND FOR PAYMENT ({payment['id']})",
        available_on=available_on,
    )
    call.add(refund | {"balance_transaction": moved["id"]})
    refunded = payment["amount_refunded"] + reversal["amount"]
    changed = payment | {"amount_refunded": refunded, "refunded": refunded == payment["amount"]}
    events.record(call, "charge.refunded", call.save(changed), before=payment)
    id_: str = refund["id"]
    return id_


def _refund(call: Call, payment: JsonObject, reversal: JsonObject) -> JsonObject:
    return {
        "id": ids.new("pyr"),
        "object": "refund",
        "amount": reversal["amount"],
        "balance_transaction": None,
        "charge": payment["id"],
        "created": call.now,
        "currency": payment["currency"],
        "metadata": {},
        "payment_intent": None,
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": reversal["id"],
        "status": "succeeded",
        "transfer_reversal": None,
    }
