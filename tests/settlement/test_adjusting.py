"""Corrections by hand: one proposes, another approves, and each kind books one posting."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from marketplace.kit.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from settlement import chart
from settlement.adjustments import deciding, proposing, queries
from settlement.adjustments.errors import MoreThanThereIs, NeedsAnother
from settlement.adjustments.models import Adjustment, AdjustmentKind, AdjustmentState
from tests.factories import make_vendor
from tests.settlement.adjusted import adjust, booked, propose, put
from tests.settlement.books import posted
from tests.settlement.people import ACCOUNTANT, ADMINISTRATOR, APPROVER, SUPPORT, VIEWER
from tests.settlement.rows import NOW

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


SIMPLE = [
    (AdjustmentKind.PENALTY, {"2120": 500, "4310": -500}),
    (AdjustmentKind.GOODWILL, {"6410": 500, "2120": -500}),
    (AdjustmentKind.PROVIDER_FEE_RECHARGE, {"2120": 500, "6210": -500}),
    (AdjustmentKind.TAX_REMITTED, {"2210": 500, "1010": -500}),
    (AdjustmentKind.PROVIDER_RESERVE, {"1130": 500, "1120": -500}),
    (AdjustmentKind.CURRENCY_REVALUATION, {"4410": 500, "1900": -500}),
]


@pytest.mark.parametrize(("kind", "expected"), SIMPLE, ids=[kind for kind, _ in SIMPLE])
async def test_each_kind_books_its_posting(kind: AdjustmentKind, expected: dict[str, int]) -> None:
    vendor = {"vendor_id": (await make_vendor()).id} if kind in proposing.OF_VENDOR else {}
    reference = {"reference": "TAX-1"} if kind in proposing.BY_BANK else {}

    assert await adjust(kind, amount_minor=500, **vendor, **reference) == expected


async def test_what_is_proposed_is_not_booked_until_somebody_else_approves() -> None:
    vendor = await make_vendor()
    mine = await propose(
        AdjustmentKind.PENALTY, by=ADMINISTRATOR, vendor_id=vendor.id, amount_minor=5_00
    )

    with pytest.raises(NeedsAnother):
        await deciding.approve(principal=ADMINISTRATOR, adjustment_id=mine, now=NOW)
    for stranger in (ACCOUNTANT, VIEWER, SUPPORT):
        with pytest.raises(Forbidden):
            await deciding.approve(principal=stranger, adjustment_id=mine, now=NOW)
    assert await posted() == {}

    await deciding.approve(principal=APPROVER, adjustment_id=mine, now=NOW)
    with pytest.raises(IllegalMove):
        await deciding.approve(principal=APPROVER, adjustment_id=mine, now=NOW)
    assert await booked(mine) == {"2120": 500, "4310": -500}
    found = await queries.find(principal=VIEWER, adjustment_id=mine)
    assert (found.state, found.decided_at) == (AdjustmentState.POSTED, NOW)


async def test_what_is_rejected_books_nothing_for_good() -> None:
    vendor = await make_vendor()
    theirs = await propose(AdjustmentKind.PENALTY, vendor_id=vendor.id, amount_minor=5_00)
    mine = await propose(AdjustmentKind.PENALTY, vendor_id=vendor.id, amount_minor=6_00)

    await deciding.reject(principal=APPROVER, adjustment_id=theirs, reason="Wrong one", now=NOW)
    await deciding.reject(principal=ACCOUNTANT, adjustment_id=mine, reason="My error", now=NOW)
    with pytest.raises(IllegalMove):
        await deciding.approve(principal=APPROVER, adjustment_id=theirs, now=NOW)
    with pytest.raises(InvalidInput):
        await deciding.reject(principal=APPROVER, adjustment_id=mine, reason=" ", now=NOW)
    with pytest.raises(Forbidden):
        await deciding.reject(principal=VIEWER, adjustment_id=mine, reason="No", now=NOW)

    assert await posted() == {}
    assert {row.state for row in await Adjustment.all()} == {AdjustmentState.REJECTED}


async def test_one_key_proposes_once() -> None:
    vendor = await make_vendor()
    asked: dict[str, Any] = {
        "principal": ACCOUNTANT, "kind": AdjustmentKind.GOODWILL, "vendor_id": vendor.id,
        "currency": "USD", "amount_minor": 3_00, "note": "Sorry", "key": "k", "now": NOW,
    }  # fmt: skip

    assert await proposing.propose(**asked) == await proposing.propose(**asked)

    assert await Adjustment.all().count() == 1


async def test_what_does_not_belong_to_a_kind_is_refused() -> None:
    vendor_id = (await make_vendor()).id
    wrong: list[tuple[AdjustmentKind, dict[str, Any]]] = [
        (AdjustmentKind.PENALTY, {"amount_minor": 1}),
        (AdjustmentKind.PENALTY, {"amount_minor": 0, "vendor_id": vendor_id}),
        (AdjustmentKind.PENALTY, {"amount_minor": -1, "vendor_id": vendor_id}),
        (AdjustmentKind.PENALTY, {"amount_minor": 1, "vendor_id": vendor_id, "currency": "XXX"}),
        (AdjustmentKind.PENALTY, {"amount_minor": 1, "vendor_id": vendor_id, "account": "1010"}),
        (AdjustmentKind.PROVIDER_RESERVE, {"amount_minor": 1, "vendor_id": vendor_id}),
        (AdjustmentKind.TAX_REMITTED, {"amount_minor": 1}),
        (AdjustmentKind.SUSPENSE_CLEARED, {"amount_minor": 1, "account": "2010"}),
        (AdjustmentKind.CURRENCY_EXCHANGE, {"amount_minor": 1}),
        (AdjustmentKind.CURRENCY_EXCHANGE,
         {"amount_minor": 1, "currency_to": "USD", "amount_to_minor": 1}),
        (AdjustmentKind.PROVIDER_RESERVE,
         {"amount_minor": 1, "effective_date": NOW.date() + timedelta(days=1)}),
    ]  # fmt: skip
    for kind, what in wrong:
        with pytest.raises(InvalidInput):
            await propose(kind, **what)
    with pytest.raises(NotFound):
        await propose(AdjustmentKind.PENALTY, amount_minor=1, vendor_id=uuid4())
    with pytest.raises(Forbidden):
        await propose(AdjustmentKind.PENALTY, by=APPROVER, amount_minor=1, vendor_id=vendor_id)
    assert not await Adjustment.exists()


async def test_a_vendor_who_owes_becomes_a_debtor_and_is_written_off_and_no_further() -> None:
    vendor = await make_vendor()
    await adjust(AdjustmentKind.PENALTY, vendor_id=vendor.id, amount_minor=12_00)
    with pytest.raises(MoreThanThereIs) as refusal:
        await propose(AdjustmentKind.VENDOR_RECEIVABLE, vendor_id=vendor.id, amount_minor=12_01)
    assert refusal.value.left.minor == 12_00

    moved = await adjust(AdjustmentKind.VENDOR_RECEIVABLE, vendor_id=vendor.id, amount_minor=12_00)

    assert moved == {"1310": 12_00, "2120": -12_00}
    with pytest.raises(MoreThanThereIs):
        await propose(AdjustmentKind.WRITE_OFF, vendor_id=vendor.id, amount_minor=12_01)
    lost = await adjust(AdjustmentKind.WRITE_OFF, vendor_id=vendor.id, amount_minor=12_00)
    assert lost == {"6320": 12_00, "1310": -12_00}


async def test_what_the_books_no_longer_have_is_not_booked_when_it_is_approved() -> None:
    vendor = await make_vendor()
    await adjust(AdjustmentKind.PENALTY, vendor_id=vendor.id, amount_minor=12_00)
    first, second = [
        await propose(AdjustmentKind.VENDOR_RECEIVABLE, vendor_id=vendor.id, amount_minor=12_00)
        for _ in range(2)
    ]
    await deciding.approve(principal=APPROVER, adjustment_id=first, now=NOW)

    with pytest.raises(MoreThanThereIs):
        await deciding.approve(principal=APPROVER, adjustment_id=second, now=NOW)


async def test_a_change_of_currency_is_zero_in_each_and_leaves_the_position() -> None:
    sold = await adjust(
        AdjustmentKind.CURRENCY_EXCHANGE, currency="EUR", amount_minor=100_00, currency_to="USD",
        amount_to_minor=108_50,
    )  # fmt: skip
    bought = await adjust(
        AdjustmentKind.CURRENCY_EXCHANGE, amount_minor=93_08, currency_to="EUR",
        amount_to_minor=85_00,
    )  # fmt: skip
    lost = await adjust(AdjustmentKind.CURRENCY_REVALUATION, amount_minor=93)
    gained = await adjust(AdjustmentKind.CURRENCY_REVALUATION, amount_minor=-10)

    assert sold == {"1900 EUR": 100_00, "1120 EUR": -100_00, "1120": 108_50, "1900": -108_50}
    assert bought == {"1900": 93_08, "1120": -93_08, "1120 EUR": 85_00, "1900 EUR": -85_00}
    assert (lost, gained) == ({"4410": 93, "1900": -93}, {"4410": -10, "1900": 10})


async def test_suspense_is_cleared_by_no_more_than_lies_in_it() -> None:
    await put(chart.SUSPENSE, 40_00)
    for wrong in (40_01, -1):
        with pytest.raises(MoreThanThereIs):
            await propose(AdjustmentKind.SUSPENSE_CLEARED, amount_minor=wrong, account="6210")

    assert await adjust(AdjustmentKind.SUSPENSE_CLEARED, amount_minor=40_00, account="6210") == {
        "6210": 40_00, "1990": -40_00,
    }  # fmt: skip


async def test_what_the_provider_never_held_back_is_not_released() -> None:
    await adjust(AdjustmentKind.PROVIDER_RESERVE, amount_minor=10_00)
    with pytest.raises(MoreThanThereIs):
        await propose(AdjustmentKind.PROVIDER_RESERVE_RELEASED, amount_minor=10_01)

    released = await adjust(AdjustmentKind.PROVIDER_RESERVE_RELEASED, amount_minor=10_00)

    assert released == {"1120": 10_00, "1130": -10_00}
