"""What flows between the accounts and out to their banks, added up from the objects."""

from stripe_sandbox.shapes import JsonObject
from stripe_sandbox.store import Store

ACCOUNTS = "SELECT DISTINCT account FROM entries WHERE account <> ? ORDER BY account"
SENT = """
SELECT json_extract(body, '$.currency') AS currency,
    SUM(json_extract(body, '$.amount') - json_extract(body, '$.amount_reversed')) AS amount
FROM objects WHERE account = ? AND type = 'transfer' GROUP BY 1
"""
RECEIVED = """
SELECT json_extract(body, '$.currency') AS currency,
    SUM(json_extract(body, '$.amount') - json_extract(body, '$.amount_refunded')) AS amount
FROM objects WHERE account = ? AND type = 'charge'
    AND json_extract(body, '$.source_transfer') IS NOT NULL
GROUP BY 1
"""
PAID_OUT = """
SELECT json_extract(body, '$.currency') AS currency,
    SUM(CASE WHEN json_extract(body, '$.status') IN ('canceled', 'failed') THEN 0
        ELSE json_extract(body, '$.amount') END) AS amount
FROM objects WHERE account = ? AND type = 'payout' GROUP BY 1
"""
# Every transfer stands once in each of two accounts, with opposite signs.
BETWEEN = """
SELECT currency, SUM(MAX(amount, 0)) AS sent, -SUM(MIN(amount, 0)) AS received
FROM entries WHERE book = 'transfers' GROUP BY currency ORDER BY currency
"""


def accounts(store: Store, platform: str) -> list[str]:
    """The connected accounts that money has ever gone through."""
    return [row["account"] for row in store.rows(ACCOUNTS, (platform,))]


def transfers(store: Store) -> JsonObject:
    """What all accounts sent and received, per currency: the same."""
    return {
        row["currency"]: {
            "sent": row["sent"],
            "received": row["received"],
            "agrees": row["sent"] == row["received"],
        }
        for row in store.rows(BETWEEN)
    }
