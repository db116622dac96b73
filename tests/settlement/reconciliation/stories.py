"""One difference each: how it comes about, its name, and how it is settled."""

from dataclasses import dataclass

from tests.settlement.reconciliation.happenings import (
    Act,
    a_dashboard_charge,
    a_fee_of_its_own,
    a_fee_unheard,
    a_payout_that_arrived_unheard,
    a_refund_that_failed_unheard,
    a_sale_nobody_made,
    a_sale_on_its_way,
    another_amount,
    another_fee,
    another_gross,
    booked_twice,
    charged_twice,
    held_back,
    in_dollars,
    it_arrives,
    nothing_we_know,
    of_a_closed_month,
    payout_with,
    transferred_twice,
    unknown_money,
)
from tests.settlement.reconciliation.settlings import (
    as_currency,
    as_customer_money,
    as_fee,
    hear_the_anew,
    into_suspense,
    it_comes_by_hand,
    nothing,
    nothing_to_it,
    reverse_the_first,
)


@dataclass(frozen=True)
class Story:
    """`settles_itself`: the run does what is needed, and the break has ended with it.

    `is_forged`: a hand in the database changed other rows too, which nobody puts right.
    """

    code: str
    comes: Act
    goes: Act
    settles_itself: bool = False
    is_forged: bool = False


STORIES = {
    "T1 a sale is not in the provider's book yet": Story("T1", a_sale_on_its_way, it_arrives),
    "M1 the fee was never heard of": Story("M1", a_fee_unheard, hear_the_anew),
    "M1 somebody charged in the dashboard": Story("M1", a_dashboard_charge, into_suspense),
    "M1 the provider took a fee of its own": Story("M1", a_fee_of_its_own, nothing, True),
    "M2 the provider knows nothing of a sale": Story(
        "M2", a_sale_nobody_made, reverse_the_first, is_forged=True
    ),
    "M3 the bank never had a payout": Story(
        "M3", payout_with("bank_line_missing", days=13), it_comes_by_hand
    ),
    "A1 another amount": Story("A1", another_amount, as_customer_money, is_forged=True),
    "A1 another amount, hidden by the fee": Story(
        "A1", another_gross, nothing_to_it, is_forged=True
    ),
    "A2 another fee": Story("A2", another_fee(2_00), as_fee, is_forged=True),
    "A2 another fee, within tolerance": Story("A2", another_fee(3), nothing, True, True),
    "A3 exchanged": Story("A3", in_dollars("1.085"), as_currency, is_forged=True),
    "C1 another currency": Story("C1", in_dollars(None), as_currency, is_forged=True),
    "D1 charged twice": Story("D1", charged_twice, into_suspense),
    "D1 transferred twice": Story("D1", transferred_twice, into_suspense, is_forged=True),
    "D2 a booking is there twice": Story(
        "D2", payout_with("bank_line_doubled", days=5), into_suspense
    ),
    "D3 booked twice": Story("D3", booked_twice, reverse_the_first, is_forged=True),
    "S1 a refund failed unheard": Story("S1", a_refund_that_failed_unheard, hear_the_anew),
    "S1 a payout arrived unheard": Story(
        "S1", a_payout_that_arrived_unheard, hear_the_anew, is_forged=True
    ),
    "R1 money is held back": Story("R1", held_back, nothing, True),
    "T2 the bank takes its time": Story(
        "T2", payout_with("bank_line_missing", days=5), it_comes_by_hand
    ),
    "X1 nothing we have a place for": Story("X1", nothing_we_know, into_suspense, is_forged=True),
    "U1 unknown money": Story("U1", unknown_money, into_suspense),
    "P1 a fee of a closed month": Story("P1", of_a_closed_month, nothing, True),
}
