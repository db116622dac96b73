"""What the words of a booking at the bank name, and what they do not."""

import pytest

from settlement.reconciliation.comparing import compare
from settlement.reconciliation.facts import Item
from tests.settlement.reconciliation.lines import (
    booking,
    inputs,
    on_its_way,
    payout,
)


@pytest.mark.parametrize(
    "lines",
    [
        [booking(40_00, "Stripe PO_1")],
        [booking(40_00, "TRACE TR ACE9")],
        [booking(15_00, "po_1 a", number=1), booking(25_00, "po_1 b", number=2)],
    ],
    ids=["by its id", "by its trace", "in two bookings"],
)
def test_a_booking_that_names_a_payout_is_that_payout(lines: list[Item]) -> None:
    results = compare(inputs([on_its_way(40_00), *lines], payouts=[payout(40_00, trace="TRACE9")]))

    assert results.findings == []
    [link] = results.links
    assert (link.lines, link.payouts) == ([line.item for line in lines], ["po_1"])


@pytest.mark.parametrize(
    ("words", "trace"),
    [("GIFT OF 1234567 TO", "23456"), ("INVOICE 91234567", "1234567"), ("po_11", None)],
    ids=["too short", "inside a number", "another's id"],
)
def test_a_name_inside_other_words_names_nothing(words: str, trace: str | None) -> None:
    items = [on_its_way(40_00), booking(40_00, words)]

    results = compare(inputs(items, payouts=[payout(40_00, trace=trace)]))

    assert results.links == []


def test_one_booking_may_name_several_payouts() -> None:
    items = [on_its_way(40_00), on_its_way(2_00, "po_2"), booking(42_00, "po_1 po_2")]

    results = compare(inputs(items, payouts=[payout(40_00), payout(2_00, "po_2")]))

    assert results.findings == []
    assert [list(link.payouts) for link in results.links] == [["po_1", "po_2"]]


def test_a_booking_that_names_an_arrived_payout_is_there_twice() -> None:
    items = [
        on_its_way(40_00), booking(40_00, "po_1", number=1), booking(40_00, "po_1", number=2),
    ]  # fmt: skip

    results = compare(inputs(items, payouts=[payout(40_00)]))

    assert [(one.code, one.items) for one in results.findings] == [("D2", ["bank:2"])]
    assert len(results.links) == 1


def test_an_amount_and_a_day_suggest_and_do_not_decide() -> None:
    items = [on_its_way(40_00), on_its_way(2_00, "po_2"), booking(42_00, "SAMMLER")]

    results = compare(inputs(items, payouts=[payout(40_00), payout(2_00, "po_2")]))

    assert [(one.code, one.suggestion) for one in results.findings] == [("U1", "po_1,po_2")]
    assert results.links == []
