"""The sandbox's books, added up twice: from the entries, and from the objects themselves."""

from stripe_sandbox import connected_books
from stripe_sandbox.connected_books import Flow
from stripe_sandbox.shapes import JsonObject
from stripe_sandbox.store import Store

FROM_ENTRIES = """
SELECT currency,
    SUM(CASE WHEN book = 'balance' THEN amount ELSE 0 END) AS balance,
    SUM(CASE WHEN book = 'balance' AND available_on <= ?1 THEN amount ELSE 0 END) AS available,
    SUM(CASE WHEN book = 'fees' THEN amount ELSE 0 END) AS fees,
    -SUM(CASE WHEN book = 'customers' THEN amount ELSE 0 END) AS paid_in,
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
        THEN json_extract(body, '$.amount') ELSE 0 END) AS refunded
FROM objects WHERE account = ? AND type = 'refund'
    AND json_extract(body, '$.source_transfer_reversal') IS NULL
GROUP BY 1
"""
MOVED = """
SELECT json_extract(body, '$.currency') AS currency,
    SUM(json_extract(body, '$.fee')) AS fees, SUM(json_extract(body, '$.net')) AS net
FROM objects WHERE account = ? AND type = 'balance_transaction' GROUP BY 1
"""


def totals(store: Store, account: str, now: int) -> JsonObject:
    """Per currency, in minor units; `agrees` says whether both ways of adding up are the same.

    captured less refunded, with what was received from other accounts = fees + balance + what is
    captured but not settled yet, with what was sent to other accounts and paid out.
    """
    entries = {row["currency"]: dict(row) for row in store.rows(FROM_ENTRIES, (now, account))}
    captured = {row["currency"]: dict(row) for row in store.rows(CAPTURED, (account,))}
    refunded = {row["currency"]: dict(row) for row in store.rows(REFUNDED, (account,))}
    moved = {row["currency"]: dict(row) for row in store.rows(MOVED, (account,))}
    flows = connected_books.flows(store, account)
    currencies = sorted(entries.keys() | captured.keys() | refunded.keys() | flows.keys())
    books = {
        currency: _one(
            entries.get(currency, {}),
            captured.get(currency, {}),
            refunded.get(currency, {}),
            moved.get(currency, {}),
            flows.get(currency, Flow()),
        )
        for currency in currencies
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


def _one(
    entries: JsonObject,
    captured: JsonObject,
    refunded: JsonObject,
    moved: JsonObject,
    flow: Flow,
) -> JsonObject:
    balance = entries.get("balance", 0)
    book: JsonObject = {
        "charges": captured.get("charges", 0),
        "captured": captured.get("captured", 0),
        "unsettled": captured.get("unsettled", 0),
        "refunds": refunded.get("refunds", 0),
        "refunded": refunded.get("refunded", 0),
        "fees": entries.get("fees", 0),
        "balance": balance,
        "available": entries.get("available", 0),
        "pending": balance - entries.get("available", 0),
    } | flow.as_json()
    settled = book["captured"] - book["refunded"] - book["unsettled"]
    book["agrees"] = (
        entries.get("difference", 0) == 0
        and entries.get("paid_in", 0) == settled
        and entries.get("transferred", 0) == flow.sent - flow.received
        and entries.get("paid_out", 0) == flow.paid_out
        and book["fees"] + balance + flow.sent + flow.paid_out == settled + flow.received
        and captured.get("refunded", 0) == book["refunded"]
        and (moved.get("fees", 0), moved.get("net", 0)) == (book["fees"], balance)
    )
    return book
