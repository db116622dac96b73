"""hledger adds up the raw rows, read here by no code of the product, and comes to its balances."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from marketplace.kit.money import EXPONENTS
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection
from marketplace.orders import accepting, refunding
from settlement.earnings import queries
from tests.factories import NOON, make_offer, make_paid_order, member, parts_of
from tests.settlement.reports.foreign import hledger
from tests.settlement.test_journeys import hear_all, settle_refunds, ship

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]

_ROWS = """
    SELECT head.seq, head.effective_date, head.kind, account.kind AS sort, account.code,
        account.vendor_id, entry.currency, entry.amount_minor AS amount
    FROM ledger_entry entry JOIN ledger_transaction head ON head.id = entry.transaction_id
    JOIN ledger_account account ON account.id = entry.account_id
    ORDER BY head.seq, entry.id
"""


def answer(journal: str, *question: str) -> str:
    """hledger's; a journal that does not balance is refused and fails the test."""
    done = hledger(journal, *question)
    assert done.returncode == 0, done.stderr
    return done.stdout


def account(row: Mapping[str, Any]) -> str:
    return ":".join(str(part) for part in (row["sort"], row["code"], row["vendor_id"] or "all"))


async def journal_of_raw_rows() -> str:
    entries = defaultdict(list)
    for row in await connection().fetch(_ROWS):
        entries[(row["seq"], row["effective_date"], row["kind"])].append(row)
    lines = ["decimal-mark ."]
    for (seq, day, kind), rows in entries.items():
        lines.append(f"{day} ({seq}) {kind}")
        for row in rows:
            amount = Decimal(row["amount"]).scaleb(-EXPONENTS[row["currency"]])
            lines.append(f"    {account(row)}    {amount} {row['currency']}")
    return "\n".join([*lines, ""])


async def test_hledger_adds_up_to_our_balances() -> None:
    mugs, lamps = await make_offer(price=9_99, on_hand=9), await make_offer(price=80_01)
    order_id = await make_paid_order({mugs.id: 3, lamps.id: 1}, fee=3_33)
    for part in await parts_of(order_id):
        me = member(part.vendor_id)
        await accepting.accept(principal=me, sub_order_id=part.id, now=NOON)
        await ship(part.id, part.vendor_id)
    [line] = [
        part.lines[0] for part in await parts_of(order_id) if part.vendor_id == mugs.vendor_id
    ]
    await refunding.request(
        principal=SYSTEM, order_id=order_id, units={line.id: 1}, shipping_of=[], reason="chipped",
        key="r", now=NOON,
    )  # fmt: skip
    await settle_refunds()
    await hear_all()

    journal = await journal_of_raw_rows()

    answer(journal, "check")
    for vendor_id in (mugs.vendor_id, lamps.vendor_id):
        [ours] = await queries.balances(principal=member(vendor_id), vendor_id=vendor_id)
        theirs = answer(journal, "balance", f"^liability:.*:{vendor_id}$", "-N", "--flat")
        assert theirs.split()[0] == f"{-ours.pending.amount}"
    assert answer(journal, "balance", "--depth", "0", "--flat").split()[-1] == "0"
