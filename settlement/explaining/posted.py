"""One entry of the ledger with its posting: what every explanation begins with."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marketplace.kit.money import Money
from marketplace.kit.transactions import connection
from settlement import chart
from settlement.explaining.nodes import Node, facts
from settlement.models import AccountKind

_DEBIT_GROWS = (AccountKind.ASSET, AccountKind.EXPENSE)

POSTED = """
    SELECT entry.id, entry.amount_minor, entry.currency, entry.purpose, entry.order_id,
        entry.sub_order_id, entry.vendor_id, entry.account_id, account.code, account.kind AS sort,
        entry.transaction_id, booked.seq, booked.kind, booked.idempotency_key, booked.source_type,
        booked.source_id, booked.effective_date, booked.recorded_at, orders.number AS order_number,
        sub_order.number AS sub_order_number, vendor.code AS vendor_code
    FROM ledger_entry entry JOIN ledger_account account ON account.id = entry.account_id
    JOIN ledger_transaction booked ON booked.id = entry.transaction_id
    LEFT JOIN vendor ON vendor.id = entry.vendor_id
    LEFT JOIN orders ON orders.id = entry.order_id
    LEFT JOIN sub_order ON sub_order.id = entry.sub_order_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """`minor` is above zero where the entry made its account grow, whichever side that is."""

    id: int
    minor: int
    debit_minor: int
    currency: str
    purpose: str
    code: str
    account_id: int
    vendor_id: UUID | None
    vendor_code: str | None
    order_id: UUID | None
    order_number: str | None
    sub_order_id: UUID | None
    sub_order_number: str | None
    transaction_id: UUID
    seq: int
    kind: str
    key: str
    source_type: str
    source_id: UUID
    effective_date: date
    recorded_at: datetime

    @property
    def amount(self) -> Money:
        return Money(self.minor, self.currency)

    @property
    def title(self) -> str:
        """Like `Earning, commission`."""
        return f"{self.kind.replace('_', ' ').capitalize()}, {self.purpose.replace('_', ' ')}"

    def node(self, *, amount: Money | None = None) -> Node:
        """The entry as a part of something else; its amount unless another one is given."""
        return Node(
            kind="entry",
            title=self.title,
            id=str(self.id),
            amount=self.amount if amount is None else amount,
            facts=facts(
                account=f"{self.code} {chart.NAMES.get(self.code, '')}".strip(),
                vendor=self.vendor_code,
                day=self.effective_date,
                order=self.sub_order_number or self.order_number,
            ),
        )

    def posting(self) -> Node:
        return Node(
            kind="posting",
            title=f"Posting {self.seq}",
            id=str(self.transaction_id),
            facts=facts(
                kind=self.kind,
                key=self.key,
                day=self.effective_date,
                recorded=self.recorded_at,
                about=f"{self.source_type} {self.source_id}",
            ),
        )


async def posted(where: str, *arguments: object) -> list[Posted]:
    """Entries by a condition on `entry`, `account` and `booked`, in the order of booking."""
    rows = await connection().fetch(f"{POSTED} WHERE {where} ORDER BY entry.id", *arguments)
    return [_posted(row) for row in rows]


def _posted(row: Any) -> Posted:
    debit = row["amount_minor"]
    same = (
        "id", "currency", "purpose", "code", "account_id", "vendor_id", "vendor_code", "order_id",
        "order_number", "sub_order_id", "sub_order_number", "transaction_id", "seq", "kind",
        "source_type", "source_id", "effective_date", "recorded_at",
    )  # fmt: skip
    return Posted(
        minor=debit if AccountKind(row["sort"]) in _DEBIT_GROWS else -debit,
        debit_minor=debit,
        key=row["idempotency_key"],
        **{name: row[name] for name in same},
    )
