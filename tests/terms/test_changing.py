"""Terms are agreed from now on, version by version; each field says what it takes."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from marketplace.kit.errors import Forbidden, InvalidInput, NotFound
from marketplace.kit.principal import SYSTEM, Kind, Principal, StaffRole
from marketplace.kit.transactions import transaction
from settlement.terms import changing, reading
from settlement.terms.models import PayoutPolicy, Schedule, SettlementTerms
from tests.conftest import Database
from tests.payouts.money import NOW, make_vendor, make_vendors, staff
from tests.payouts.terms import agree, agreed

pytestmark = [pytest.mark.anyio]


async def test_a_vendor_without_terms_of_its_own_has_everybodys(db: None) -> None:
    vendor = await make_vendor()
    await agree(None, at=NOW, maturity_days=5)

    before = await reading.terms_of(vendor.id, NOW - timedelta(seconds=1), principal=SYSTEM)
    after = await reading.terms_of(vendor.id, NOW, principal=SYSTEM)

    assert (before.version, before.maturity_days) == (1, 10)
    assert (after.version, after.maturity_days, after.vendor_id) == (2, 5, None)


async def test_its_own_come_first_and_the_newest_of_those_that_hold(db: None) -> None:
    mine, theirs = await make_vendors(2)
    await agree(mine, at=NOW, maturity_days=5)
    await agree(mine, at=NOW + timedelta(days=1), maturity_days=3)
    await agree(theirs, at=NOW, maturity_days=1)
    await agree(None, at=NOW + timedelta(days=2), maturity_days=7)

    found = [
        (await reading.terms_of(mine, NOW + timedelta(days=days), principal=SYSTEM)).maturity_days
        for days in (0, 1, 2)
    ]

    assert found == [5, 3, 3]
    kept = await reading.versions(principal=SYSTEM, vendor_id=mine)
    assert [terms.version for terms in kept] == [2, 1]


async def test_terms_agreed_ahead_hold_from_their_day(db: None) -> None:
    vendor = await make_vendor()
    await changing.change(
        principal=staff(StaffRole.ACCOUNTANT), vendor_id=vendor.id, agreed=agreed(maturity_days=2),
        note=" From next week ", now=NOW, valid_from=NOW + timedelta(days=7),
    )  # fmt: skip

    today = await reading.terms_of(vendor.id, NOW, principal=SYSTEM)
    next_week = await reading.terms_of(vendor.id, NOW + timedelta(days=7), principal=SYSTEM)

    assert today.vendor_id is None
    assert (next_week.maturity_days, next_week.note) == (2, "From next week")


@pytest.mark.parametrize(
    ("different", "field"),
    [
        ({"maturity_days": -1}, "maturity_days"),
        ({"maturity_days": 366}, "maturity_days"),
        ({"undelivered_days": 0}, "undelivered_days"),
        ({"reserve_bps": 10_001}, "reserve_bps"),
        ({"reserve_days": 731}, "reserve_days"),
        ({"bank_cooling_days": 91}, "bank_cooling_days"),
        ({"schedule_days": []}, "schedule_days"),
        ({"schedule_days": [8]}, "schedule_days"),
        ({"schedule": Schedule.MONTH_DAYS, "schedule_days": [32]}, "schedule_days"),
        ({"schedule": Schedule.DAILY, "schedule_days": [1]}, "schedule_days"),
        ({"schedule": Schedule.ON_DEMAND, "schedule_days": [1]}, "schedule_days"),
        ({"minimums": {"XXX": 1}}, "minimums"),
        ({"minimums": {"EUR": -1}}, "minimums"),
    ],
)
async def test_what_is_out_of_range_is_named(
    db: None, different: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await agree(None, at=NOW, **different)

    assert refused.value.name == field
    assert await SettlementTerms.all().count() == 1


async def test_a_change_says_why_and_lies_not_in_the_past(db: None) -> None:
    with pytest.raises(InvalidInput, match="note"):
        await changing.change(principal=SYSTEM, vendor_id=None, agreed=agreed(), note="  ", now=NOW)
    with pytest.raises(InvalidInput, match="in the past"):
        await changing.change(
            principal=SYSTEM, vendor_id=None, agreed=agreed(), note="Late", now=NOW,
            valid_from=NOW - timedelta(seconds=1),
        )  # fmt: skip


async def test_a_vendor_nobody_knows_has_no_terms(db: None) -> None:
    with pytest.raises(NotFound):
        await agree(uuid4())


@pytest.mark.parametrize(
    "principal",
    [
        staff(StaffRole.FINANCE_VIEWER),
        staff(StaffRole.APPROVER),
        Principal(Kind.VENDOR, uuid4(), uuid4(), frozenset({"owner"})),
    ],
    ids=["viewer", "approver", "vendor"],
)
async def test_others_change_no_terms(db: None, principal: Principal) -> None:
    with pytest.raises(Forbidden):
        await changing.change(
            principal=principal, vendor_id=None, agreed=agreed(), note="Mine", now=NOW
        )


async def test_two_changes_at_once_are_two_versions(committed_db: Database) -> None:
    made = await asyncio.gather(*(agree(None, at=NOW, maturity_days=days) for days in (1, 2, 3)))

    assert sorted(terms.version for terms in made) == [2, 3, 4]


async def test_a_vendor_reads_its_own_terms_and_everybodys(committed_db: Database) -> None:
    async with transaction(SYSTEM):
        mine, theirs = await make_vendors(2)
    await agree(theirs, maturity_days=1)
    me = Principal(Kind.VENDOR, uuid4(), mine, frozenset({"owner"}))

    assert (await reading.terms_of(mine, NOW, principal=me)).vendor_id is None
    assert await reading.versions(principal=me, vendor_id=theirs) == []
    assert await reading.policies(principal=me) == []


async def test_administrators_say_who_approves(db: None) -> None:
    await changing.change_policy(
        principal=staff(StaffRole.ADMINISTRATOR), currency="EUR", auto_approve_minor=5,
        second_approval_minor=5,
    )  # fmt: skip

    policy = await PayoutPolicy.get(currency="EUR")
    assert (policy.auto_approve_minor, policy.second_approval_minor) == (5, 5)
    assert len(await reading.policies(principal=SYSTEM)) == 23


@pytest.mark.parametrize(
    ("currency", "auto", "second", "field"),
    [
        ("XXX", 0, 0, "currency"),
        ("EUR", -1, 0, "auto_approve_minor"),
        ("EUR", 2, 1, "second_approval_minor"),
    ],
)
async def test_a_policy_that_makes_no_sense_is_refused(
    db: None, currency: str, auto: int, second: int, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await changing.change_policy(
            principal=SYSTEM, currency=currency, auto_approve_minor=auto,
            second_approval_minor=second,
        )  # fmt: skip

    assert refused.value.name == field


async def test_an_accountant_does_not_change_who_approves(db: None) -> None:
    with pytest.raises(Forbidden):
        await changing.change_policy(
            principal=staff(StaffRole.ACCOUNTANT), currency="EUR", auto_approve_minor=0,
            second_approval_minor=0,
        )  # fmt: skip
