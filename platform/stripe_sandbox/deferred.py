"""What will happen by itself once the clock gets there."""

from dataclasses import dataclass
from enum import StrEnum

from stripe_sandbox.call import Call
from stripe_sandbox.store import Store


class Work(StrEnum):
    SETTLE_CHARGE = "settle_charge"
    COMPLETE_REFUND = "complete_refund"
    FAIL_REFUND = "fail_refund"
    EXPIRE_AUTHORIZATION = "expire_authorization"
    SEND_PAYOUT = "send_payout"
    PAY_PAYOUT = "pay_payout"
    FAIL_PAYOUT = "fail_payout"
    RETURN_PAYOUT = "return_payout"
    TELL_BALANCE = "tell_balance"
    SETTLE_REFUND = "settle_refund"
    OPEN_DISPUTE = "open_dispute"
    DECIDE_DISPUTE = "decide_dispute"
    END_DISPUTE = "end_dispute"


@dataclass(frozen=True)
class Deferred:
    id: int
    account: str
    work: Work
    object_id: str


def schedule(call: Call, work: Work, object_id: str, *, after: int) -> None:
    """Let it happen `after` seconds of the clock from now."""
    call.store.run(
        "INSERT INTO deferred (account, work, object_id, due_at) VALUES (?, ?, ?, ?)",
        (call.account, work, object_id, call.now + after),
    )


def forget(call: Call, object_id: str) -> None:
    """It will not happen after all."""
    call.store.run(
        "DELETE FROM deferred WHERE account = ? AND object_id = ?", (call.account, object_id)
    )


def due(store: Store, now: int) -> list[Deferred]:
    rows = store.rows(
        "SELECT id, account, work, object_id FROM deferred WHERE due_at <= ? "
        "ORDER BY due_at, id LIMIT 100",
        (now,),
    )
    return [Deferred(r["id"], r["account"], Work(r["work"]), r["object_id"]) for r in rows]


def are_waiting(store: Store) -> bool:
    return store.row("SELECT 1 FROM deferred LIMIT 1") is not None


def done(store: Store, deferred: Deferred) -> None:
    store.run("DELETE FROM deferred WHERE id = ?", (deferred.id,))
