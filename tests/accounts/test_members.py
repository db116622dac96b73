from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from marketplace.accounts import members
from marketplace.accounts.errors import EmailTaken, VendorCodeTaken
from marketplace.accounts.members import Person
from marketplace.accounts.models import StaffMembership, User, Vendor, VendorMember
from marketplace.kit.errors import Forbidden, InvalidInput
from marketplace.kit.principal import SYSTEM, Kind, Principal, StaffRole, VendorRole

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def person(email: str = "ada@example.org", password: str = "correct horse") -> Person:
    return Person(email=email, name="Ada", password=password)


def member_of(vendor_id: UUID, role: VendorRole) -> Principal:
    return Principal(Kind.VENDOR, uuid4(), vendor_id, frozenset({role}))


async def make_vendor(
    *,
    code: str = "nord",
    owner: Person | None = None,
    time_zone: str = "Europe/Oslo",
    principal: Principal = SYSTEM,
) -> Vendor:
    return await members.create_vendor(
        code=code,
        name="Atelier Nord",
        email="Orders@Nord.example",
        country="NO",
        time_zone=time_zone,
        owner=owner or person(),
        principal=principal,
        now=NOW,
    )


async def test_a_vendor_is_created_with_its_owner() -> None:
    vendor = await make_vendor(owner=person(" Ada@Example.org "))

    owner = await VendorMember.get(vendor_id=vendor.id).select_related("user")
    assert vendor.email == "orders@nord.example"
    assert (owner.role, owner.user.email) == (VendorRole.OWNER, "ada@example.org")
    assert owner.user.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_a_code_or_an_address_that_is_taken_leaves_nothing_behind() -> None:
    await make_vendor()

    with pytest.raises(VendorCodeTaken, match="nord"):
        await make_vendor(owner=person("other@example.org"))
    with pytest.raises(EmailTaken, match=r"ada@example\.org"):
        await make_vendor(code="sud", owner=person("ADA@example.org"))

    assert await Vendor.all().count() == 1
    assert await User.all().count() == 1


@pytest.mark.parametrize(
    ("owner", "time_zone"),
    [
        (person(password="1234567"), "Europe/Oslo"),
        (person(password="x" * 1025), "Europe/Oslo"),
        (person("not an address"), "Europe/Oslo"),
        (person(), "Europe/Atlantis"),
    ],
)
async def test_what_cannot_work_is_refused(owner: Person, time_zone: str) -> None:
    with pytest.raises(InvalidInput):
        await make_vendor(owner=owner, time_zone=time_zone)

    assert await Vendor.all().count() == 0


async def test_an_owner_adds_members_to_their_own_vendor_only() -> None:
    mine = await make_vendor()
    theirs = await make_vendor(code="sud", owner=person("sud@example.org"))
    owner = member_of(mine.id, VendorRole.OWNER)

    added = await members.add_member(
        vendor_id=mine.id,
        person=person("packer@example.org"),
        role=VendorRole.FULFILMENT,
        principal=owner,
        now=NOW,
    )
    with pytest.raises(Forbidden):
        await members.add_member(
            vendor_id=theirs.id,
            person=person("spy@example.org"),
            role=VendorRole.OWNER,
            principal=owner,
            now=NOW,
        )

    assert added.role is VendorRole.FULFILMENT
    assert await VendorMember.filter(vendor_id=theirs.id).count() == 1


async def test_a_packer_adds_nobody_and_creates_no_vendor() -> None:
    vendor = await make_vendor()
    packer = member_of(vendor.id, VendorRole.FULFILMENT)

    with pytest.raises(Forbidden):
        await members.add_member(
            vendor_id=vendor.id,
            person=person("friend@example.org"),
            role=VendorRole.OWNER,
            principal=packer,
            now=NOW,
        )
    with pytest.raises(Forbidden):
        await make_vendor(code="sud", owner=person("sud@example.org"), principal=packer)


async def test_only_an_administrator_makes_staff() -> None:
    support = Principal(Kind.STAFF, uuid4(), None, frozenset({StaffRole.SUPPORT}))
    administrator = Principal(Kind.STAFF, uuid4(), None, frozenset({StaffRole.ADMINISTRATOR}))
    roles = [StaffRole.OPERATIONS, StaffRole.SUPPORT]

    with pytest.raises(Forbidden):
        await members.create_staff(person=person(), roles=roles, principal=support, now=NOW)
    user_id = await members.create_staff(
        person=person(), roles=roles, principal=administrator, now=NOW
    )

    assert await StaffMembership.filter(user_id=user_id).count() == 2
