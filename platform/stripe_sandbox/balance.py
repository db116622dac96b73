"""Balance transactions, the entries behind them, and the balance they add up to."""

from stripe_sandbox import ids, listing
from stripe_sandbox.call import Call
from stripe_sandbox.expansion import expanded
from stripe_sandbox.shapes import JsonObject

DAY = 86_400
DAYS_UNTIL_AVAILABLE = 2

TOTALS = """
SELECT currency, available_on <= ? AS is_available, SUM(amount) AS amount
FROM entries WHERE account = ? AND book = 'balance' GROUP BY 1, 2 ORDER BY 1
"""
RESERVED = """
SELECT currency, SUM(amount) AS amount
FROM entries WHERE account = ? AND book = 'reserved' GROUP BY 1 ORDER BY 1
"""

# Where the other side of a movement stands, by its type; the customers' money otherwise.
COUNTERPARTS = {"adjustment": "disputes", "reserve_transaction": "reserved", "stripe_fee": "fees"}


def move(
    call: Call, *, kind: str, amount: int, fee: int, source: JsonObject, description: str | None
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
) -> JsonObject:
    """Move the amount less the fee, both in minor units; `category` is for reporting."""
    details = [
        {
            "amount": fee,
            "application": None,
            "currency": currency,
            "description": fee_for,
            "type": "stripe_fee",
        }
    ]
    transaction: JsonObject = {
        "id": ids.new("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": (call.now // DAY + DAYS_UNTIL_AVAILABLE) * DAY,
        "balance_type": "payments",
        "created": call.now,
        "currency": currency,
        "description": description,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": details if fee else [],
        "net": amount - fee,
        "reporting_category": category or kind,
        "source": source,
        "status": "pending",
        "type": kind,
    }
    call.add(transaction)
    _enter(call, transaction)
    return transaction


def _enter(call: Call, transaction: JsonObject) -> None:
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
                    transaction["available_on"],
                ),
            )


def reserved(call: Call) -> dict[str, int]:
    """What Stripe holds back for connected accounts that owe it, per currency."""
    rows = call.store.rows(RESERVED, (call.account,))
    return {row["currency"]: row["amount"] for row in rows}


def retrieve_balance(call: Call) -> JsonObject:
    """What may be paid out now, and what comes later, per currency."""
    totals: dict[str, list[int]] = {}
    for row in call.store.rows(TOTALS, (call.now, call.account)):
        totals.setdefault(row["currency"], [0, 0])[row["is_available"]] += row["amount"]
    totals = totals or {call.config.currency: [0, 0]}
    balance: JsonObject = {
        "object": "balance",
        "available": [_amount(currency, both[1]) for currency, both in totals.items()],
        "livemode": False,
        "pending": [_amount(currency, both[0]) for currency, both in totals.items()],
    }
    held = reserved(call)
    if held:
        balance["connect_reserved"] = [_amount(*one) for one in held.items()]
    return expanded(call, balance)


def _amount(currency: str, amount: int) -> JsonObject:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}


def retrieve(call: Call) -> JsonObject:
    return expanded(call, call.get("balance_transaction", call.path["id"]))


def list_all(call: Call) -> JsonObject:
    filters = ("currency", "source", "type")
    return listing.page(call, "balance_transaction", "/v1/balance_transactions", filters)
