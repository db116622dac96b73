"""People get their seats: a vendor with its first member, further members, the staff."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import available_timezones

from marketplace.accounts.addresses import email_address
from marketplace.accounts.errors import EmailTaken, VendorCodeTaken
from marketplace.accounts.models import StaffMembership, Vendor, VendorMember
from marketplace.accounts.passwords import hash_password
from marketplace.accounts.signing_in import normal_email
from marketplace.kit.errors import Forbidden, InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM, Kind, Principal, StaffRole, VendorRole
from marketplace.kit.transactions import connection, transaction


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is to sign in; the password as they will type it."""

    email: str
    name: str
    password: str = field(repr=False)


_NEW_USER = """
    INSERT INTO app_user (id, email, name, password_hash, created_at)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (email) DO NOTHING RETURNING id
"""
_NEW_VENDOR = """
    INSERT INTO vendor (id, code, name, email, country, time_zone, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (code) DO NOTHING RETURNING id
"""


async def create_vendor(
    *,
    code: str,
    name: str,
    email: str,
    country: str,
    time_zone: str,
    owner: Person,
    principal: Principal,
    now: datetime,
) -> Vendor:
    """A vendor and its owner. Refuses a taken code or e-mail, an unknown zone, and outsiders."""
    _only_the_marketplace(principal, "create vendors")
    if time_zone not in available_timezones():
        raise InvalidInput("time_zone", "unknown", "an IANA name, such as Europe/Lisbon")
    password_hash = await hash_password(owner.password)

    async with transaction(principal):
        vendor_id: UUID | None = await connection().fetchval(
            _NEW_VENDOR, new_id(now), code, name, normal_email(email), country, time_zone, now
        )
        if vendor_id is None:
            raise VendorCodeTaken(code)
        await _seat(vendor_id, owner, password_hash, VendorRole.OWNER, now)
        return await Vendor.get(id=vendor_id)


async def add_member(
    *, vendor_id: UUID, person: Person, role: VendorRole, principal: Principal, now: datetime
) -> VendorMember:
    """One more member of a vendor, added by its owner or by the marketplace."""
    is_owner = principal.vendor_id == vendor_id and VendorRole.OWNER in principal.roles
    if not is_owner:
        _only_the_marketplace(principal, "add members")
    password_hash = await hash_password(person.password)

    async with transaction(principal):
        return await _seat(vendor_id, person, password_hash, role, now)


async def create_staff(
    *, person: Person, roles: Collection[StaffRole], principal: Principal, now: datetime
) -> UUID:
    """One of the marketplace's own people; gives the user's id.

    Only the system or an administrator may.
    """
    if principal.kind is not Kind.SYSTEM and StaffRole.ADMINISTRATOR not in principal.roles:
        raise Forbidden("create staff")
    password_hash = await hash_password(person.password)

    async with transaction(principal):
        user_id = await _new_user(person, password_hash, now)
        await StaffMembership.bulk_create(
            [StaffMembership(id=new_id(now), user_id=user_id, role=role) for role in roles]
        )
        return user_id


def _only_the_marketplace(principal: Principal, action: str) -> None:
    if principal.kind not in (Kind.STAFF, Kind.SYSTEM):
        raise Forbidden(action)


async def staff_member(*, email: str) -> Principal:
    """Who this member of staff is, with its roles; for commands that act in somebody's name.

    NotFound where nobody of that address is staff.
    """
    async with transaction(SYSTEM, read_only=True):
        seats = await StaffMembership.filter(user__email=normal_email(email))
    if not seats:
        raise NotFound("member of staff")
    return Principal(Kind.STAFF, id=seats[0].user_id, roles=frozenset(seat.role for seat in seats))


async def _seat(
    vendor_id: UUID, person: Person, password_hash: str, role: VendorRole, now: datetime
) -> VendorMember:
    user_id = await _new_user(person, password_hash, now)
    return await VendorMember.create(
        id=new_id(now), user_id=user_id, vendor_id=vendor_id, role=role
    )


async def _new_user(person: Person, password_hash: str, now: datetime) -> UUID:
    email = normal_email(email_address(person.email))
    user_id: UUID | None = await connection().fetchval(
        _NEW_USER, new_id(now), email, person.name, password_hash, now
    )
    if user_id is None:
        raise EmailTaken(email)
    return user_id
