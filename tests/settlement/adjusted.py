"""Propose and approve corrections, and read back what that booked."""

from typing import Any
from uuid import UUID, uuid4

from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection
from settlement import chart, ledger
from settlement.adjustments import deciding, proposing
from settlement.adjustments.models import AdjustmentKind
from settlement.chart import Account
from settlement.ledger import Entry, Kind, Purpose
from tests.settlement.people import ACCOUNTANT, APPROVER
from tests.settlement.rows import NOW


async def propose(
    kind: AdjustmentKind, *, by: Principal = ACCOUNTANT, currency: str | None = "USD", **what: Any
) -> UUID:
    return await proposing.propose(
        principal=by, kind=kind, currency=currency, note="Agreed by letter",
        key=str(uuid4()), now=NOW, **what,
    )  # fmt: skip


async def adjust(kind: AdjustmentKind, **what: Any) -> dict[str, int]:
    """Proposed by one and approved by another; what that booked, by account."""
    adjustment_id = await propose(kind, **what)
    await deciding.approve(principal=APPROVER, adjustment_id=adjustment_id, now=NOW)
    return await booked(adjustment_id)


async def booked(adjustment_id: UUID) -> dict[str, int]:
    rows = await connection().fetch(
        "SELECT code || ' ' || account.currency AS account, sum(amount_minor)::bigint AS minor"
        " FROM ledger_entry JOIN ledger_account account ON account.id = account_id"
        " JOIN ledger_transaction posting ON posting.id = transaction_id"
        " WHERE idempotency_key = $1 GROUP BY 1 HAVING sum(amount_minor) <> 0",
        f"adjustment:{adjustment_id}",
    )
    return {row["account"].removesuffix(" USD"): row["minor"] for row in rows}


async def put(account: Account, minor: int, *, kind: Kind = Kind.BANK) -> UUID:
    """A debit there from the bank, by reconciliation."""
    sides = ((account, minor), (chart.BANK, -minor))
    made = await ledger.post(
        kind=kind, key=f"put:{uuid4()}", effective_date=NOW.date(), source_type="bank_line",
        source_id=uuid4(), now=NOW, entries=[
            Entry(account=side, amount_minor=amount, currency="USD", purpose=Purpose.CORRECTION)
            for side, amount in sides
        ],
    )  # fmt: skip
    assert made is not None
    return made
