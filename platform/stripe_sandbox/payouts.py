"""Payouts: money that leaves an account's balance for its bank, by hand."""

from stripe_sandbox import (
    accounts,
    balance,
    banks,
    currencies,
    deferred,
    events,
    holdings,
    listing,
    paying_out,
)
from stripe_sandbox.call import Call
from stripe_sandbox.errors import invalid_request, missing
from stripe_sandbox.expansion import expanded
from stripe_sandbox.listing import Conditions
from stripe_sandbox.metadata import merged
from stripe_sandbox.shapes import JsonObject

CARD_BALANCE_TOO_LOW = (
    "You have insufficient funds in your Stripe account for this transfer. Your card balance is "
    "too low.  You can use the /v1/balance endpoint to view your Stripe balance (for more "
    "details, see stripe.com/docs/api#balance)."
)
REVERSIBLE_IN = ("CA", "US")


def create(call: Call) -> JsonObject:
    """Take it out of the available balance now; the clock brings it to the bank.

    Refused: an account whose payouts are off, one without a bank account in that currency, more
    than is available.
    """
    asked = call.params
    amount, currency = asked["amount"], asked["currency"]
    currencies.check_payable(amount, currency)
    bank = _bank(call, currency)
    if holdings.available(call, currency) < amount:
        raise invalid_request(CARD_BALANCE_TOO_LOW, code="balance_insufficient")
    payout = paying_out.new(call, amount=amount, currency=currency, destination=bank["id"])
    payout |= {
        "description": asked.get("description"),
        "metadata": merged({}, asked.get("metadata")),
        "statement_descriptor": asked.get("statement_descriptor"),
    }
    moved = balance.move(
        call,
        kind="payout",
        amount=-amount,
        fee=0,
        source=payout,
        description=paying_out.described(payout),
        available_on=payout["arrival_date"],
        counts_from=call.now,
    )
    payout = call.add(payout | {"balance_transaction": moved["id"]})
    paying_out.schedule(call, payout, bank)
    events.record(call, "payout.created", payout)
    return expanded(call, payout)


def _bank(call: Call, currency: str) -> JsonObject:
    """The bank account it goes to."""
    wanted = call.params.get("destination")
    if call.account == call.config.account:
        bank = banks.of_platform(call.account, currency)
    else:
        account = accounts.find(call, call.account)
        if not account["payouts_enabled"]:
            raise invalid_request(
                "Cannot create payouts: payouts are not enabled for this account "
                f"({account['requirements']['disabled_reason']}).",
                code="payouts_not_allowed",
            )
        held = accounts.bank_of(account)
        if held is None or held["currency"] != currency:
            raise invalid_request(
                f"Sorry, you don't have any external accounts in that currency ({currency})."
            )
        bank = held
    if wanted not in (None, bank["id"]):
        raise missing("external account", wanted, param="destination", status=400)
    return bank


def cancel(call: Call) -> JsonObject:
    """The money comes back; only while it has not left."""
    payout = call.get("payout", call.path["payout"])
    if payout["status"] != "pending":
        raise invalid_request(
            f"Payouts can only be canceled while they are pending; {payout['id']} is "
            f"{payout['status']}."
        )
    deferred.forget(call, payout["id"])
    canceled = paying_out.give_back(call, payout, kind="payout_cancel", status="canceled")
    events.record(call, "payout.canceled", call.save(canceled), before=payout)
    return expanded(call, canceled)


def reverse(call: Call) -> JsonObject:
    """Ask the bank for a paid payout back: a payout of its own, with a negative amount."""
    payout = call.get("payout", call.path["payout"])
    bank = _bank(call, payout["currency"])
    if call.account == call.config.account or bank["country"] not in REVERSIBLE_IN:
        raise invalid_request(
            "Only payouts of connected accounts to bank accounts in the United States and Canada "
            "can be reversed."
        )
    if payout["status"] != "paid" or payout["reversed_by"] or payout["original_payout"]:
        raise invalid_request(
            f"Payout {payout['id']} cannot be reversed: only a paid payout can, and only once."
        )
    reversal = paying_out.reverse(call, payout, metadata=call.params.get("metadata"))
    return expanded(call, reversal)


def update(call: Call) -> JsonObject:
    payout = call.get("payout", call.path["payout"])
    changed = payout | {"metadata": merged(payout["metadata"], call.params.get("metadata"))}
    if changed != payout:
        events.record(call, "payout.updated", call.save(changed), before=payout)
    return expanded(call, changed)


def retrieve(call: Call) -> JsonObject:
    return expanded(call, call.get("payout", call.path["payout"]))


def list_all(call: Call) -> JsonObject:
    conditions = Conditions(call, "payout")
    arrival = "json_extract(body, '$.arrival_date')"
    listing.within(conditions, arrival, call.params.get("arrival_date"))
    return listing.page(call, "payout", "/v1/payouts", ("destination", "status"), conditions)
