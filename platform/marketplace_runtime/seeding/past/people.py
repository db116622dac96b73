"""Who acted in the demo's past: its vendors' owners and its staff, by name."""

from dataclasses import dataclass
from uuid import UUID

from marketplace.accounts import members
from marketplace.accounts.models import VendorMember
from marketplace.kit.principal import SYSTEM, Kind, Principal, VendorRole
from marketplace.kit.transactions import transaction
from marketplace_runtime.seeding import demo


@dataclass(frozen=True, slots=True)
class People:
    """`owners` by their vendor's id, `vendors` by code, `staff` by role."""

    owners: dict[UUID, Principal]
    vendors: dict[str, UUID]
    staff: dict[str, Principal]


async def meet() -> People:
    async with transaction(SYSTEM, read_only=True):
        seats = await VendorMember.filter(role=VendorRole.OWNER).prefetch_related("vendor")
    owners = {
        seat.vendor.id: Principal(
            Kind.VENDOR,
            id=seat.user_id,
            vendor_id=seat.vendor.id,
            roles=frozenset({VendorRole.OWNER}),
        )
        for seat in seats
    }
    staff = {role: await members.staff_member(email=email) for _, email, role in demo.STAFF}
    return People(owners, {seat.vendor.code: seat.vendor.id for seat in seats}, staff)
