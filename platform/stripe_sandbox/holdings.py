"""The balance: what an account may spend, what comes later, and when that is told."""

from stripe_sandbox import deferred, events
from stripe_sandbox.call import Call
from stripe_sandbox.deferred import Work
from stripe_sandbox.expansion import expanded
from stripe_sandbox.shapes import JsonObject

TOTALS = """
SELECT currency, available_on <= ? AS is_available, SUM(amount) AS amount
FROM holdings WHERE account = ? GROUP BY 1, 2 ORDER BY 1
"""
RESERVED = """
SELECT currency, SUM(amount) AS amount
FROM entries WHERE account = ? AND book = 'reserved' GROUP BY 1 ORDER BY 1
"""

PENDING = "available_on > ?1 AND (account = ?2 OR ?2 IS NULL)"
WAITING = f"SELECT DISTINCT account FROM entries WHERE book = 'balance' AND {PENDING}"
EXPECTED = "SELECT 1 FROM deferred WHERE account = ? AND due_at = ? AND work = 'tell_balance'"
MATURE_ENTRIES = f"UPDATE entries SET available_on = ?1 WHERE {PENDING}"
MATURE_TRANSACTIONS = f"""
UPDATE objects SET body = json_set(body, '$.available_on', ?1)
WHERE type = 'balance_transaction' AND (account, id) IN (
    SELECT account, balance_transaction FROM entries WHERE {PENDING})
"""
AVAILABLE = """
SELECT COALESCE(SUM(amount), 0) AS amount FROM holdings
WHERE account = ? AND currency = ? AND available_on <= ?
"""


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


def retrieve(call: Call) -> JsonObject:
    """What may be paid out now, and what comes later, per currency."""
    return expanded(call, _balance(call))


def _balance(call: Call) -> JsonObject:
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
    return balance


def mature(call: Call, account: str | None) -> int:
    """Make what is pending available now, in one account or in all; how many transactions."""
    values = (call.now, account)
    waiting = call.store.rows(WAITING, values)
    changed = call.store.run(MATURE_TRANSACTIONS, values)
    call.store.run(MATURE_ENTRIES, values)
    for row in waiting:
        tell(call.acting_as(row["account"]), row["account"])
    return changed


def expect(call: Call, available_on: int) -> None:
    """Tell when that day's money becomes available: once, however much it is."""
    if available_on > call.now and call.store.row(EXPECTED, (call.account, available_on)) is None:
        after = available_on - call.now
        deferred.schedule(call, Work.TELL_BALANCE, call.account, after=after)


def tell(call: Call, _account: str) -> None:
    events.record(call, "balance.available", _balance(call))


def _own_currency(call: Call) -> str:
    account = call.store.find(call.config.account, "account", call.account)
    currency: str = account["default_currency"] if account else call.config.currency
    return currency


def _amount(currency: str, amount: int) -> JsonObject:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}
