"""Disputes of the worked order, as the provider would show them."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

from marketplace.kit.transactions import connection
from settlement.connected.gateway import BalanceTransactionSnapshot, DisputeSnapshot
from settlement.disputes import following
from settlement.disputes.models import Dispute
from settlement.invariants.checking import check_all
from tests.settlement.books import hear
from tests.settlement.rows import NOW
from tests.settlement.worked import place, ship
from tests.settlement.worked_parts import Worked

_numbers = count(1)
COUNTERS = """
    SELECT payment.disputed_minor, sum(allocation.disputed_minor)::bigint
    FROM payment JOIN payment_allocation allocation ON payment_id = payment.id GROUP BY payment.id
"""


def line(
    amount_minor: int, *, fee_minor: int = 0, currency: str = "USD"
) -> BalanceTransactionSnapshot:
    """Money that a dispute moved at the provider; below zero it left."""
    return BalanceTransactionSnapshot(
        balance_transaction_id=f"txn_{next(_numbers)}", type="adjustment",
        reporting_category="dispute", amount_minor=amount_minor, fee_minor=fee_minor,
        net_minor=amount_minor - fee_minor, currency=currency, source="du_1", description=None,
        created_at=NOW, available_on=NOW, status="available",
    )  # fmt: skip


@dataclass
class Case:
    """One dispute at the provider, and what we are told of it."""

    now_there: DisputeSnapshot
    at: datetime = field(default=NOW)

    async def tell(self) -> None:
        await following.apply_dispute(snapshot=self.now_there, now=self.at)

    async def becomes(self, status: str, *moved: BalanceTransactionSnapshot) -> None:
        """The provider decides something, and we hear of it."""
        lines = (*self.now_there.balance_transactions, *moved)
        self.now_there = replace(self.now_there, status=status, balance_transactions=lines)
        await self.tell()

    async def row(self) -> Dispute:
        return await Dispute.get(provider_dispute_id=self.now_there.dispute_id)

    async def key(self) -> str:
        return str((await self.row()).id)


async def disputed(
    order: Worked, amount_minor: int, *, status: str = "needs_response", fee_minor: int = 15_00,
    is_inquiry: bool = False, told: bool = True, currency: str = "USD",
) -> Case:  # fmt: skip
    """A dispute of the order's charge; unless it is only a question, the money has left."""
    charge_id = await connection().fetchval(
        "SELECT charge_id FROM capture WHERE id = $1", order.capture_id
    )
    moved = () if is_inquiry else (line(-amount_minor, fee_minor=fee_minor, currency=currency),)
    case = Case(DisputeSnapshot(
        dispute_id=f"du_{next(_numbers)}", charge_id=charge_id, intent_id=None, status=status,
        reason="fraudulent", amount_minor=amount_minor, currency=currency, created_at=NOW,
        evidence_due_at=NOW + timedelta(days=9), balance_transactions=moved,
    ))  # fmt: skip
    if told:
        await case.tell()
    return case


async def held() -> list[tuple[str, int, str, str]]:
    """From which account, how much, in which state, by the letter of the sub-order."""
    rows = await connection().fetch(
        "SELECT right(number, 1), amount_minor, taken_from, money_hold.state FROM money_hold"
        " JOIN sub_order ON sub_order.id = sub_order_id ORDER BY number"
    )
    return [tuple(row) for row in rows]


async def an_order(*letters: str) -> Worked:
    """Paid, and these sub-orders shipped: earned, and waiting."""
    order = await place()
    await hear(order.captured(), order.fee_known())
    for letter in letters:
        await ship(order, letter)
        await hear(order.shipped(letter))
    return order


async def counters() -> tuple[int, int]:
    row = await connection().fetchrow(COUNTERS)
    return row[0], row[1]


async def assert_sound() -> None:
    report = await check_all(connection())
    assert report.violations == (), str(report)
