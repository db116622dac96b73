"""Balance transactions, the entries behind them, and the balance they add up to."""

from stripe_sandbox import ids, listing
from stripe_sandbox.call import Call
from stripe_sandbox.errors import invalid_request
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

PENDING = "available_on > ?1 AND (account = ?2 OR ?2 IS NULL)"
MATURE_ENTRIES = f"UPDATE entries SET available_on = ?1 WHERE {PENDING}"
MATURE_TRANSACTIONS = f"""
UPDATE objects SET body = json_set(body, '$.available_on', ?1)
WHERE type = 'balance_transaction' AND (account, id) IN (
    SELECT account, balance_transaction FROM entries WHERE {PENDING})
"""

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

AVAILABLE = """
SELECT COALESCE(SUM(amount), 0) AS amount FROM entries
WHERE account = ? AND book = 'balance' AND currency = ? AND available_on <= ?
"""


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
        "available_on": available_on,
        "balance_type": "payments",
        "created": call.now,
        "currency": currency,
        "description": description,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": details if fee else [],
        "net": amount - fee,
        "reporting_category": category or CATEGORIES.get(kind, kind),
        "source": source,
        "status": "pending",
        "type": kind,
    }
    call.add(transaction)
    _enter(call, transaction, available_on if counts_from is None else counts_from)
    return transaction


def settlement_date(now: int) -> int:
    """When a card's money that comes now is available."""
    return (now // DAY + DAYS_UNTIL_AVAILABLE) * DAY


def _enter(call: Call, transaction: JsonObject, available_on: int) -> None:
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


def reserved(call: Call) -> dict[str, int]:
    """What Stripe holds back for connected accounts that owe it, per currency."""
    rows = call.store.rows(RESERVED, (call.account,))
    return {row["currency"]: row["amount"] for row in rows}


def available(call: Call, currency: str, *, by: int | None = None) -> int:
    """What the account may spend now, or could by then, in minor units."""
    until = call.now if by is None else by
    row = call.store.row(AVAILABLE, (call.account, currency, until))
    assert row is not None
    amount: int = row["amount"]
    return amount


def retrieve_balance(call: Call) -> JsonObject:
    """What may be paid out now, and what comes later, per currency."""
    totals: dict[str, list[int]] = {}
    for row in call.store.rows(TOTALS, (call.now, call.account)):
        totals.setdefault(row["currency"], [0, 0])[row["is_available"]] += row["amount"]
    totals = totals or {_own_currency(call): [0, 0]}
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


def mature(call: Call, account: str | None) -> int:
    """Make what is pending available now, in one account or in all; how many transactions."""
    values = (call.now, account)
    changed = call.store.run(MATURE_TRANSACTIONS, values)
    call.store.run(MATURE_ENTRIES, values)
    return changed


def _own_currency(call: Call) -> str:
    account = call.store.find(call.config.account, "account", call.account)
    currency: str = account["default_currency"] if account else call.config.currency
    return currency


def _amount(currency: str, amount: int) -> JsonObject:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}


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
