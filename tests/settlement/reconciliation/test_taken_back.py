"""What a bank takes back goes with the booking that it reverses, and with no other."""

from collections.abc import Sequence

import pytest

from settlement.reconciliation import comparing, importing
from settlement.reconciliation.facts import Item
from settlement.reconciliation.outcomes import Results
from tests.payments.world import OVER_HTTP
from tests.settlement.people import ACCOUNTANT
from tests.settlement.reconciliation import happenings
from tests.settlement.reconciliation.desk import IBAN, Desk
from tests.settlement.reconciliation.lines import booking, inputs, on_its_way, payout

BACK = booking(-40_00, "GIFT", number=9, ago=1, reversal=True)
BALANCE = "SELECT closing_minor FROM bank_statement ORDER BY id DESC LIMIT 1"
HELD = """
    SELECT account.code, sum(entry.amount_minor)::bigint AS minor FROM ledger_entry entry
    JOIN ledger_account account ON account.id = entry.account_id
    WHERE account.code IN ('1010', '1160') GROUP BY 1 HAVING sum(entry.amount_minor) <> 0
"""


def compared(*items: Item, arrivals: Sequence[Item] = ()) -> Results:
    return comparing.compare(inputs(items, arrivals=arrivals, payouts=[payout(40_00)]))


@pytest.mark.parametrize(
    ("lines", "taken_back"),
    [
        ([booking(40_00, "GIFT")], "bank:1"),
        ([booking(40_00, "other words")], "bank:1"),
        ([booking(40_00, "GIFT"), booking(40_00, "RENT", number=2)], "bank:1"),
        ([booking(40_00, "GIFT"), booking(40_00, "GIFT", number=2, ago=2)], "bank:2"),
        ([booking(40_00, "GIFT", repeated=True), booking(40_00, "GIFT", number=2)], "bank:1"),
    ],
)
def test_a_reversal_and_the_booking_it_reverses_come_to_nothing(
    lines: list[Item], taken_back: str
) -> None:
    found = compared(*lines, BACK)

    [match] = found.matches
    assert (match.rule, list(match.items)) == ("reversed", [taken_back, "bank:9"])
    assert len(found.findings) == len(lines) - 1


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [booking(41_00, "GIFT")],
        [booking(-40_00, "GIFT")],
        [booking(40_00, "GIFT", ago=0)],  # later
        [booking(40_00, "GIFT", ago=60)],  # too long ago
        [booking(40_00, "RENT"), booking(40_00, "SALT", number=2)],  # which?
    ],
)
def test_a_reversal_of_nobody_knows_what_is_unknown_money(lines: list[Item]) -> None:
    found = compared(*lines, BACK)

    assert found.matches == []
    [named] = [one for one in found.findings if one.items == ["bank:9"]]
    assert (named.code, named.detail) == ("U1", "Unknown money: taken back by the bank, GIFT")


def test_a_payout_whose_booking_was_taken_back_is_still_on_its_way() -> None:
    came, back = booking(40_00, "STRIPE po_1"), booking(-40_00, "R po_1", number=2, reversal=True)

    found = compared(on_its_way(40_00), came, back)

    assert found.links == []
    assert [match.rule for match in found.matches] == ["reversed"]
    assert [(one.code, one.key) for one in found.findings] == [("T2", "transit:po_1")]


def test_a_reversal_that_names_nothing_does_not_undo_a_payouts_arrival() -> None:
    came, back = booking(40_00, "STRIPE po_1"), booking(-40_00, "RETURN", number=2, reversal=True)

    found = compared(on_its_way(40_00), came, back)

    assert [link.lines for link in found.links] == [["bank:1"]]
    assert [one.code for one in found.findings] == ["U1"]


def test_an_arrival_that_was_booked_is_taken_back_and_is_not_there_twice() -> None:
    arrived = booking(40_00, "STRIPE po_1", of="po_1")
    back = booking(-40_00, "R po_1", number=2, ago=1, reversal=True)
    other = booking(40_00, "STRIPE po_2", number=3, of="po_2")

    found = compared(back, arrivals=[arrived, other])
    unclear = compared(
        booking(-40_00, "R", number=2, ago=1, reversal=True), arrivals=[arrived, other]
    )

    [link] = found.links
    assert (link.lines, link.payouts, link.takes_back) == (["bank:2"], ["po_1"], "bank:1")
    assert found.findings == []
    assert unclear.links == []
    assert [one.code for one in unclear.findings] == ["U1"]


@pytest.mark.anyio
@OVER_HTTP[1]
async def test_a_payout_that_the_bank_gave_back_is_waited_for_again_until_it_comes(
    desk: Desk,
) -> None:
    await happenings.settled_sale(desk)
    await desk.world.sandbox.door("balance/mature")
    payout_id = (await desk.platform_payout()).id
    await desk.pass_days(4)
    await desk.statement()
    await desk.reconcile()
    assert await held(desk) == {"1010": 40_00}

    await from_the_bank(desk, "RC", payout_id)
    await desk.reconcile()
    assert await held(desk) == {"1160": 40_00}
    [waiting] = await desk.reconcile()
    await from_the_bank(desk, "C", payout_id)
    await desk.reconcile()

    assert (waiting.code, waiting.amount.minor) == ("T2", -40_00)
    assert await held(desk) == {"1010": 40_00}
    assert await desk.reconcile() == []
    assert all(proof.is_proven for proof in await desk.proofs())
    assert await desk.violations() == ""


async def held(desk: Desk) -> dict[str, int]:
    return {row["code"]: row["minor"] for row in await desk.world.rows(HELD)}


async def from_the_bank(desk: Desk, mark: str, payout_id: str) -> None:
    """A booking of 40.00 today, as MT940, a while after the last."""
    await desk.world.pass_time(minutes=1)
    day, opening = f"{desk.world.now:%y%m%d}", await desk.world.value(BALANCE)
    closing = opening + (40_00 if mark == "C" else -40_00)
    said = (
        f":20:X\n:25:{IBAN}\n:28C:{mark}\n:60F:C{day}EUR{written(opening)}\n"
        f":61:{day}{day[2:]}{mark}40,00NMSCNONREF\n:86:{payout_id}\n"
        f":62F:C{day}EUR{written(closing)}\n"
    )
    await importing.import_bank_file(
        principal=ACCOUNTANT, bank_account_id=desk.bank_id, data=said.encode(), filename="mt940",
        now=desk.world.now,
    )  # fmt: skip


def written(minor: int) -> str:
    return f"{minor // 100},{minor % 100:02}"
