"""The platform's account at its bank: what Stripe's payouts bring, and what people add by hand."""

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime

from stripe_sandbox import faults
from stripe_sandbox.call import Call
from stripe_sandbox.faults import FaultKind
from stripe_sandbox.shapes import JsonObject
from stripe_sandbox.store import Store

# One account number for every currency, as some banks do; the one of the IBAN's own textbook.
IBAN = "DE89370400440532013000"
BIC = "SANDDEFFXXX"
NO_REFERENCE = "NOTPROVIDED"
# What the bank keeps when its line is to be wrong: a hundredth, at least one minor unit.
KEEPS_ONE_OF = 100

LINES = """
SELECT id, day, currency, amount, counterparty, reference, text, payout FROM bank_lines
WHERE account = ? AND currency = ? AND day BETWEEN ? AND ? ORDER BY day, id
"""
LATEST = """
SELECT id, day, currency, amount, counterparty, reference, text, payout FROM bank_lines
WHERE account = ? ORDER BY id DESC LIMIT ?
"""
BEFORE = """
SELECT COALESCE(SUM(amount), 0) AS amount FROM bank_lines
WHERE account = ? AND currency = ? AND day < ?
"""


@dataclass(frozen=True)
class Line:
    """Minor units, negative when they leave; `reference` is the payer's, end to end."""

    id: int
    day: str
    currency: str
    amount: int
    counterparty: str
    reference: str
    text: str
    payout: str | None

    @property
    def entry_reference(self) -> str:
        """The bank's own, never twice: sixteen characters, which is all MT940 has room for."""
        return f"SB{self.day[2:].replace('-', '')}{self.id:08d}"

    def as_json(self) -> JsonObject:
        return asdict(self) | {"entry_reference": self.entry_reference}


def add(
    call: Call,
    *,
    day: date,
    amount: int,
    currency: str,
    text: str,
    reference: str,
    counterparty: str = "",
    payout: str | None = None,
) -> None:
    call.store.run(
        "INSERT INTO bank_lines (account, day, currency, amount, counterparty, reference, text,"
        " payout) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (call.account, day.isoformat(), currency, amount, counterparty, reference, text, payout),
    )


def receive(call: Call, payout: JsonObject) -> None:
    """A payout of the platform's arrives; faults lose its line, double it, or change it."""
    if call.account != call.config.account:
        return
    fault = faults.take(call.store, faults.BANK_KINDS, payout["id"])
    amount: int = payout["amount"]
    lines = 1
    match fault.kind if fault else None:
        case FaultKind.BANK_LINE_MISSING:
            lines = 0
        case FaultKind.BANK_LINE_DOUBLED:
            lines = 2
        case FaultKind.BANK_LINE_AMOUNT:
            amount -= max(amount // KEEPS_ONE_OF, 1)
        case _:
            pass
    for _ in range(lines):
        _from_payout(call, payout, amount, day=_day(payout["arrival_date"]))


def give_back(call: Call, payout: JsonObject) -> None:
    """A payout that had arrived goes back to Stripe."""
    if call.account == call.config.account:
        _from_payout(call, payout, -payout["amount"], day=_day(call.now), says="RETURN ")


def _from_payout(call: Call, payout: JsonObject, amount: int, *, day: date, says: str = "") -> None:
    trace = payout.get("trace_id") or {}
    words = (payout.get("statement_descriptor"), payout["id"], trace.get("value"))
    add(
        call,
        day=day,
        amount=amount,
        currency=payout["currency"],
        text=f"{says}STRIPE PAYOUT {' '.join(word for word in words if word)}",
        reference=trace.get("value") or NO_REFERENCE,
        counterparty="STRIPE PAYMENTS",
        payout=payout["id"],
    )


def _day(seconds: int) -> date:
    return datetime.fromtimestamp(seconds, UTC).date()


def lines(store: Store, account: str, currency: str, first: date, last: date) -> list[Line]:
    """By booking day, and in the order the bank wrote them."""
    found = store.rows(LINES, (account, currency, first.isoformat(), last.isoformat()))
    return [Line(**dict(row)) for row in found]


def latest(store: Store, account: str, most: int) -> list[Line]:
    return [Line(**dict(row)) for row in store.rows(LATEST, (account, most))]


def balance_before(store: Store, account: str, currency: str, day: date) -> int:
    """What was there when the day began; every account starts with nothing."""
    row = store.row(BEFORE, (account, currency, day.isoformat()))
    assert row is not None
    amount: int = row["amount"]
    return amount
