"""Any amount can be explained: its parts add up to it, and the chain has no gap."""

from collections.abc import Iterator, Sequence
from uuid import UUID

import pytest

from marketplace.kit.errors import Forbidden, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.transactions import transaction
from settlement.explaining.balances import explain_balance
from settlement.explaining.entries import explain_entry
from settlement.explaining.nodes import Explanation, Node
from settlement.explaining.orders import explain_order
from settlement.explaining.payouts import explain_payout
from tests.factories import NOON, euros, member
from tests.payouts.money import staff
from tests.settlement.reports.mixed import Mixed

pytestmark = pytest.mark.anyio

_ENTRIES = """
    SELECT entry.id, entry.amount_minor, entry.vendor_id, booked.kind, entry.purpose, account.code
    FROM ledger_entry entry JOIN ledger_transaction booked ON booked.id = entry.transaction_id
    JOIN ledger_account account ON account.id = entry.account_id ORDER BY entry.id
"""


async def entries() -> list[dict[str, object]]:
    async with transaction(SYSTEM, read_only=True) as connection:
        return [dict(row) for row in await connection.fetch(_ENTRIES)]


async def entry_of(vendor_id: UUID, kind: str, purpose: str, code: str) -> int:
    """The first such entry of a vendor."""
    wanted = {"vendor_id": vendor_id, "kind": kind, "purpose": purpose, "code": code}
    for row in await entries():
        if wanted.items() <= row.items():
            found = row["id"]
            assert isinstance(found, int)
            return found
    raise AssertionError(wanted)


def every(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from every(node.children)


def known(node: Node) -> dict[str, str]:
    return {fact.label: fact.value for fact in node.facts}


def total(explanation: Explanation) -> int:
    return sum(part.amount.minor for part in explanation.parts if part.amount is not None)


async def test_the_parts_of_every_entry_add_up_to_it(books: Mixed) -> None:
    rows = await entries()

    for row in rows:
        found = await explain_entry(principal=SYSTEM, entry_id=int(str(row["id"])))
        assert found.subject.amount is not None
        assert abs(found.subject.amount.minor) == abs(int(str(row["amount_minor"])))
        assert total(found) == found.subject.amount.minor
        # Nothing is explained by itself.
        assert all(part.id != found.subject.id for part in found.parts), row
    assert len(rows) > 100


async def test_a_sale_is_explained_by_its_lines_and_shipping(books: Mixed) -> None:
    sale = await entry_of(books.kiln.id, "earning", "sale", "2110")

    found = await explain_entry(principal=SYSTEM, entry_id=sale)

    mugs, shipping = found.parts
    assert (mugs.kind, mugs.amount, shipping.kind, shipping.amount) == (
        "line", euros(29_97), "shipping", euros(4_00),
    )  # fmt: skip
    assert known(mugs)["quantity"] == "3"
    assert known(mugs)["unit price"] == "9.99 EUR"
    assert known(mugs)["tax rate"] == "19 %"
    assert known(mugs)["commission rate"] == "15 %"
    assert known(mugs)["commission rule"] == "of the marketplace, version 1"
    [posting] = found.subject.children
    assert known(posting)["kind"] == "earning"
    assert known(posting)["key"].startswith("earning:")


async def test_a_cent_that_waited_leads_to_charge_statement_payout_and_trace(
    books: Mixed,
) -> None:
    commission = await entry_of(books.kiln.id, "earning", "commission", "2110")

    found = await explain_entry(principal=SYSTEM, entry_id=commission)

    [capture] = found.came_from
    assert known(capture)["charge"].startswith("ch_")
    assert known(capture)["balance transaction"].startswith("txn_")
    [statement] = found.went_to
    [payout] = statement.children
    transfer, sent = payout.children
    assert (statement.title, payout.title) == ("Statement 1", "Payout, paid")
    assert transfer.title.startswith("Transfer tr_")
    assert known(sent)["trace"].startswith("TRACE")


async def test_what_matured_is_explained_by_what_waited(books: Mixed) -> None:
    matured = await entry_of(books.kiln.id, "matured", "maturity", "2120")

    found = await explain_entry(principal=SYSTEM, entry_id=matured)

    assert {part.title: part.amount for part in found.parts} == {
        "Earning, sale": euros(33_97),
        "Earning, commission": euros(-4_50),
        "Earning, commission vat": euros(-90),
        "Reserve held, reserve": euros(-2_86),
        "Refund, sale": euros(-9_99),
        "Refund, commission": euros(1_50),
        "Refund, commission vat": euros(30),
    }


async def test_a_payout_is_explained_by_its_statement(books: Mixed) -> None:
    reserved = await entry_of(books.kiln.id, "payout_reserved", "payout", "2120")

    found = await explain_entry(principal=SYSTEM, entry_id=reserved)

    assert found.subject.amount == euros(-17_52)
    assert [part.title for part in found.parts] == ["Opening of statement 1", "Matured, maturity"]
    [payout] = found.went_to
    assert payout.id is not None
    whole = await explain_payout(principal=SYSTEM, payout_id=UUID(payout.id))
    assert whole.subject.amount == euros(17_52)
    own = await explain_payout(principal=member(books.kiln.id), payout_id=UUID(payout.id))
    assert own.parts == whole.parts
    assert all("by" not in known(node) for node in own.went_to)
    steps = [node.title for node in whole.went_to if node.kind == "step"]
    assert steps == ["Draft", "Approved", "Reserved", "Transferred", "Sent", "Paid"]


async def test_a_refund_is_explained_with_its_reason_and_rate(books: Mixed) -> None:
    refunded = await entry_of(books.kiln.id, "refund", "commission", "2120")

    found = await explain_entry(principal=SYSTEM, entry_id=refunded)

    [part] = found.parts
    assert part.amount == euros(1_50)
    assert known(part)["commission rate"] == "15 %"
    assert known(part)["reason"] == "=cmd|' /C calc'!A0"


async def test_a_penalty_is_explained_by_who_proposed_and_agreed_and_why(books: Mixed) -> None:
    penalty = await entry_of(books.kiln.id, "adjustment", "penalty", "2120")

    found = await explain_entry(principal=SYSTEM, entry_id=penalty)
    mine = await explain_entry(principal=member(books.kiln.id), entry_id=penalty)

    [adjustment] = found.came_from
    assert known(adjustment)["note"] == "Late three times"
    assert known(adjustment)["proposed by"] != known(adjustment)["decided by"]
    assert known(mine.came_from[0]) == {"kind": "penalty", "note": "Late three times"}


async def test_a_balance_is_all_its_entries_page_by_page(books: Mixed) -> None:
    seen: list[int] = []
    before = None
    while True:
        page = await explain_balance(
            principal=SYSTEM, vendor_id=books.kiln.id, account_code="2110", currency="EUR",
            before=before, limit=4,
        )  # fmt: skip
        assert page.explanation.subject.amount is not None
        assert total(page.explanation) == page.explanation.subject.amount.minor
        if before is None:
            assert page.explanation.subject.amount == page.balance
        seen += page.entry_ids
        before = page.next_before
        if before is None:
            break

    own = [row for row in await entries() if row["vendor_id"] == books.kiln.id]
    assert seen == [row["id"] for row in reversed(own) if row["code"] == "2110"]


async def test_an_order_says_what_each_vendor_has_of_it(books: Mixed) -> None:
    found = await explain_order(principal=SYSTEM, number="M-100001")
    mine = await explain_order(principal=member(books.kiln.id), number="M-100001")

    assert len(found.parts) == 2
    for part in found.parts:
        assert part.amount is not None
        assert part.amount.minor == sum(
            entry.amount.minor for entry in part.children if entry.amount is not None
        )
    [own] = mine.parts
    assert own in found.parts
    assert own.amount == euros(33_97 - 5_40 - 2 * (9_99 - 1_80))
    assert (len(found.came_from), len(mine.came_from)) == (1, 0)
    assert "customer pays" in known(found.subject)
    assert known(mine.subject).keys() == {"placed"}


async def test_a_vendor_explains_its_own_entries_and_no_others(books: Mixed) -> None:
    me = member(books.kiln.id)

    for row in await entries():
        entry_id = int(str(row["id"]))
        if row["vendor_id"] != books.kiln.id:
            with pytest.raises(NotFound):
                await explain_entry(principal=me, entry_id=entry_id)
            continue
        mine = await explain_entry(principal=me, entry_id=entry_id)
        told = await explain_entry(principal=SYSTEM, entry_id=entry_id)
        assert mine.subject == told.subject
        assert not mine.other_books
        nodes = [*every(mine.came_from), *every(mine.parts), *every(mine.went_to)]
        labels = {label for node in nodes for label in known(node)}
        assert not labels & {"charge", "charge id", "intent", "proposed by", "decided by"}
        assert all(node.kind != "capture" for node in nodes)
        if row["kind"] in ("earning", "matured", "payout_reserved"):
            assert [part.amount for part in mine.parts] == [part.amount for part in told.parts]


async def test_what_is_not_there_or_somebody_elses_is_not_found(books: Mixed) -> None:
    other = member(books.etoile.id)
    async with transaction(SYSTEM, read_only=True) as connection:
        payout_id = await connection.fetchval(
            "SELECT id FROM payout WHERE vendor_id = $1 LIMIT 1", books.kiln.id
        )

    for attempt in (
        explain_entry(principal=SYSTEM, entry_id=10**9),
        explain_payout(principal=other, payout_id=payout_id),
        explain_payout(principal=SYSTEM, payout_id=new_id(NOON)),
        explain_order(principal=other, number="M-100001"),
        explain_order(principal=SYSTEM, number="M-0"),
        explain_balance(
            principal=other, vendor_id=books.kiln.id, account_code="2110", currency="EUR"
        ),
        explain_balance(
            principal=SYSTEM, vendor_id=books.kiln.id, account_code="2110", currency="USD"
        ),
    ):
        with pytest.raises(NotFound):
            await attempt
    with pytest.raises(Forbidden):
        await explain_order(principal=staff(StaffRole.SUPPORT), number="M-100001")
