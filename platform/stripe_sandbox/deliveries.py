"""The durable queue of webhooks: what is to be sent, when, and what became of it."""

import sqlite3
from dataclasses import dataclass

from stripe_sandbox import faults
from stripe_sandbox.call import Call
from stripe_sandbox.faults import FaultKind
from stripe_sandbox.shapes import JsonObject
from stripe_sandbox.store import Store

FIRST_RETRY_AFTER = 10
LONGEST_WAIT = 12 * 3_600
GIVEN_UP_AFTER = 3 * 86_400

INSERT = """
INSERT INTO deliveries (account, event, state, waits_for_later, created, next_attempt_at)
VALUES (?, ?, ?, ?, ?, ?)
"""

# One held back is due once any later one has arrived.
DUE = """
SELECT id, account, event, attempts, created FROM deliveries AS d
WHERE state = 'pending' AND (next_attempt_at <= :now OR :everything) AND id > :after
  AND (NOT waits_for_later OR :release OR EXISTS (
        SELECT 1 FROM deliveries AS later WHERE later.id > d.id AND later.state = 'delivered'))
ORDER BY id LIMIT :most
"""


@dataclass(frozen=True)
class Delivery:
    """One webhook on its way. Times in Unix seconds of the marketplace's clock."""

    id: int
    account: str
    event: str
    attempts: int
    created: int

    @classmethod
    def of(cls, row: sqlite3.Row) -> "Delivery":
        return cls(row["id"], row["account"], row["event"], row["attempts"], row["created"])


def enqueue(call: Call, event: JsonObject) -> None:
    """Queue the event for the endpoint, if there is one that wants its type."""
    wanted = call.config.enabled_events
    if call.config.endpoint_for(call.account) is None or not ({"*", event["type"]} & wanted):
        return
    fault = faults.take(call.store, faults.WEBHOOK_KINDS, event["type"])
    kind = fault.kind if fault else None
    state = "lost" if kind is FaultKind.WEBHOOK_LOST else "pending"
    held = int(kind is FaultKind.WEBHOOK_REORDERED)
    late = int(fault.seconds) if fault and kind is FaultKind.WEBHOOK_LATE else 0
    copies = 2 if kind is FaultKind.WEBHOOK_DOUBLED else 1
    for _ in range(copies):
        call.store.run(INSERT, (call.account, event["id"], state, held, call.now, call.now + late))


def due(
    store: Store,
    *,
    now: int,
    most: int,
    after: int = 0,
    everything: bool = False,
    release: bool = False,
) -> list[Delivery]:
    """The next ones to send, oldest first. `everything` ignores the back-off, `release` the
    holding back."""
    sql = DUE.replace(":now", "?1").replace(":everything", "?2").replace(":after", "?3")
    sql = sql.replace(":release", "?4").replace(":most", "?5")
    values = (now, int(everything), after, int(release), most)
    return [Delivery.of(row) for row in store.rows(sql, values)]


def are_waiting(store: Store) -> bool:
    return store.row("SELECT 1 FROM deliveries WHERE state = 'pending' LIMIT 1") is not None


def arrived(store: Store, delivery: Delivery) -> None:
    store.run(
        "UPDATE deliveries SET state = 'delivered', attempts = attempts + 1, last_problem = NULL "
        "WHERE id = ?",
        (delivery.id,),
    )


def failed(store: Store, delivery: Delivery, *, problem: str, now: int) -> None:
    """Try again later, each time twice as late; give up after three days."""
    wait = min(FIRST_RETRY_AFTER * 2 ** min(delivery.attempts, 20), LONGEST_WAIT)
    over = now + wait > delivery.created + GIVEN_UP_AFTER
    store.run(
        "UPDATE deliveries SET state = ?, attempts = attempts + 1, next_attempt_at = ?, "
        "last_problem = ? WHERE id = ?",
        ("failed" if over else "pending", now + wait, problem, delivery.id),
    )


def pending_webhooks(store: Store, event_id: str) -> int:
    """How many endpoints have not answered 2xx yet: one or none here."""
    row = store.row(
        "SELECT 1 FROM deliveries WHERE event = ? AND state <> 'delivered' LIMIT 1", (event_id,)
    )
    return 0 if row is None else 1
