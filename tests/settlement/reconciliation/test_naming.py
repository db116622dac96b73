"""Every kind of difference gets its own name from nothing but the lines of the books."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from random import Random

import pytest

from settlement.reconciliation.comparing import compare
from settlement.reconciliation.facts import Item, hash_of, pack, unpack
from tests.settlement.reconciliation.lines import (
    TODAY,
    booking,
    inputs,
    on_its_way,
    ours,
    payout,
    theirs,
)

SOLD = [ours("capture", 100_00), ours("provider_fee", 0, 3_20, number=2)]
CHARGED = theirs("charge", 100_00, 3_20)
TRANSFER = [
    ours("transfer", -50_00, key="tr_1"), ours("transfer", 50_00, key="tr_1", account="acct_1"),
]  # fmt: skip
TRANSFERRED = [
    theirs("transfer", -50_00, key="tr_1"), theirs("payment", 50_00, key="tr_1", account="acct_1"),
]  # fmt: skip
AGREED = {
    "a sale and its fee": [*SOLD, CHARGED],
    "a transfer in both accounts": [*TRANSFER, *TRANSFERRED],
    "a charge and its part given back at once": [
        ours("capture", 60_00),
        theirs("charge", 100_00),
        theirs("partial_capture_reversal", -40_00),
    ],
    "a dispute lost and won": [
        ours("dispute", -50_00, 15_00, key="du_1"),
        ours("dispute_won", 50_00, key="du_1"),
        theirs("adjustment", -50_00, 15_00, key="du_1"),
        theirs("adjustment", 50_00, key="du_1", number=2),
    ],
    "a payout that was cancelled there before we knew": [
        theirs("payout", -9_00, key="po_9", account="acct_1"),
        theirs("payout_cancel", 9_00, key="po_9", account="acct_1"),
    ],
    "a posting and its reversal": [ours("capture", 9_00), ours("adjustment", -9_00)],
    "what a person has corrected net": [
        *SOLD, ours("suspense", -1_20, number=3), theirs("charge", 99_00, 3_40),
    ],
    "a fee of the provider's own": [
        ours("provider_fee", 0, 7_00, key="txn_7"), theirs("stripe_fee", -7_00, key="txn_7"),
    ],
}  # fmt: skip
NAMED: dict[str, tuple[str, Sequence[Item]]] = {
    "young and not there yet": ("T1", [ours("capture", 100_00, ago=1)]),
    "a sale we did not hear of": ("M1", [CHARGED]),
    "a fee we did not hear of": ("M1", [SOLD[0], CHARGED]),
    "a transfer nobody booked": ("M1", TRANSFERRED),
    "a dispute nobody booked": (
        "M1", [theirs("adjustment", -9_00, 15_00, key="du_1", category="dispute")],
    ),
    "won, and we did not hear": (
        "M1",
        [
            ours("dispute", -50_00, 15_00, key="du_1"),
            theirs("adjustment", -50_00, 15_00, key="du_1"),
            theirs("adjustment", 50_00, key="du_1", number=2),
        ],
    ),
    "booked and never done": ("M2", TRANSFER),
    "booked once more than done": (
        "M2", [*SOLD, CHARGED, ours("refund_returned", 7_00, ago=5, number=3)],
    ),
    "another amount": ("A1", [*SOLD, theirs("charge", 90_00, 3_20)]),
    "another amount, and a fee that hides it": ("A1", [*SOLD, theirs("charge", 99_00, 2_20)]),
    "several amounts, and fees that hide them": (
        "A1", [*SOLD, theirs("charge", 60_00, 2_00), theirs("charge", 38_00, -80, number=2)],
    ),
    "another fee": ("A2", [*SOLD, theirs("charge", 100_00, 3_50)]),
    "settled in another currency": (
        "A3", [*SOLD, theirs("charge", 108_50, 3_50, currency="USD", rate="1.085")],
    ),
    "another currency": ("C1", [*SOLD, theirs("charge", 100_00, 3_20, currency="USD")]),
    "charged twice for one order": (
        "D1", [theirs("charge", 100_00, 3_20, key="ch_2", rival="ch_1")],
    ),
    "refunded twice": (
        "D1",
        [
            ours("refund", -20_00, key="refund:1"),
            theirs("refund", -20_00, key="refund:1"),
            theirs("refund", -20_00, key="refund:1", number=2),
        ],
    ),
    "booked twice": ("D3", [*SOLD, ours("capture", 100_00, number=9), CHARGED]),
    "the fee booked twice": ("D3", [*SOLD, ours("provider_fee", 0, 3_20, number=9), CHARGED]),
    "failed there, fine here": (
        "S1",
        [
            ours("refund", -20_00, key="refund:1"),
            theirs("refund", -20_00, key="refund:1"),
            theirs("refund_failure", 20_00, key="refund:1"),
        ],
    ),
    "held back": (
        "R1",
        [
            theirs("reserve_transaction", -9_00, key="txn_1"),
            theirs("reserve_transaction", 9_00, key="txn_1", account="reserved"),
        ],
    ),
    "nothing we know": ("X1", [theirs("contribution", -1_00, key="txn_1")]),
}  # fmt: skip


@pytest.mark.parametrize("items", AGREED.values(), ids=AGREED.keys())
def test_what_agrees_is_matched_and_no_difference(items: Sequence[Item]) -> None:
    results = compare(inputs(items))

    assert results.findings == []
    assert sorted(item for match in results.matches for item in match.items) == sorted(
        item.item for item in items
    )


@pytest.mark.parametrize(("code", "items"), NAMED.values(), ids=NAMED.keys())
def test_a_difference_has_one_name(code: str, items: Sequence[Item]) -> None:
    results = compare(inputs(items))

    assert [finding.code for finding in results.findings] == [code]
    assert results.matches == []


@pytest.mark.parametrize(
    ("code", "items", "days"),
    [
        ("T2", [on_its_way(40_00)], 1),
        ("M3", [on_its_way(40_00)], 11),
        ("U1", [booking(12_34, "GIFT")], 1),
        ("U1", [on_its_way(40_00), booking(40_00, "CREDIT")], 1),
    ],
    ids=["due and not there", "lost", "unknown money", "money that may be ours"],
)
def test_the_bank_may_be_late_or_know_more(code: str, items: Sequence[Item], days: int) -> None:
    [finding] = compare(inputs(items, payouts=[payout(40_00, arrived_ago=days)])).findings

    assert finding.code == code


def test_what_is_not_due_yet_is_no_difference() -> None:
    results = compare(inputs([on_its_way(40_00)], payouts=[payout(40_00, arrived_ago=-2)]))

    assert results.findings == []


def test_a_difference_of_a_closed_month_belongs_to_it() -> None:
    results = compare(inputs([CHARGED], closed_through=TODAY))

    assert [finding.code for finding in results.findings] == ["P1"]


def test_a_payout_that_went_on_without_us_is_another_state() -> None:
    ahead = payout(40_00, "po_7")
    back = payout(5_00, "po_8", status="failed")

    [finding, failed] = compare(inputs([], statuses=[ahead, back])).findings

    assert (finding.code, finding.amount_minor, finding.key) == ("S1", -40_00, "po_7")
    assert failed.amount_minor == 5_00


def test_the_order_of_the_lines_changes_nothing() -> None:
    items = [
        item for number, (_, lines) in enumerate(NAMED.values()) for item in _apart(lines, number)
    ]
    shuffled = items.copy()
    Random(7).shuffle(shuffled)

    assert hash_of(compare(inputs(items))) == hash_of(compare(inputs(shuffled)))


def test_kept_inputs_are_the_inputs() -> None:
    asked = inputs([*SOLD, CHARGED], payouts=[payout(1)], closed_through=date(2026, 2, 28))

    data, _ = pack(asked)

    assert pack(unpack(data)) == pack(asked)
    assert hash_of(compare(unpack(data))) == hash_of(compare(asked))


def _apart(items: Sequence[Item], number: int) -> list[Item]:
    """The same lines about another thing."""
    return [
        replace(item, key=f"{item.key}#{number}", item=f"{item.item}#{number}") for item in items
    ]
