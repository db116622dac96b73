"""What the pages show, read from the store: objects of every account, and links between them."""

import json
import re
from dataclasses import dataclass

from markupsafe import Markup, escape

from stripe_sandbox.shapes import JsonObject
from stripe_sandbox.store import Store, Value

ID = re.compile(r"[a-z]{2,5}_[A-Za-z0-9]{8,40}")
MOST_LINKS = 500

COUNTS = "SELECT type, COUNT(*) AS n FROM objects GROUP BY type ORDER BY type"
BALANCES = """
SELECT account, currency,
    SUM(CASE WHEN book = 'balance' AND available_on <= ?1 THEN amount ELSE 0 END) AS available,
    SUM(CASE WHEN book = 'balance' AND available_on > ?1 THEN amount ELSE 0 END) AS pending,
    SUM(CASE WHEN book = 'reserved' THEN amount ELSE 0 END) AS reserved
FROM entries GROUP BY account, currency ORDER BY account <> ?2, account, currency
"""
WAITING = """
SELECT d.event, d.state, d.attempts, d.next_attempt_at, d.last_problem,
    json_extract(o.body, '$.type') AS type
FROM deliveries AS d
JOIN objects AS o ON o.account = d.account AND o.type = 'event' AND o.id = d.event
WHERE d.state <> 'delivered' ORDER BY d.id DESC LIMIT 15
"""
STATES = "SELECT state, COUNT(*) AS n FROM deliveries GROUP BY state ORDER BY state"


@dataclass(frozen=True)
class Shown:
    """One object in a list."""

    seq: int
    account: str
    type: str
    id: str
    created: int
    body: JsonObject

    @property
    def says(self) -> str:
        """The word that tells most about it."""
        if self.type in ("event", "balance_transaction"):
            return str(self.body["type"])
        return str(self.body.get("status") or "")

    @property
    def amount(self) -> int | None:
        amount = self.body.get("amount")
        return amount if isinstance(amount, int) and "currency" in self.body else None


def objects(
    store: Store,
    *,
    kind: str | None = None,
    account: str | None = None,
    before: int | None = None,
    most: int,
) -> list[Shown]:
    """The newest first; without events unless they are asked for."""
    tests = ["type <> 'event'"] if kind is None else ["type = ?"]
    values: list[Value] = [] if kind is None else [kind]
    if account is not None:
        tests.append("account = ?")
        values.append(account)
    if before is not None:
        tests.append("seq < ?")
        values.append(before)
    rows = store.rows(
        "SELECT seq, account, type, id, created, body FROM objects "
        f"WHERE {' AND '.join(tests)} ORDER BY seq DESC LIMIT ?",
        (*values, most),
    )
    return [Shown(**dict(row) | {"body": json.loads(row["body"])}) for row in rows]


def one(store: Store, id_: str) -> Shown | None:
    row = store.row(
        "SELECT seq, account, type, id, created, body FROM objects WHERE id = ? LIMIT 1", (id_,)
    )
    return None if row is None else Shown(**dict(row) | {"body": json.loads(row["body"])})


def mentions(store: Store, id_: str, most: int) -> list[Shown]:
    """The newest objects that name this one, without events."""
    rows = store.rows(
        "SELECT seq, account, type, id, created, body FROM objects "
        "WHERE type <> 'event' AND id <> ?1 AND instr(body, '\"' || ?1 || '\"') "
        "ORDER BY seq DESC LIMIT ?2",
        (id_, most),
    )
    return [Shown(**dict(row) | {"body": json.loads(row["body"])}) for row in rows]


def linked(store: Store, shown: Shown) -> Markup:
    """The object as JSON in which the ids of other objects are links."""
    text = json.dumps(shown.body, indent=2, ensure_ascii=False)
    named = sorted(set(ID.findall(text)) - {shown.id})[:MOST_LINKS]
    marks = ", ".join("?" for _ in named)
    rows = store.rows(f"SELECT DISTINCT id FROM objects WHERE id IN ({marks})", named)
    known = {row["id"] for row in rows}
    written, at = [], 0
    for match in ID.finditer(text):
        if match[0] in known:
            link = Markup('<a href="/_sandbox/objects/{0}">{0}</a>').format(match[0])
            written += [escape(text[at : match.start()]), link]
            at = match.end()
    return Markup("").join([*written, escape(text[at:])])


def balances(store: Store, platform: str, now: int) -> list[JsonObject]:
    return [dict(row) for row in store.rows(BALANCES, (now, platform))]


def counts(store: Store) -> dict[str, int]:
    return {row["type"]: row["n"] for row in store.rows(COUNTS)}


def waiting(store: Store) -> list[JsonObject]:
    return [dict(row) for row in store.rows(WAITING)]


def delivery_states(store: Store) -> dict[str, int]:
    return {row["state"]: row["n"] for row in store.rows(STATES)}
