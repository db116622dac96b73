"""The sandbox's books, added up twice: from the entries, and from the objects themselves."""

from stripe_sandbox import connected_books
from stripe_sandbox.shapes import JsonObject
from stripe_sandbox.store import Store

FROM_ENTRIES = """
SELECT currency,
    SUM(CASE WHEN book = 'balance' THEN amount ELSE 0 END) AS balance,
    SUM(CASE WHEN book = 'balance' AND available_on <= ?1 THEN amount ELSE 0 END) AS available,
    SUM(CASE WHEN book = 'fees' THEN amount ELSE 0 END) AS fees,
    -SUM(CASE WHEN book = 'customers' THEN amount ELSE 0 END) AS paid_in,
    SUM(CASE WHEN book = 'disputes' THEN amount ELSE 0 END) AS disputed,
    SUM(CASE WHEN book = 'reserved' THEN amount ELSE 0 END) AS reserved,
    SUM(CASE WHEN book = 'transfers' THEN amount ELSE 0 END) AS transferred,
    SUM(CASE WHEN book = 'bank' THEN amount ELSE 0 END) AS paid_out,
    SUM(amount) AS difference
FROM entries WHERE account = ?2 GROUP BY currency ORDER BY currency
"""
CAPTURED = """
SELECT json_extract(body, '$.currency') AS currency, COUNT(*) AS charges,
    SUM(json_extract(body, '$.amount_captured')) AS captured,
    SUM(json_extract(body, '$.amount_refunded')) AS refunded,
    SUM(CASE WHEN json_extract(body, '$.balance_transaction') IS NULL
        THEN json_extract(body, '$.amount_captured') ELSE 0 END) AS unsettled
FROM objects WHERE account = ? AND type = 'charge' AND json_extract(body, '$.captured')
    AND json_extract(body, '$.source_transfer') IS NULL
GROUP BY 1
"""
REFUNDED = """
SELECT json_extract(body, '$.currency') AS currency, COUNT(*) AS refunds,
    SUM(CASE WHEN json_extract(body, '$.status') <> 'failed'
        THEN json_extract(body, '$.amount') ELSE 0 END) AS refunded,
    SUM(CASE WHEN json_extract(body, '$.balance_transaction') IS NULL
        THEN json_extract(body, '$.amount') ELSE 0 END) AS unsettled
FROM objects WHERE account = ? AND type = 'refund'
    AND json_extract(body, '$.source_transfer_reversal') IS NULL
GROUP BY 1
"""
DISPUTED = """
SELECT json_extract(body, '$.currency') AS currency, COUNT(*) AS disputes,
    SUM(CASE WHEN json_extract(body, '$.status') IN ('needs_response', 'under_review', 'lost')
        THEN json_extract(body, '$.amount') ELSE 0 END) AS disputed
FROM objects WHERE account = ? AND type = 'dispute' GROUP BY 1
"""
MOVED = """
SELECT json_extract(body, '$.currency') AS currency,
    SUM(json_extract(body, '$.fee') - CASE json_extract(body, '$.type')
        WHEN 'stripe_fee' THEN json_extract(body, '$.amount') ELSE 0 END) AS fees,
    SUM(CASE json_extract(body, '$.type')
        WHEN 'reserve_transaction' THEN -json_extract(body, '$.amount') ELSE 0 END) AS reserved,
    SUM(json_extract(body, '$.net')) AS net
FROM objects WHERE account = ? AND type = 'balance_transaction' GROUP BY 1
"""
HELD = "SELECT currency, SUM(amount) AS amount FROM holdings WHERE account = ? GROUP BY 1"
FROM_OBJECTS = {
    "charge": CAPTURED,
    "refund": REFUNDED,
    "dispute": DISPUTED,
    "moved": MOVED,
    "sent": connected_books.SENT,
    "received": connected_books.RECEIVED,
    "paid_out": connected_books.PAID_OUT,
    "held": HELD,
}


def totals(store: Store, account: str, now: int) -> JsonObject:
    """Per currency, in minor units; `agrees` says whether both ways of adding up are the same.

    captured less refunded + received = fees + disputed + reserved + sent + paid out + balance
    + what is not settled yet.
    """
    entries = {row["currency"]: dict(row) for row in store.rows(FROM_ENTRIES, (now, account))}
    objects: dict[str, JsonObject] = {}
    for kind, sql in FROM_OBJECTS.items():
        for row in store.rows(sql, (account,)):
            objects.setdefault(row["currency"], {})[kind] = dict(row)
    books = {
        currency: _one(entries.get(currency, {}), objects.get(currency, {}))
        for currency in sorted(entries.keys() | objects.keys())
    }
    return {"currencies": books, "agrees": all(book["agrees"] for book in books.values())}


def everything(store: Store, platform: str, now: int) -> JsonObject:
    """The platform's books; and each connected account's, which received what others sent."""
    own = totals(store, platform, now)
    others = {one: totals(store, one, now) for one in connected_books.accounts(store, platform)}
    moved = connected_books.transfers(store)
    agree = [own, *others.values(), *moved.values()]
    return own | {
        "connected": others,
        "transfers": moved,
        "agrees": all(one["agrees"] for one in agree),
    }


def _one(entries: JsonObject, objects: JsonObject) -> JsonObject:
    nothing: JsonObject = {}
    charges, refunds, disputes, moved, *flows = (
        objects.get(kind, nothing) for kind in FROM_OBJECTS
    )
    sent, received, paid_out, held = (flow.get("amount", 0) for flow in flows)
    balance = entries.get("balance", 0)
    book: JsonObject = {
        "charges": charges.get("charges", 0),
        "captured": charges.get("captured", 0),
        "unsettled": charges.get("unsettled", 0) - refunds.get("unsettled", 0),
        "refunds": refunds.get("refunds", 0),
        "refunded": refunds.get("refunded", 0),
        "disputes": disputes.get("disputes", 0),
        "disputed": entries.get("disputed", 0),
        "reserved": entries.get("reserved", 0),
        "fees": entries.get("fees", 0),
        "sent": sent,
        "received": received,
        "paid_out": paid_out,
        "balance": balance,
        "available": entries.get("available", 0),
        "pending": balance - entries.get("available", 0),
    }
    settled = book["captured"] - book["refunded"] - book["unsettled"]
    book["agrees"] = (
        entries.get("difference", 0) == 0
        and entries.get("paid_in", 0) == settled
        and entries.get("transferred", 0) == sent - received
        and entries.get("paid_out", 0) == paid_out
        and held == balance
        and book["fees"] + book["disputed"] + book["reserved"] + sent + paid_out + balance
        == settled + received
        and charges.get("refunded", 0) == book["refunded"]
        and disputes.get("disputed", 0) == book["disputed"]
        and moved.get("reserved", 0) == book["reserved"]
        and (moved.get("fees", 0), moved.get("net", 0)) == (book["fees"], balance)
    )
    return book
