"""Balance transactions, and the entries behind them."""

from stripe_sandbox import holdings, ids, listing
from stripe_sandbox.call import Call
from stripe_sandbox.errors import invalid_request
from stripe_sandbox.expansion import expanded
from stripe_sandbox.shapes import JsonObject

DAY = 86_400
DAYS_UNTIL_AVAILABLE = 2

# Where the other side of a movement stands, by its type; the customers' money otherwise.
COUNTERPARTS = {
    "adjustment": "disputes",
    "payment": "transfers",
    "payment_refund": "transfers",
    "payout": "bank",
    "payout_cancel": "bank",
    "payout_failure": "bank",
    "reserve_transaction": "reserved",
    "stripe_fee": "fees",
    "transfer": "transfers",
    "transfer_refund": "transfers",
}
# What a type is called in reports, where that is another name.
CATEGORIES = {
    "payment": "charge",
    "payment_refund": "refund",
    "payout_cancel": "payout_reversal",
    "payout_failure": "payout_reversal",
    "transfer_refund": "transfer_reversal",
}


def move(
    call: Call,
    *,
    kind: str,
    amount: int,
    fee: int,
    source: JsonObject,
    description: str | None,
    available_on: int | None = None,
    counts_from: int | None = None,
) -> JsonObject:
    """Move money for an object: into the balance, or out of it if negative."""
    return book(
        call,
        kind=kind,
        amount=amount,
        fee=fee,
        currency=source["currency"],
        source=source["id"],
        description=description,
        available_on=available_on,
        counts_from=counts_from,
    )


def book(
    call: Call,
    *,
    kind: str,
    amount: int,
    fee: int,
    currency: str,
    source: str | None,
    description: str | None,
    category: str | None = None,
    fee_for: str = "Stripe processing fees",
    available_on: int | None = None,
    counts_from: int | None = None,
) -> JsonObject:
    """Move the amount less the fee, both in minor units; `category` is for reporting.

    It is available as a card's money is, unless `available_on` says otherwise. What leaves for
    a bank counts against the available balance earlier: `counts_from`.
    """
    available_on = settlement_date(call.now) if available_on is None else available_on
    transaction: JsonObject = {
        "id": ids.new("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": available_on,
        "balance_type": "payments",
        "created": call.now,
        "currency": currency,
        "description": description,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [_fee(fee, currency, fee_for)] if fee else [],
        "net": amount - fee,
        "reporting_category": category or CATEGORIES.get(kind, kind),
        "source": source,
        "status": "pending",
        "type": kind,
    }
    counts_from = available_on if counts_from is None else counts_from
    holdings.expect(call, counts_from)
    _enter(call, transaction, counts_from)
    return call.add(transaction)


def _fee(amount: int, currency: str, description: str) -> JsonObject:
    return {
        "amount": amount,
        "application": None,
        "currency": currency,
        "description": description,
        "type": "stripe_fee",
    }


def settlement_date(now: int) -> int:
    """When a card's money that comes now is available."""
    return (now // DAY + DAYS_UNTIL_AVAILABLE) * DAY


def _enter(call: Call, transaction: JsonObject, available_on: int) -> None:
    if available_on <= call.now:
        # Counted since the day began: holdings grow by the day and not by the second.
        available_on = call.now // DAY * DAY
    entries = (
        ("balance", transaction["net"]),
        ("fees", transaction["fee"]),
        (COUNTERPARTS.get(transaction["type"], "customers"), -transaction["amount"]),
    )
    for name, amount in entries:
        if amount:
            call.store.run(
                "INSERT INTO entries (account, balance_transaction, book, currency, amount,"
                " available_on) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    call.account,
                    transaction["id"],
                    name,
                    transaction["currency"],
                    amount,
                    available_on,
                ),
            )


def retrieve(call: Call) -> JsonObject:
    return expanded(call, call.get("balance_transaction", call.path["id"]))


def list_all(call: Call) -> JsonObject:
    filters = ("currency", "source", "type")
    if "payout" in call.params:
        call.get("payout", call.params["payout"], param="payout", status=400)
        raise invalid_request(
            "Balance transaction history can only be filtered on automatic transfers, not manual.",
            param="payout",
        )
    return listing.page(call, "balance_transaction", "/v1/balance_transactions", filters)
