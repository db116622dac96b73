"""Empty pages, what is in the way of a payout, and asking for one."""

from uuid import UUID

import httpx
import pytest

from marketplace.accounts.models import Vendor
from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.transactions import transaction
from settlement.payouts import freezing
from settlement.payouts.models import Payout
from settlement.terms.models import Schedule
from tests.factories import NOON
from tests.marketplace_web.conftest import ManualClock
from tests.payouts.money import connect, credit, staff
from tests.payouts.terms import agree
from tests.vendor_portal.desks import hidden_fields

pytestmark = pytest.mark.anyio

PAYOUTS = "/portal/payouts"


async def on_demand(vendor_id: UUID, minor: int, *, minimum: int = 0) -> None:
    """A vendor that is paid when it asks, with so much available."""
    async with transaction(SYSTEM):
        await agree(
            vendor_id, schedule=Schedule.ON_DEMAND, schedule_days=[], minimums={"EUR": minimum}
        )
        await connect([vendor_id])
        if minor:
            await credit([vendor_id], minor, currency="EUR", now=NOON)


async def payouts_of(vendor_id: UUID) -> list[Payout]:
    async with transaction(SYSTEM, read_only=True):
        return await Payout.filter(vendor_id=vendor_id)


async def test_a_new_vendor_reads_what_will_stand_there(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    for way, words in (
        ("balance", "Nothing earned yet"),
        ("payouts", "No payouts yet"),
        ("statements", "No statements yet"),
    ):
        assert words in (await mara.get(f"/portal/{way}")).text
    assert (await mara.get("/portal/payouts.csv")).text.count("\n") == 1


async def test_a_payout_that_is_asked_for_twice_is_made_once(
    mara: httpx.AsyncClient, mine: Vendor, clock: ManualClock
) -> None:
    await on_demand(mine.id, 50_00)
    balance = (await mara.get("/portal/balance")).text
    form = hidden_fields(await mara.get(PAYOUTS))

    answers = []
    for _ in range(2):
        answers.append(await mara.post(PAYOUTS, data=form))
        clock.passes(seconds=2)

    assert "You are paid when you ask. Today that would be" in balance
    assert [answer.status_code for answer in answers] == [303, 303]
    [payout] = await payouts_of(mine.id)
    assert payout.amount_minor == 50_00
    page = (await mara.get(PAYOUTS)).text
    assert "Your payout is asked for." in page
    assert "Being checked" in page


async def test_another_wish_while_one_is_under_way_is_refused_beside_the_button(
    mara: httpx.AsyncClient, mine: Vendor, clock: ManualClock
) -> None:
    await on_demand(mine.id, 50_00)
    await mara.post(PAYOUTS, data=hidden_fields(await mara.get(PAYOUTS)))
    clock.passes(minutes=5)

    again = await mara.post(PAYOUTS, data=hidden_fields(await mara.get(PAYOUTS)))

    assert again.status_code == 409
    assert "Your last payout has to arrive first." in again.text
    assert len(await payouts_of(mine.id)) == 1


@pytest.mark.parametrize(
    ("minor", "minimum", "words"),
    [
        (0, 0, "Nothing is available to pay out by then."),
        (5_00, 20_00, "It is less than the 20.00 EUR that we pay. It waits and adds up."),
        (-5_00, 0, "Your balance is below zero. Your next sales make up for it."),
    ],
)
async def test_a_wish_that_cannot_be_met_says_why(
    mara: httpx.AsyncClient, mine: Vendor, minor: int, minimum: int, words: str
) -> None:
    await on_demand(mine.id, minor, minimum=minimum)

    answer = await mara.post(PAYOUTS, data=hidden_fields(await mara.get(PAYOUTS)))

    assert answer.status_code == 409
    assert words in answer.text
    assert await payouts_of(mine.id) == []


async def test_who_is_paid_on_fixed_days_has_nothing_to_ask_for(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    async with transaction(SYSTEM):
        await credit([mine.id], 50_00, currency="EUR", now=NOON)
    page = await mara.get(PAYOUTS)

    answer = await mara.post(PAYOUTS, data=hidden_fields(page))

    assert "Ask for a payout" not in page.text
    assert answer.status_code == 409
    assert "You are paid on fixed days" in answer.text
    assert await payouts_of(mine.id) == []


async def test_frozen_payouts_are_said_kindly_and_not_why(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    await on_demand(mine.id, 50_00)
    await freezing.freeze(
        principal=staff(StaffRole.ACCOUNTANT), vendor_id=mine.id, reason="Smells of fraud",
        now=NOON,
    )  # fmt: skip

    balance = await mara.get("/portal/balance")
    answer = await mara.post(PAYOUTS, data=hidden_fields(await mara.get(PAYOUTS)))

    assert answer.status_code == 409
    for page in (balance.text, answer.text):
        assert "We have paused your payouts while we check something." in page
        assert "fraud" not in page


async def test_without_an_account_the_way_to_one_is_shown(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    async with transaction(SYSTEM):
        await credit([mine.id], 50_00, currency="EUR", now=NOON)

    page = (await mara.get("/portal/balance")).text

    assert "We do not know your bank account yet." in page
    assert "Set up where you are paid" in page
