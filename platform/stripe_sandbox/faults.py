"""Faults that a test or a person switches on; each is used up once per stroke."""

from dataclasses import asdict, dataclass
from enum import StrEnum

from stripe_sandbox.shapes import JsonObject
from stripe_sandbox.store import Store


class FaultKind(StrEnum):
    TIMEOUT_AFTER_WORK = "timeout_after_work"
    ERROR_500_BEFORE_WORK = "error_500_before_work"
    ERROR_500_AFTER_WORK = "error_500_after_work"
    CONFLICT_409 = "conflict_409"
    RATE_LIMIT_429 = "rate_limit_429"
    SLOW = "slow"
    DECLINE_NEXT = "decline_next"
    PAYOUT_FAILS = "payout_fails"
    PAYOUT_FAILS_AFTER_PAID = "payout_fails_after_paid"
    PAYOUT_RETURNED = "payout_returned"
    BALANCE_TRANSACTION_LATE = "balance_transaction_late"
    BANK_LINE_MISSING = "bank_line_missing"
    BANK_LINE_DOUBLED = "bank_line_doubled"
    BANK_LINE_AMOUNT = "bank_line_amount"
    WEBHOOK_LOST = "webhook_lost"
    WEBHOOK_DOUBLED = "webhook_doubled"
    WEBHOOK_LATE = "webhook_late"
    WEBHOOK_REORDERED = "webhook_reordered"


REQUEST_KINDS = (
    FaultKind.TIMEOUT_AFTER_WORK,
    FaultKind.ERROR_500_BEFORE_WORK,
    FaultKind.ERROR_500_AFTER_WORK,
    FaultKind.CONFLICT_409,
    FaultKind.RATE_LIMIT_429,
    FaultKind.SLOW,
)
WEBHOOK_KINDS = (
    FaultKind.WEBHOOK_LOST,
    FaultKind.WEBHOOK_DOUBLED,
    FaultKind.WEBHOOK_LATE,
    FaultKind.WEBHOOK_REORDERED,
)
PAYOUT_KINDS = (
    FaultKind.PAYOUT_FAILS,
    FaultKind.PAYOUT_FAILS_AFTER_PAID,
    FaultKind.PAYOUT_RETURNED,
)
BANK_KINDS = (
    FaultKind.BANK_LINE_MISSING,
    FaultKind.BANK_LINE_DOUBLED,
    FaultKind.BANK_LINE_AMOUNT,
)


@dataclass(frozen=True)
class Fault:
    """`target` narrows it: to what starts with this, of "METHOD /path", of an event's type, or
    of the kind of object that a balance transaction is about; a bank line's to one payout, a
    payout's to the account with this id.

    `seconds` are real ones for a slow or unanswered request, the clock's for what comes late.
    """

    id: int
    kind: FaultKind
    target: str | None
    remaining: int
    seconds: float

    def as_json(self) -> JsonObject:
        return asdict(self)


def switch_on(
    store: Store, kind: FaultKind, *, count: int, target: str | None, seconds: float
) -> None:
    store.run(
        "INSERT INTO faults (kind, target, remaining, seconds) VALUES (?, ?, ?, ?)",
        (kind, target, count, seconds),
    )


def listed(store: Store) -> list[Fault]:
    rows = store.rows("SELECT id, kind, target, remaining, seconds FROM faults ORDER BY id")
    return [
        Fault(r["id"], FaultKind(r["kind"]), r["target"], r["remaining"], r["seconds"])
        for r in rows
    ]


def clear(store: Store) -> None:
    store.run("DELETE FROM faults")


def take(store: Store, kinds: tuple[FaultKind, ...], subject: str) -> Fault | None:
    """Use up one stroke of the oldest fault of these kinds that fits, if there is one."""
    for fault in listed(store):
        if fault.kind not in kinds or not _fits(fault, subject):
            continue
        if fault.remaining == 1:
            store.run("DELETE FROM faults WHERE id = ?", (fault.id,))
        else:
            store.run("UPDATE faults SET remaining = remaining - 1 WHERE id = ?", (fault.id,))
        return fault
    return None


def lateness(store: Store, subject: str) -> int | None:
    """How many seconds of the clock this object's balance transaction is held back, if at all."""
    fault = take(store, (FaultKind.BALANCE_TRANSACTION_LATE,), subject)
    return int(fault.seconds) if fault else None


def _fits(fault: Fault, subject: str) -> bool:
    """A bare path fits every method; one account's id is not the beginning of another's."""
    target = fault.target
    if target is None or fault.kind in PAYOUT_KINDS:
        return target in (None, subject)
    return subject.startswith(target) or subject.partition(" ")[2].startswith(target)
